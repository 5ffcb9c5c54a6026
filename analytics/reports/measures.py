"""Figures that a report and the scorecard tell alike: what each is made of, and of how many offers it is."""

from dataclasses import dataclass
from typing import Any

from analytics.reports.figures import Figures, divided


@dataclass(frozen=True, slots=True)
class Share:
    """The part, less what speaks against it, of the whole."""

    part: str
    whole: str
    less: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.part, self.whole, self.less)))

    @property
    def count(self) -> str:
        """The name of the figure that says of how many it is."""
        return self.whole

    def of(self, found: Figures) -> float | None:
        return divided(found[self.part] - (found[self.less] if self.less else 0), found[self.whole])


@dataclass(frozen=True, slots=True)
class Statistic:
    """A median or mean that is read as such, of so many."""

    name: str
    count: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.name, self.count)

    def of(self, found: Figures) -> float | None:
        value: Any = found[self.name]
        return None if value is None else float(value)


Measure = Share | Statistic
