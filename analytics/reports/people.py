"""What became of those who joined: who left again, how they turned out, how satisfied they were."""

from analytics.reports.figures import Figure, Figures, average, count, values
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import Counting, Frame
from analytics.reports.measures import Measure, Share, Statistic
from analytics.statistics import Days, survival

DAYS = (30, 90, 180, 365)
JOINED = "f.joined_on < %(as_of)s AND NOT f.reneged"
STAYED_OR_LEFT = f"{JOINED} AND NOT f.planned_end"
AFTER = "f.joined_on <= %(ended)s::date - {days}"
LEFT = AFTER + " AND f.left_on - f.joined_on <= {days}"
ATTRITION: dict[str, Figure] = {
    "joined": "count(*)",
    **{f"joined_{days}": count(AFTER.format(days=days)) for days in DAYS},
    **{f"left_{days}": count(LEFT.format(days=days)) for days in DAYS},
    "voluntary_90": count(LEFT.format(days=90) + " AND f.left_voluntary"),
}
WORKED = Counting(ATTRITION, "f.joined_on", STAYED_OR_LEFT)
RATES = {days: Share(f"left_{days}", f"joined_{days}") for days in DAYS}
# Days seen at work, and whether they ended by leaving: nobody is followed for longer than a year.
LONGEST = max(DAYS) + 1
GONE = "f.left_on <= %(ended)s AND f.left_on - f.joined_on <= " + str(max(DAYS))
SEEN = (
    f"least({LONGEST}, CASE WHEN {GONE} THEN f.left_on ELSE %(ended)s::date END - f.joined_on) * 2 "
    f"+ CASE WHEN {GONE} THEN 1 ELSE 0 END"
)


def attrition(frame: Frame) -> Found:
    total, by_key = frame.both({**ATTRITION, "seen": values(SEEN)}, event="f.joined_on", where=STAYED_OR_LEFT)
    rows = [row(key, found["joined_30"], _attrition(found)) for key, found in by_key.items()]
    return Found({"n": total["joined_30"], **_attrition(total)}, rows)


def seen_at_work(frame: Frame) -> tuple[Days, Days]:
    """After how many days each of those who left did, and for how many the others have been seen to stay."""
    found = frame.total({"seen": values(SEEN)}, event="f.joined_on", where=STAYED_OR_LEFT)
    return _told_apart(found["seen"])


def _told_apart(seen: Days) -> tuple[Days, Days]:
    return seen[seen % 2 == 1] // 2, seen[seen % 2 == 0] // 2


def _attrition(found: Figures) -> Row:
    rates = {f"rate_{days}": rate.of(found) for days, rate in RATES.items()}
    counts = {name: found[name] for name in ATTRITION}
    return {**counts, **rates, "survival": survival(*_told_apart(found["seen"]), DAYS)}


RETAINED = "CASE WHEN f.left_on - f.joined_on <= 180 THEN 0 ELSE 100 END"
# On the day itself it is still open whether the target is met.
PRODUCTIVE = """CASE WHEN f.productive_on <= f.productive_target_on THEN 100
    WHEN f.productive_on > f.productive_target_on OR f.productive_target_on < %(ended)s THEN 0 END"""
PARTS = f"(1 + (f.manager_rating IS NOT NULL)::int + (({PRODUCTIVE}) IS NOT NULL)::int)"
JUDGED = f"f.joined_on <= %(ended)s::date - 180 AND (f.manager_rating IS NOT NULL OR ({PRODUCTIVE}) IS NOT NULL)"
SCORE = f"({RETAINED} + coalesce(f.manager_rating, 0) + coalesce({PRODUCTIVE}, 0))::float / {PARTS}"
QUALITY: dict[str, Figure] = {
    "n": "count(*)",
    "satisfaction_mean": average("f.satisfaction"),
    "answers": count("f.satisfaction IS NOT NULL"),
    "promoters": count("f.satisfaction >= 9"),
    "detractors": count("f.satisfaction <= 6"),
    "quality_of_hire_mean": average(SCORE, JUDGED),
    "judged": count(JUDGED),
    "time_to_productivity_days": average("f.productive_on - f.joined_on"),
    "productive": count("f.productive_on IS NOT NULL"),
}


HIRED = Counting(QUALITY, "f.joined_on", JOINED)
NPS = Share("promoters", "answers", less="detractors")
QUALITY_OF_HIRE = Statistic("quality_of_hire_mean", "judged")
MEASURES: dict[str, Measure] = {
    "satisfaction_mean": Statistic("satisfaction_mean", "answers"),
    "nps": NPS,
    "quality_of_hire_mean": QUALITY_OF_HIRE,
    "time_to_productivity_days": Statistic("time_to_productivity_days", "productive"),
}


def quality(frame: Frame) -> Found:
    ((total, by_key),) = frame.beside(HIRED)
    rows = [row(key, found["n"], _quality(frame, found)) for key, found in by_key.items()]
    return Found({"n": total["n"], **_quality(frame, total)}, rows)


def _quality(frame: Frame, found: Figures) -> Row:
    """A figure of fewer answers than the minimum would tell what somebody said: it is left out by itself."""
    return {name: each.of(found) if found[each.count] >= frame.minimum else None for name, each in MEASURES.items()}
