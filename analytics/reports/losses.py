"""Why offers are lost: themes, and where one theme is heard more often than elsewhere."""

from analytics.reports.acceptance import DECIDED
from analytics.reports.figures import count, divided
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import POPULATION, Counting, Frame
from analytics.reports.measures import Share
from analytics.statistics import fisher_many, q_values

LOSSES = {
    "losses": "count(*)",
    "captured": count("f.captured"),
    "asked": count("f.theme <> ''"),
}
LOST = Counting(LOSSES, "f.decided_on", "f.lost")
CAPTURE_RATE = Share("captured", "losses")
FALSE_DISCOVERIES = 0.05


def declines(frame: Frame) -> Found:
    total = frame.total(LOST.figures, event=LOST.event, where=LOST.where)
    pairs = frame.pairs({"count": "count(*)"}, second="f.theme", event="f.decided_on", where="f.lost AND f.theme <> ''")
    of: dict[str, int] = {}
    for (value, _), found in pairs.items():
        of[value] = of.get(value, 0) + found["count"]
    rows = []
    for (value, theme), found in pairs.items():
        parts = {"dim": value, "theme": theme} if frame.by else {}
        key = f"{value} / {theme}" if frame.by else theme
        rows.append(row(key, of[value], {**parts, "count": found["count"], "share": found["count"] / of[value]}))
    figures = {
        "losses": total["losses"],
        "captured": total["captured"],
        "capture_rate": CAPTURE_RATE.of(total),
        "asked_rate": divided(total["asked"], total["losses"]),
    }
    return Found({"n": total["losses"], **figures}, rows)


def decline_lift(frame: Frame) -> Found:
    """Each value of the dimension against all others, theme by theme; by nothing there is nothing to compare."""
    lost = "f.status IN ('declined', 'expired', 'withdrawn') AND f.theme <> ''"
    figures = {"offers": "count(*)"}
    excluded = frame.total(figures, event="f.decided_on", where="f.answered AND f.answer_contradicts")["offers"]
    theme = f"CASE WHEN {lost} THEN f.theme ELSE '' END"
    pairs = frame.pairs(figures, second=theme, event="f.decided_on", where=DECIDED)
    everything = pairs
    if frame.by in POPULATION:
        everything = frame.alone().pairs(figures, second=theme, event="f.decided_on", where=DECIDED)
    decided = sum(each["offers"] for each in everything.values())
    losses = sum(each["offers"] for (_, said), each in everything.items() if said)
    found = Found({"n": decided, "decided": decided, "losses": losses}, excluded=excluded)
    if not frame.by:
        return found
    counts = {pair: each["offers"] for pair, each in pairs.items()}
    found.rows = _cells(counts, minimum=frame.minimum)
    return found


def _cells(counts: dict[tuple[str, str], int], *, minimum: int) -> list[Row]:
    """A row for each value and theme; the tests, and their correction, are over those that will be shown."""
    everything = sum(counts.values())
    of_value: dict[str, int] = {}
    of_theme: dict[str, int] = {}
    for (value, theme), offers in counts.items():
        of_value[value] = of_value.get(value, 0) + offers
        of_theme[theme] = of_theme.get(theme, 0) + offers
    rows = []
    for value, here_n in of_value.items():
        for theme in of_theme:
            if theme:
                here = counts.get((value, theme), 0)
                cell = _cell(here, here_n, of_theme[theme] - here, everything - here_n)
                rows.append(row(f"{value} / {theme}", here_n, {"dim": value, "theme": theme, **cell}))
    shown = [each for each in rows if each["n"] >= minimum]
    for theme in filter(None, of_theme):
        cells = [each for each in shown if each["theme"] == theme]
        if cells:
            places = ([each["here"] for each in cells], [each["here_n"] for each in cells])
            for each, p in zip(cells, fisher_many(*places, of_theme[theme], everything), strict=True):
                each["p_value"] = float(p)
    for each, q in zip(shown, q_values([each["p_value"] for each in shown]), strict=True):
        each["q_value"] = q
        each["flagged"] = q < FALSE_DISCOVERIES and _more(each)
    return rows


def _cell(here: int, here_n: int, elsewhere: int, elsewhere_n: int) -> Row:
    rate, other = divided(here, here_n), divided(elsewhere, elsewhere_n)
    return {
        "here_n": here_n,
        "here": here,
        "rate_here": rate,
        "elsewhere_n": elsewhere_n,
        "elsewhere": elsewhere,
        "rate_elsewhere": other,
        "lift": rate / other if rate is not None and other else None,
        "p_value": None,
        "q_value": None,
        "flagged": False,
    }


def _more(cell: Row) -> bool:
    """Heard here more often than elsewhere, where it may never have been heard at all."""
    return cell["lift"] > 1 if cell["lift"] is not None else bool(cell["here"] and cell["elsewhere_n"])
