"""What a report finds before it is shown: suppression and order are the same for all."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(slots=True)
class Found:
    """`total` has "n" and figures; a row also its "key". `excluded` counts records left out for their instants.

    `open_rows` are shown however small: each is one case without a name, or a figure that no person is behind.
    """

    total: Row
    rows: list[Row] = field(default_factory=list)
    excluded: int = 0
    open_rows: bool = False


def row(key: str, n: int, figures: Row) -> Row:
    return {"key": key, "n": n, **{name: value for name, value in figures.items() if name != "n"}}
