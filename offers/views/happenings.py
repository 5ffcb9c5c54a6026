"""What each table's events say, one reader a table: an event's row and the one before it make lines of the timeline."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.utils.dateparse import parse_datetime

from governance.access import Role
from offers.lifecycle import Status
from offers.models import Offer
from offers.models.advice import AdviceDecision
from offers.models.approvals import ApprovalStatus
from offers.models.clocks import Cause, ClockKind, PauseReason
from offers.models.events import Answer, CounterOutcome, Means, Origin, Theme
from offers.models.offer import ContingencyKind, ContingencyStatus
from offers.models.override import FoundBy, OverrideKind, OverrideStatus, Resolution, lower_first
from offers.models.version import TERM_FIELDS, Terms
from offers.presentation import STATUS_KIND, day_text

Row = dict[str, Any]
WORDS = {field.name: str(field.verbose_name) for field in Terms._meta.fields}


@dataclass(slots=True)
class Happening:
    """One line before it is put into words for a reader: when, what, and the context of its event."""

    at: datetime | None
    order: tuple[float, int, int]  # when it was recorded, the place of its table, the number of its event
    title: str
    icon: str
    kind: str = ""
    detail: str = ""
    person: int | None = None
    actor: int | None = None
    context: Row = field(default_factory=dict)
    day: date | None = None  # where only the day is known; `behind` is where on it the line stands
    behind: time = time.max


def _offer(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        if row["imported"]:
            yield from _imported(row, offer)
        else:
            yield _happened(row["created_at"], "Offer drafted", "file-text")
        return
    if row["status"] != before["status"]:
        title, icon = _MOVES.get(row["status"], (row["status"].replace("_", " ").capitalize(), "arrow-right"))
        yield _happened(row["moved_at"], title, icon, STATUS_KIND[row["status"]].replace("quiet", ""))
    elif row["left_on"] != before["left_on"] or row["left_reason"] != before["left_reason"]:
        if row["left_on"]:
            title = "Leaving corrected" if before["left_on"] else _left(row)
            last = day_text(date.fromisoformat(row["left_on"]))
            detail = f"{row['left_reason']}, last day {last}" if row["left_reason"] else f"Last day {last}"
            yield _happened(None, title, "undo-2", "warn", detail)
        else:
            yield _happened(None, "Leaving taken back: still there", "user-check", "ok")
    elif row["satisfaction"] != before["satisfaction"]:
        yield _happened(None, "Candidate's satisfaction recorded", "message-square-text", "info")
    elif any(row[name] != before[name] for name in ("recruiter_id", "coordinator_id", "hiring_manager_id", "priority")):
        yield _happened(None, "Assigned anew", "users")


_MOVES: dict[str, tuple[str, str]] = {
    Status.DRAFT: ("Back to draft", "undo-2"),
    Status.IN_REVIEW: ("Submitted for review", "list-checks"),
    Status.APPROVED: ("Approved: the letter can go out", "circle-check"),
    Status.EXTENDED: ("The written offer stands with the candidate", "mail"),
    Status.NEGOTIATING: ("Negotiating", "handshake"),
    Status.ACCEPTED: ("Accepted", "circle-check"),
    Status.JOINED: ("Joined", "user-check"),
    Status.DECLINED: ("Declined", "x"),
    Status.EXPIRED: ("Expired unanswered", "hourglass"),
    Status.WITHDRAWN: ("The candidate withdrew", "x"),
    Status.RENEGED: ("Reneged after accepting", "x"),
    Status.RESCINDED: ("Rescinded", "octagon-alert"),
    Status.CANCELLED: ("Cancelled", "x"),
}


def _imported(row: Row, offer: Offer) -> Iterator[Happening]:
    """An imported offer came with its instants: each is a line, read from the one event that brought it."""
    yield _happened(None, "Imported", "layers")
    basis = " (inferred)" if row["verbal_basis"] == "inferred" else ""
    for column, title, icon in (
        ("verbal_approved_at", f"Verbal approval{basis}", "message-square-text"),
        ("verbal_offer_at", "The candidate was told", "message-square-text"),
        ("written_at", "Letter sent", "mail"),
    ):
        if row[column]:
            yield _happened(row[column], title, icon, "info")
    if row["decided_at"]:
        status = Status.ACCEPTED if row["status"] in (Status.JOINED, Status.RENEGED) else row["status"]
        title, icon = _MOVES[status]
        yield _happened(row["decided_at"], title, icon, STATUS_KIND[status].replace("quiet", ""))
    yield from _imported_days(row, offer)


def _imported_days(row: Row, offer: Offer) -> Iterator[Happening]:
    """The first and the last day at work: days without an hour, which stand behind what happened on them."""
    if row["joined_on"] and row["status"] == Status.JOINED:
        title, icon = _MOVES[Status.JOINED]
        yield _on(row["joined_on"], time(23, 59), _happened(None, title, icon, "ok"))
    if row["left_on"]:
        why = row["left_reason"] or offer.left_words  # words that can be erased stand in the row alone
        yield _on(row["left_on"], time.max, _happened(None, _left(row), "undo-2", "warn", why))


def _left(row: Row) -> str:
    return "Let go" if row["left_voluntary"] is False else "Left"


def _on(day: str, behind: time, line: Happening) -> Happening:
    """The line, where only a day of the client's own calendar is known of it."""
    return replace(line, day=date.fromisoformat(day), behind=behind)


def _version(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        if row["number"] > 1:
            yield _happened(row["created_at"], f"Version {row['number']} prepared", "file-text")
        return
    changed = [name for name in TERM_FIELDS if row[name] != before[name]]
    if changed and not row["submitted_at"]:
        words = [WORDS[name] for name in changed]
        yield _happened(None, f"Terms of version {row['number']} changed", "settings-2", detail=", ".join(words))


def _approval(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    was = before["status"] if before else ""
    whom = row["title"] or (Role(row["role"]).label if row["role"] else "the person asked")
    if row["status"] == was:
        if before and row["person_id"] != before["person_id"]:
            yield _happened(None, f"Handed on, {whom}", "users", detail="to", person=row["person_id"])
        elif row["alarm"] and before and not before["alarm"]:
            yield _happened(None, f"Too few are there to decide for {whom}", "octagon-alert", "bad")
    elif row["status"] in _DECIDED:
        word, icon, kind = _DECIDED[row["status"]]
        yield _happened(row["decided_at"], f"{word}: {whom}", icon, kind, actor=row["decided_by"])


_DECIDED: dict[str, tuple[str, str, str]] = {
    ApprovalStatus.APPROVED: ("Approved", "circle-check", "ok"),
    ApprovalStatus.REJECTED: ("Rejected", "x", "bad"),
    ApprovalStatus.RETURNED: ("Sent back for changes", "undo-2", "warn"),
    ApprovalStatus.SKIPPED: ("Skipped", "arrow-right", "warn"),
}


def _letter(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before and row["expires_at"] != before["expires_at"]:
        yield _happened(None, "More time to answer", "calendar-days", detail=f"until {row['expires_at'][:10]}")


def _verbal_approval(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        detail = f"{Means(row['means']).label.lower()} with"
        yield _happened(
            row["approved_at"], "Verbal approval", "message-square-text", "info", detail, row["approved_by_id"]
        )
    elif row["confirmed_at"] and not before["confirmed_at"]:
        yield _happened(row["confirmed_at"], "Verbal approval confirmed", "circle-check", "ok")
    elif row["corrected_at"] and not before["corrected_at"]:
        yield _happened(row["corrected_at"], "Verbal approval corrected", "triangle-alert", "warn")


def _verbal_offer(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        answer = Answer(row["answer"]).label.lower()
        yield _happened(row["made_at"], "The candidate was told", "message-square-text", "info", f"answer: {answer}")


def _counter(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        yield _happened(row["countered_at"], "Counter-offer", "handshake", "warn", Origin(row["origin"]).label)
    elif row["outcome"] != before["outcome"] and row["outcome"] != CounterOutcome.OPEN:
        detail = "inside the guardrail" if row["inside_guardrail"] else ""
        yield _happened(
            row["answered_at"],
            f"Counter-offer: {CounterOutcome(row['outcome']).label.lower()}",
            "handshake",
            "",
            detail,
        )


def _loss(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if row["theme"] and (before is None or row["theme"] != before["theme"]):
        detail = ", ".join(part for part in (Theme(row["theme"]).label, row["reason"]) if part)
        yield _happened(row["recorded_at"], "Reason recorded", "clipboard-list", "", detail)


def _contingency(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before and row["status"] != before["status"]:
        status = ContingencyStatus(row["status"])
        kind = {"clear": "ok", "failed": "bad"}.get(status, "")
        yield _happened(None, f"{ContingencyKind(row['kind']).label}: {status.label.lower()}", "shield-check", kind)


def _escalation(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        kind = ClockKind(row["clock"]).label.lower()
        title = _ESCALATED[Cause(row["cause"])].format(hours=row["threshold_hours"], kind=kind)
        yield _happened(row["flagged_at"], title, "bell-ring", "bad", f"escalated to level {row['level']}")
    elif row["acknowledged_at"] and not before["acknowledged_at"]:
        yield _happened(row["acknowledged_at"], "Escalation acknowledged", "bell-ring", "info")


def _override(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    kind = OverrideKind(row["kind"]).label
    if before is None:
        how = lower_first(FoundBy(row["found_by"]).label)
        yield _happened(row["found_at"], f"Suspected override: {kind.lower()}", "triangle-alert", "warn", how)
    elif row["resolution"] and not before["resolution"]:
        title = f"Override {Resolution(row['resolution']).label.lower()}"
        yield _happened(row["resolved_at"], title, "circle-check", "ok", kind)
    elif row["status"] != before["status"] and row["status"] == OverrideStatus.CONFIRMED:
        yield _happened(row["confirmed_at"], "Override confirmed", "octagon-alert", "bad", kind)


def _advice(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None:
        title = "Challenged as too low: the letter waits" if row["holds_until"] else "Advice: too low to close"
        yield _happened(row["given_at"], title, "message-square-text", "warn")
    elif row["final_role"] and not before["final_role"]:
        yield _happened(row["passed_on_at"], "Challenge passed on to the final authority", "bell-ring", "warn")
    if row["decision"] and (before is None or row["decided_at"] != before["decided_at"]):
        title = f"Advice: {AdviceDecision(row['decision']).label.lower()}"
        yield _happened(row["decided_at"], title, "message-square-text", "info")


def _review(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    if before is None or any(row[name] != before[name] for name in row if not name.startswith("pgh_")):
        yield _happened(
            None, "Hire reviewed" if before is None else "Review of the hire corrected", "user-check", "info"
        )


_ESCALATED = {
    Cause.THRESHOLD: "{hours} h passed: {kind}",
    Cause.LAPSED: "Acknowledged, and still stuck past {hours} h: {kind}",
    Cause.JUMPED: "Critical hire at risk: senior sign-off asked",
}


def _clock(row: Row, before: Row | None, offer: Offer) -> Iterator[Happening]:
    """Pauses alone: what starts and stops a clock is a line of its own."""
    kind, was = ClockKind(row["kind"]).label.lower(), before["paused_at"] if before else None
    if row["paused_at"] and not was:
        why = PauseReason(row["pause_reason"]).label
        yield _happened(row["paused_at"], f"Clock paused: {kind}", "hourglass", "warn", why)
    elif was and not row["paused_at"] and not row["stopped_at"]:
        yield _happened(None, f"Clock runs on: {kind}", "hourglass", "info")


def _happened(
    at: str | None,
    title: str,
    icon: str,
    kind: str = "",
    detail: str = "",
    person: int | None = None,
    actor: int | None = None,
) -> Happening:
    # None: the event's own instant of recording stands in, in _happenings.
    return Happening(parse_datetime(at) if at else None, (0, 0, 0), title, icon, kind, detail, person, actor)


READ: dict[str, Callable[[Row, Row | None, Offer], Iterator[Happening]]] = {
    "offer": _offer,
    "offerversion": _version,
    "approval": _approval,
    "letter": _letter,
    "verbalapproval": _verbal_approval,
    "verbaloffer": _verbal_offer,
    "counteroffer": _counter,
    "loss": _loss,
    "contingency": _contingency,
    "escalation": _escalation,
    "override": _override,
    "advice": _advice,
    "clock": _clock,
    "hirereview": _review,
}
