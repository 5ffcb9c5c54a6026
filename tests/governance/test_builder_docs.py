"""What docs/policy.md says of policies is what the code reads."""

import json
import re
from pathlib import Path

from governance.policy_schema import CONDITIONS, validate

TEXT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")


def test_the_table_of_conditions_is_the_vocabulary() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", TEXT, re.M)
    told = {test: (words, needs, may_have) for test, words, needs, may_have in rows}
    assert told == {
        test: (kind.words, ", ".join(kind.needs) or "-", ", ".join(kind.may_have) or "-")
        for test, kind in CONDITIONS.items()
    }


def test_the_example_may_be_published() -> None:
    example = "\n".join(line[4:] for line in TEXT.splitlines() if line.startswith("    "))
    assert validate(json.loads(example)) == []
