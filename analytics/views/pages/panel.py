"""What a page is made of: a panel is a report, cut one way, with its chart and the columns of its table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Panel:
    """`by` is a dimension, or "" for what the reader chose. `figures` head the panel, `columns` make the table,
    `series` the chart: "line", "bar", "across" (bars that lie), "stacked", "mixed" (bars and a line) or "" for none."""

    report: str
    title: str
    by: str
    figures: tuple[str, ...]
    columns: tuple[str, ...]
    series: tuple[str, ...] = ()
    chart: str = ""
    lede: str = ""
    labels: tuple[tuple[str, str], ...] = ()  # of figures that are called something else here
    name: str = ""  # where a page shows the same report by the same dimension twice

    @property
    def id(self) -> str:
        return self.name or f"{self.report}-{self.by or 'chosen'}"


CHOSEN = ""


@dataclass(frozen=True, slots=True)
class InsightPageOf:
    """A page: its address, its title, what it answers, its panels. `chooses`: what it is cut by at first, where the
    reader picks a dimension."""

    slug: str
    title: str
    lede: str
    panels: tuple[Panel, ...]
    chooses: str = ""
    tab: str = ""  # what its tab says, where that is shorter than the title
