"""The documents say what the code does."""

import re
from pathlib import Path

from offers import lifecycle

ROOT = Path(__file__).resolve().parent.parent


def test_the_readmes_table_is_the_life_of_an_offer():
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    told = {status: (means, re.findall(r"(\w+)(?::[^,]*)?", actions)) for status, means, actions in rows}
    for status in lifecycle.Status:
        means, actions = told[status]
        assert means == lifecycle.MEANING[status]
        assert [action for action in actions if action in lifecycle.ACTIONS] == [
            move.action for move in lifecycle.moves(status)
        ]


def test_every_document_that_the_readme_names_exists():
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [name for name in linked if not (ROOT / name).exists()] == []
