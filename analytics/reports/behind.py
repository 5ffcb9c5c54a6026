"""The offers behind a figure: those that its report counted, of one key or of all."""

from dataclasses import dataclass

from analytics.reports.acceptance import DECIDED
from analytics.reports.advice import ADVISED, GIVEN_ON
from analytics.reports.frame import FACTS, OWN, PEOPLE, TIMES, Frame
from analytics.reports.people import JOINED, STAYED_OR_LEFT
from analytics.reports.timing import BUCKET, COUNTED, FILLED, TIMED
from analytics.reports.work import COUNTERS, STEPS
from governance.models import User


@dataclass(frozen=True, slots=True)
class Counted:
    """Which facts a report counts, and the day by which it does."""

    event: str
    where: str
    source: str = FACTS


COUNTED_BY: dict[str, Counted] = {
    "acceptance": Counted("f.decided_on", DECIDED),
    "time_to_offer": Counted("f.written_on", TIMED),
    "time_to_fill": Counted("f.decided_on", FILLED),
    "sla": Counted("f.sla_due_on", COUNTED.format(due="sla_due_at")),
    "declines": Counted("f.decided_on", "f.lost"),
    "decline_lift": Counted("f.decided_on", DECIDED),
    "delay_curve": Counted("f.decided_on", f"f.answered AND {TIMED}"),
    "approvals": Counted("f.decided_on", "f.decided_on IS NOT NULL", STEPS),
    "overrides": Counted("f.verbal_on", "f.verbal_at IS NOT NULL"),
    "advice": Counted(GIVEN_ON, "true", ADVISED),
    "counters": Counted("f.countered_on", "true", COUNTERS),
    "attrition": Counted("f.joined_on", STAYED_OR_LEFT),
    "quality": Counted("f.joined_on", JOINED),
    "pay_position": Counted("f.judged_on", "f.judged_on IS NOT NULL"),
    "volume": Counted("f.decided_on", "f.accepted"),
    "cost_per_hire": Counted("f.joined_on", JOINED),
}
BY_PERSON = Counted("f.said_on", "f.user_id IS NOT NULL", STEPS)
SAID = """f.offer_id IN (SELECT o.offer_id FROM analytics_offerfact o
    WHERE o.client_id = %(client)s AND o.theme = %(theme)s AND o.lost)"""


def offers_behind(frame: Frame, report: str, *, key: str | None, theme: str = "") -> list[int]:
    """Ids of the offers, the newest event first. `key` is a row's key, or None for the total; a bucket is one too."""
    counted = BY_PERSON if frame.by == "person" else COUNTED_BY[report]
    conditions = [frame.population(frame.by), frame.period(counted.event), f"({counted.where})"]
    if theme:
        conditions.append(SAID)
    if key is not None:
        conditions.append(key_condition(frame, counted, report))
    rows = frame.read(
        f"SELECT f.offer_id FROM {counted.source} WHERE f.client_id = %(client)s AND {' AND '.join(conditions)} "
        f"GROUP BY f.offer_id ORDER BY max({counted.event}) DESC NULLS LAST, f.offer_id DESC",
        key=key_value(frame, key), theme=theme,
    )  # fmt: skip
    return [row[0] for row in rows]


def key_condition(frame: Frame, counted: Counted, report: str) -> str:
    """SQL that holds for the facts of one key, which is the parameter %(key)s."""
    if report == "delay_curve" and not frame.by:
        return f"{BUCKET} = %(key)s"
    if not frame.by:
        return "true"
    if frame.by in TIMES:
        form = "YYYY-MM" if frame.by == "month" else 'YYYY-"Q"Q'
        return f"to_char({counted.event}, '{form}') = %(key)s"
    if frame.by in (*PEOPLE, "person"):
        return f"{frame.key_sql(counted.event)} IS NOT DISTINCT FROM %(key)s::bigint"
    return f"{OWN.get(frame.by) or frame.key_sql(counted.event)} = %(key)s"


def key_value(frame: Frame, key: str | None) -> object:
    """What the parameter has to be: people are found by their id."""
    if key is not None and frame.by in (*PEOPLE, "person"):
        return User.objects.filter(email=key).values_list("pk", flat=True).first()
    return key
