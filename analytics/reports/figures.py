"""What is counted, as SQL over facts: figures that add up over keys, and those that need every value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Figures = dict[str, Any]


FILTERED = " FILTER (WHERE "


def count(condition: str) -> str:
    return f"count(*){FILTERED}{condition})"


@dataclass(frozen=True, slots=True)
class Sampled:
    """A figure that needs every value: the values come as bytes, in one pass that several workers can share, where
    sorting them in the database would take one worker a pass for each key. `share` of a percentile, None for a mean."""

    value: str
    condition: str
    share: float | None

    @property
    def column(self) -> str:
        known = f"({self.condition}) AND ({self.value}) IS NOT NULL"
        return f"string_agg(float8send(({self.value})::float8), '') FILTER (WHERE {known})"

    def of(self, sample: bytes | None) -> Any:
        if not sample:
            return None
        values = np.frombuffer(sample, dtype=">f8").astype(np.float64)
        if self.share is None:
            return float(values.mean())
        low, part = divmod(self.share * (len(values) - 1), 1)
        first, last = int(low), min(int(low) + 1, len(values) - 1)
        placed = np.partition(values, (first, last))  # np.quantile takes ten times as long for each small key
        return float(placed[first] + (placed[last] - placed[first]) * part)


class Values(Sampled):
    """The values themselves, as whole numbers."""

    def of(self, sample: bytes | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.frombuffer(sample or b"", dtype=">f8").astype(np.int64)


Figure = str | Sampled  # SQL that adds up over keys, or a statistic of all values
Counted = tuple[tuple[Any, ...], dict[str, Any]]  # keys, and what was read by its SQL


def percentile(share: float, value: str, condition: str = "true") -> Sampled:
    """Interpolates linearly between the two nearest values."""
    return Sampled(value, condition, share)


def average(value: str, condition: str = "true") -> Sampled:
    return Sampled(value, condition, None)


def values(value: str) -> Sampled:
    return Values(value, "true", None)


def within(figure: Figure, condition: str) -> Figure:
    """The same figure of those facts alone for which the condition holds too."""
    if isinstance(figure, Sampled):
        return replace(figure, condition=f"({condition}) AND ({figure.condition})")
    aggregate, filtered, rest = figure.partition(FILTERED)
    return f"{aggregate}{FILTERED}({condition}) AND ({rest})" if filtered else f"{aggregate}{FILTERED}{condition})"


def column_of(figure: Figure) -> str:
    return figure.column if isinstance(figure, Sampled) else figure


def of_columns(figures: Mapping[str, Figure], columns: Mapping[str, Any]) -> Figures:
    """What was read, as figures; nothing was, where there are no columns."""
    return {
        name: figure.of(columns.get(figure.column)) if isinstance(figure, Sampled) else columns.get(figure, 0)
        for name, figure in figures.items()
    }


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The columns of several keys as those of all: numbers added, values put one after the other."""
    found: dict[str, Any] = {}
    for column in rows[0] if rows else ():
        values = [row[column] for row in rows if row[column] is not None]
        is_sample = bool(values) and isinstance(values[0], bytes)
        found[column] = b"".join(values) if is_sample else sum(values) if values else None
    return found


def divided(part: Any, whole: Any) -> float | None:
    """A ratio; None of nothing."""
    return float(part) / float(whole) if whole else None


def as_float(figures: Figures, *names: str) -> Figures:
    return {**figures, **{name: None if figures[name] is None else float(figures[name]) for name in names}}
