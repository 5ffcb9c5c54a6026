"""The life of an offer as a table: status, action, target, guard. Pure.

The database's own state machine, the workflow, the buttons of the pages, the docs and the tests are all made from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    EXTENDED = "extended"
    NEGOTIATING = "negotiating"
    ACCEPTED = "accepted"
    JOINED = "joined"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RENEGED = "reneged"
    RESCINDED = "rescinded"
    CANCELLED = "cancelled"


LIVE = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.EXTENDED, Status.NEGOTIATING})
HOLDS_OPENING = LIVE | {Status.ACCEPTED, Status.JOINED}
ENDED_BY_CANDIDATE = frozenset({Status.DECLINED, Status.EXPIRED, Status.WITHDRAWN, Status.RENEGED})
ENDED_BY_EMPLOYER = frozenset({Status.RESCINDED, Status.CANCELLED})
ENDED = ENDED_BY_CANDIDATE | ENDED_BY_EMPLOYER

MEANING: dict[Status, str] = {
    Status.DRAFT: "terms being prepared",
    Status.IN_REVIEW: "the approval chain of this version is running",
    Status.APPROVED: "every required approval holds; the letter is not out yet",
    Status.EXTENDED: "the written offer reached the candidate",
    Status.NEGOTIATING: "the candidate has asked for more, or another employer has bid",
    Status.ACCEPTED: "signed; contingencies run",
    Status.JOINED: "started work",
    Status.DECLINED: "the candidate said no",
    Status.EXPIRED: "the letter lapsed unanswered",
    Status.WITHDRAWN: "the candidate left the process",
    Status.RENEGED: "the candidate withdrew after accepting, or did not show up",
    Status.RESCINDED: "the employer took it back after the candidate heard",
    Status.CANCELLED: "the employer ended it before the candidate heard",
}


class Guard(StrEnum):
    """A fact of the offer that a move needs; `offers.workflow` answers them, their text is what people read."""

    LETTER_OUT = "no letter is out that could be answered"
    LETTER_SENT = "no letter has been sent"
    LAPSED = "the candidate still has time to answer"
    HEARD = "the candidate has not heard of the offer yet: record the verbal offer first, or cancel or withdraw it"
    NOT_HEARD = "the candidate has heard of the offer already, so it is rescinded, not cancelled"
    CONTINGENCIES_CLEAR = "a contingency is still pending or has failed"
    NEXT_VERSION = "there is no next version to submit; revise the offer first"
    NO_NEXT_VERSION = "a next version is being prepared already"
    NO_OVERRIDE = (
        "a severe override is unresolved; ratify it by a new version, retract or disclose it, or find it unfounded"
    )


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. More than one target: the rules decide which. `consequence` is said beside the button."""

    status: Status
    action: str
    targets: tuple[Status, ...]
    guard: Guard | None = None


CONSEQUENCE: dict[str, str] = {
    "submit": "freezes these terms and asks the approvers that the policy names",
    "approve": "records your approval of exactly these terms",
    "reject": "stops the chain and returns the offer to draft; the comment goes to everyone involved",
    "send_back": "asks for changes: the chain stops, and the offer returns to draft with your comment",
    "skip": "lets the chain go on without the approval that waits; whoever was asked is told, with your reason",
    "recall": "stops the chain and returns the offer to draft",
    "extend": "records that the letter reached the candidate; stops the verbal-to-written clock",
    "revise": "prepares a next version; approvals of this one do not carry over by themselves",
    "counter": "records what the candidate asks for; the offer waits for an answer",
    "settle": "makes the agreed terms a new version: approved at once inside the guardrail, reviewed beyond it",
    "stand": "refuses the ask; the earlier terms stand",
    "prolong": "gives the candidate a later day to answer",
    "accept": "records the candidate's yes; contingencies start",
    "decline": "records the candidate's no, with the reason",
    "expire": "closes the offer as unanswered",
    "withdraw": "closes the offer because the candidate left the process",
    "rescind": "takes the offer back although the candidate knows of it",
    "cancel": "ends the offer before the candidate heard of it",
    "join": "records the first day at work",
    "renege": "records that the candidate withdrew after accepting",
    "reopen": "starts a new offer for the same candidate, linked to this one",
}


def _until_approved() -> Iterable[Move]:
    s, g = Status, Guard
    yield Move(s.DRAFT, "submit", (s.IN_REVIEW, s.APPROVED))
    yield Move(s.DRAFT, "accept", (s.ACCEPTED,), g.LETTER_OUT)
    yield Move(s.DRAFT, "decline", (s.DECLINED,), g.HEARD)
    yield Move(s.DRAFT, "withdraw", (s.WITHDRAWN,))
    yield Move(s.DRAFT, "rescind", (s.RESCINDED,), g.HEARD)
    yield Move(s.DRAFT, "cancel", (s.CANCELLED,), g.NOT_HEARD)

    yield Move(s.IN_REVIEW, "approve", (s.APPROVED,))
    yield Move(s.IN_REVIEW, "reject", (s.DRAFT,))
    yield Move(s.IN_REVIEW, "send_back", (s.DRAFT,))
    yield Move(s.IN_REVIEW, "skip", (s.APPROVED,))
    yield Move(s.IN_REVIEW, "recall", (s.DRAFT,))
    yield Move(s.APPROVED, "extend", (s.EXTENDED,), g.NO_OVERRIDE)
    yield Move(s.APPROVED, "revise", (s.DRAFT,))
    for status in (s.IN_REVIEW, s.APPROVED):
        yield Move(status, "counter", (s.NEGOTIATING,), g.HEARD)
        yield Move(status, "accept", (s.ACCEPTED,), g.LETTER_OUT)
        yield Move(status, "decline", (s.DECLINED,), g.HEARD)
        yield Move(status, "withdraw", (s.WITHDRAWN,))
        yield Move(status, "rescind", (s.RESCINDED,), g.HEARD)
        yield Move(status, "cancel", (s.CANCELLED,), g.NOT_HEARD)


def _from_the_letter_on() -> Iterable[Move]:
    s, g = Status, Guard
    yield Move(s.EXTENDED, "revise", (s.EXTENDED,), g.NO_NEXT_VERSION)
    yield Move(s.EXTENDED, "submit", (s.IN_REVIEW, s.APPROVED), g.NEXT_VERSION)
    yield Move(s.EXTENDED, "counter", (s.NEGOTIATING,))
    yield Move(s.NEGOTIATING, "settle", (s.APPROVED, s.IN_REVIEW))
    yield Move(s.NEGOTIATING, "stand", (s.EXTENDED, s.APPROVED))
    for status in (s.EXTENDED, s.NEGOTIATING):
        yield Move(status, "prolong", (status,), g.LETTER_SENT)
        yield Move(status, "accept", (s.ACCEPTED,), g.LETTER_OUT)
        yield Move(status, "decline", (s.DECLINED,))
        yield Move(status, "expire", (s.EXPIRED,), g.LAPSED)
        yield Move(status, "withdraw", (s.WITHDRAWN,))
        yield Move(status, "rescind", (s.RESCINDED,))

    yield Move(s.ACCEPTED, "join", (s.JOINED,), g.CONTINGENCIES_CLEAR)
    yield Move(s.ACCEPTED, "renege", (s.RENEGED,))
    yield Move(s.ACCEPTED, "rescind", (s.RESCINDED,))
    for status in sorted(ENDED):
        yield Move(status, "reopen", (status,))


TABLE: tuple[Move, ...] = (*_until_approved(), *_from_the_letter_on())
ACTIONS: tuple[str, ...] = tuple(CONSEQUENCE)
UNDOABLE = frozenset({"accept", "decline", "withdraw", "rescind", "cancel", "expire", "join", "renege"})


def moves(status: str) -> tuple[Move, ...]:
    """Every row that leaves this status, in the order of the table."""
    return tuple(move for move in TABLE if move.status == status)


def find(status: str, action: str) -> Move | None:
    """The row for this action in this status, None where the state does not allow it."""
    return next((move for move in TABLE if move.status == status and move.action == action), None)


def after_start(status: str, *, left: bool) -> list[str]:
    """What can be recorded once the candidate has answered; none of it moves the status."""
    found = ["leave", "review_hire"] if status == Status.JOINED else []
    found += ["take_back_leaving"] if left else []
    return found + (["rate"] if status in ENDED_BY_CANDIDATE | {Status.ACCEPTED, Status.JOINED} else [])


def transitions() -> list[tuple[str, str]]:
    """(from, to) pairs for the database's own state machine, each once."""
    pairs = {(str(move.status), str(target)) for move in TABLE for target in move.targets if target != move.status}
    return sorted(pairs)
