"""Cases in which the provider advised on an offer, without names or amounts: what was decided, what became of it."""

from collections import Counter
from typing import Any

from analytics.pseudonyms import pseudonym
from analytics.reports.figures import divided
from analytics.reports.found import Found, Row, row
from analytics.reports.frame import Frame
from offers.lifecycle import LIVE
from offers.models.advice import AdviceDecision

GIVEN_ON = "(a.given_at AT TIME ZONE %(zone)s)::date"
ADVISED = """offers_advice a JOIN analytics_offerfact f ON f.client_id = a.client_id AND f.offer_id = a.offer_id"""
# Full-time base a year of the terms that were advised on.
OFFERED = """coalesce(v.annual, v.base * CASE v.pay_period WHEN 'year' THEN 1 WHEN 'month' THEN v.payments_a_year
    ELSE c.hours_divisor END)"""
# To the last letter that went out: after terms were adjusted, theirs.
SIGNED = "extract(epoch FROM f.decided_at - coalesce(l.extended_at, f.written_at))::float / 3600"
CASES = f"""SELECT a.offer_id, to_char({GIVEN_ON}, 'YYYY-"Q"Q'), a.decision, f.status, f.accepted,
    (a.recommended_base / nullif({OFFERED}, 0) - 1)::float,
    ((a.recommended_sign_on - v.sign_on) / nullif({OFFERED}, 0))::float,
    CASE WHEN f.accepted THEN {SIGNED} END
FROM {ADVISED}
JOIN offers_offer o ON o.client_id = f.client_id AND o.id = f.offer_id
JOIN governance_client c ON c.id = a.client_id
LEFT JOIN offers_offerversion v ON v.client_id = a.client_id AND v.id = a.version_id
LEFT JOIN offers_letter l ON l.client_id = o.client_id AND l.id = o.letter_id
WHERE a.client_id = %(client)s AND {{population}} AND {{period}} ORDER BY a.given_at, a.id"""
LOST = ("declined", "expired", "withdrawn")


def advice(frame: Frame) -> Found:
    """A row a piece of advice, however few they are: each is one case of the client's own, without a name.

    advised is the raise of base that was recommended, as a share of the base offered; the sign-on as one of it too.
    """
    found = frame.read(CASES.format(population=frame.population(""), period=frame.period(GIVEN_ON)))
    cases = [_case(frame, *each) for each in found]
    known = [case for case in cases if case["hours_to_signature"] is not None]
    signed = sum(each[4] for each in found)
    return Found(_total(cases), _told_apart(cases), signed - len(known), open_rows=True)


def _case(
    frame: Frame, offer: int, quarter: str, decision: str, status: str, accepted: bool, base: float | None,
    sign_on: float | None, hours: float | None,
) -> Row:  # fmt: skip
    figures = {
        "advised": base,
        "advised_sign_on": sign_on,
        "decision": decision or None,
        "outcome": "open" if status in LIVE else status,
        "hours_to_signature": hours if hours is not None and hours >= 0 else None,
    }
    return row(f"{quarter} {pseudonym(frame.client.pk, offer)}", 1, figures)


def _told_apart(cases: list[Row]) -> list[Row]:
    """The second piece of advice on an offer in a quarter, and any after it, gets a number of its own."""
    seen: Counter[str] = Counter()
    rows = []
    for case in cases:
        seen[case["key"]] += 1
        again = seen[case["key"]]
        rows.append({**case, "key": f"{case['key']}-{again}"} if again > 1 else case)
    return rows


def _total(cases: list[Row]) -> Row:
    """Counts by decision, and how many signed of those with an answer, by whether the advice was taken."""
    decisions = Counter(case["decision"] for case in cases)
    return {
        "n": len(cases),
        "cases": len(cases),
        **{decision: decisions[decision] for decision in AdviceDecision.values},
        "undecided": decisions[None],
        **_ended("taken", [case for case in cases if case["decision"] == AdviceDecision.ADJUSTED]),
        **_ended(
            "not_taken", [case for case in cases if case["decision"] not in (None, AdviceDecision.ADJUSTED.value)]
        ),
    }


def _ended(name: str, cases: list[Row]) -> dict[str, Any]:
    signed = sum(case["outcome"] in ("accepted", "joined", "reneged") for case in cases)
    lost = sum(case["outcome"] in LOST for case in cases)
    answered = signed + lost
    return {name: answered, f"{name}_signed": signed, f"{name}_sign_rate": divided(signed, answered)}
