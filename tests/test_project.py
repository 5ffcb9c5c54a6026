"""The project keeps its own rules."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.core.management import call_command
from packaging.requirements import Requirement

from config.celery import app as celery

ROOT = Path(__file__).resolve().parent.parent
# Each may import itself and what stands after it.
ARROW = ["config", "analytics", "offers", "governance"]
LOCKS = {"requirements.txt": ["embedded", "dev"], "deploy/requirements.txt": ["prod"]}


def modules(package: str) -> dict[str, Path]:
    """Every module of a package by its dotted name; a package counts under its own."""
    paths = (path.relative_to(ROOT) for path in (ROOT / package).rglob("*.py"))
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(name: str, path: Path) -> Iterator[str]:
    """The dotted names that a module imports, at the top or inside a function; `from a import b` gives a and a.b."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(part for part in (above, node.module) if part)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def test_nothing_imports_upward() -> None:
    upward = [
        f"{path} imports {imported}"
        for layer, package in enumerate(ARROW)
        for name, path in modules(package).items()
        for imported in imports(name, path)
        if imported.split(".")[0] in ARROW[:layer]
    ]
    assert upward == []


@pytest.mark.parametrize("package", ARROW)
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    known = modules(package)
    graph = {}
    for name, path in known.items():
        found = {imported for imported in imports(name, path) if imported in known}
        # `from a import b` with b a module needs b; that it also runs the package a is no circle of meaning.
        graph[name] = {one for one in found if not any(other.startswith(f"{one}.") for other in found)} - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_beat_calls_tasks_that_exist() -> None:
    celery.loader.import_default_modules()
    assert celery.conf.beat_schedule
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} <= set(celery.tasks)


def test_the_production_example_is_clean_under_djangos_deployment_checks() -> None:
    lines = (ROOT / "deploy" / "production.env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **example},
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_the_lock_is_a_pinned_version_or_a_hash(lock: str) -> None:
    """So that it says nothing of where a package was found."""
    pin, digest = r"[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+( ; [^\\\n]+)? \\", r"    --hash=sha256:[0-9a-f]{64}( \\)?"
    lines = (ROOT / lock).read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(f"{pin}|{digest}", line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_every_dependency_that_the_project_names(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in LOCKS[lock] for line in extras[extra])]
    pinned = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.M))
    stale = [text for text in wanted if not holds(Requirement(text), pinned)]
    assert stale == [], "run `make lock`"


def holds(requirement: Requirement, pinned: dict[str, str]) -> bool:
    version = pinned.get(requirement.name.lower())
    return version is not None and requirement.specifier.contains(version)
