"""What can be done with an offer now, by this person: each act with its form, its verb and its consequence."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from governance.access import roles_at
from governance.models import User
from governance.models.base import Priority
from offers import contacts, escalations, forms, pauses, workflow
from offers.advice_forms import AdviseForm
from offers.after_start_forms import LeaveForm, RateForm, ReviewHireForm, TakeBackLeavingForm
from offers.clocks import PAUSABLE
from offers.errors import OfferError
from offers.lifecycle import CONSEQUENCE, ENDED, ENDED_BY_CANDIDATE, LIVE, Status, after_start
from offers.models import Clock, Offer
from offers.models.intake import RequisitionStatus
from offers.override_forms import ReportOverrideForm
from offers.workflow import mover
from offers.workflow.answer import UNDO_WITHIN


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done. `verb` takes (offer id, *, actor, now, what the form gives); `done` is said after."""

    name: str
    label: str
    verb: Callable[..., Any]
    done: str
    form: type[forms.ActionForm] = forms.ActionForm
    consequence: str = ""
    tone: str = ""

    @property
    def says(self) -> str:
        return self.consequence or CONSEQUENCE[self.name]


_ALL = (
    Act("submit", "Submit for review", workflow.submit, "Submitted: the terms are frozen.", tone="go"),
    Act("extend", "Record the letter", workflow.extend, "Letter recorded.", forms.ExtendForm, tone="go"),
    Act("accept", "Record the yes", workflow.accept, "Acceptance recorded.", forms.AtForm, tone="go"),
    Act("join", "Record the first day", workflow.join, "First day recorded.", forms.JoinForm, tone="go"),
    Act("stand", "Refuse the ask", workflow.stand, "The ask is refused; the terms stand.", forms.ReasonForm),
    Act("counter", "Record a counter-offer", workflow.counter, "Counter-offer recorded.", forms.CounterForm),
    Act("prolong", "Give more time", workflow.prolong, "The candidate has more time.", forms.ProlongForm),
    Act("revise", "Prepare a next version", workflow.revise, "A next version is prepared: change its terms."),
    Act("recall", "Recall from review", workflow.recall, "Recalled: the terms can be changed.", forms.ReasonForm),
    Act("decline", "Record the no", workflow.decline, "Decline recorded.", forms.LossForm),
    Act("expire", "Close as unanswered", workflow.expire, "Closed as unanswered."),
    Act("withdraw", "Candidate withdrew", workflow.withdraw, "Withdrawal recorded.", forms.LossForm),
    Act("renege", "Candidate reneged", workflow.renege, "Recorded; the opening is free again.", forms.RenegeForm),
    Act("rescind", "Rescind", workflow.rescind, "The offer is rescinded.", forms.NeedsReasonForm, tone="danger"),
    Act("cancel", "Cancel", workflow.cancel, "The offer is cancelled.", forms.NeedsReasonForm, tone="danger"),
    Act("reopen", "Reopen", workflow.reopen, "A new offer is drafted from this one."),
    Act(
        "verbal_approval",
        "Record the verbal approval",
        workflow.record_verbal_approval,
        "Verbal approval recorded; the manager gets a mail to confirm it.",
        forms.VerbalApprovalForm,
        "starts the clock to the letter, and mails the manager to confirm or correct it",
    ),
    Act(
        "verbal_offer",
        "Record the verbal offer",
        workflow.record_verbal_offer,
        "Recorded what the candidate was told.",
        forms.VerbalOfferForm,
        "records that the candidate was told, and what the answer was",
    ),
    Act(
        "explain",
        "Record why",
        workflow.explain,
        "The reason is recorded.",
        forms.ExplainForm,
        "records why the candidate was lost, or completes what is known of it",
    ),
    Act(
        "advise",
        "Advise: too low to close",
        workflow.advise,
        "Advice given; the business gets a mail to decide.",
        AdviseForm,
        "tells the business what would close, with the evidence as it stands; a challenge also holds the letter",
    ),
    Act(
        "report_override",
        "Report an override",
        workflow.report_override,
        "Reported; those who judge it get a mail.",
        ReportOverrideForm,
        "opens a suspected way around the process in the register; a severe one holds the letter back",
    ),
    Act(
        "leave",
        "Record a leaving",
        workflow.leave,
        "The leaving is recorded.",
        LeaveForm,
        "records that the person has left, when and why, or corrects what is known of it",
    ),
    Act(
        "take_back_leaving",
        "Take back the leaving",
        workflow.take_back_leaving,
        "Taken back: the person is still there.",
        TakeBackLeavingForm,
        "says that the person is still there; what was recorded stays in the history",
    ),
    Act(
        "rate",
        "Record satisfaction",
        workflow.rate,
        "The candidate's answer is recorded.",
        RateForm,
        "records the candidate's own answer to how satisfied they were with the process",
    ),
    Act(
        "review_hire",
        "Review the hire",
        workflow.review_hire,
        "The review is recorded.",
        ReviewHireForm,
        "records what the manager says of the hire, and since when the person works at full strength",
    ),
    Act(
        "contact",
        "Log a contact",
        contacts.log_contact,
        "Logged; the next touch is on the board.",
        forms.ContactForm,
        "records that you were in touch with the candidate, and when the next word is due",
    ),
    Act(
        "pause",
        "Pause the clocks",
        pauses.pause,
        "Paused: contractual time stands still, elapsed hours go on.",
        forms.PauseForm,
        "lets contractual time and the ladder stand still because the candidate asked for time; elapsed hours go on",
    ),
    Act(
        "resume",
        "Resume the clocks",
        pauses.resume,
        "The clocks run on; what is due moved by the time paused.",
        consequence="lets the paused clocks run on; what is due moves by the working time paused",
    ),
    Act(
        "escalate",
        "Critical hire at risk",
        escalations.jump,
        "Senior sign-off is asked now.",
        forms.RiskForm,
        "asks senior sign-off now, at the top of the escalation path, without waiting for the next threshold",
        tone="danger",
    ),
    Act(
        "undo",
        "Undo",
        workflow.undo,
        "Undone: the offer stands as before.",
        consequence="takes back a misclick within 24 hours, as a recorded event; clocks and approvals run on as before",
    ),
)
ACTS = {act.name: act for act in _ALL}
NOTHING: Mapping[str, OfferError] = {}
SETTLE = "makes the agreed terms a new version: approved at once inside the guardrail, reviewed beyond it"


@dataclass(frozen=True, slots=True)
class Choice:
    """An act as the page offers it; `why_not` is the guard that stands against it, empty where it is possible."""

    name: str
    label: str
    url: str
    consequence: str
    tone: str = ""
    why_not: str = ""


def possible(
    offer: Offer, user: User, now: datetime, clocks: Sequence[Clock] = (), refused: Collection[str] = ()
) -> list[Choice]:
    """What table, guards and role allow now, the way forward first.

    `clocks` are those that run on the offer; `refused` is what the statement of work gives to others.
    """
    named = [row.action for row in workflow.possible(offer, now=now, actor=user) if row.action not in refused]
    found = [_choice(offer, name) for name in named if name in ACTS]
    held = roles_at(user, offer.client_id)
    if "settle" in named:
        url = reverse("offers:settle", args=[offer.pk])
        found.insert(0, Choice("settle", "Settle on terms", url, SETTLE, "go"))
    if held & mover.PREPARERS and offer.status in LIVE:
        found += [_choice(offer, name) for name in ("verbal_approval", "verbal_offer") if name not in refused]
        found += [_choice(offer, name) for name in _with_clocks(offer, clocks)]
    if held & mover.MAY["advise"] and offer.status in LIVE and offer.version_id:
        found.append(_choice(offer, "advise"))
    if held & mover.PREPARERS and offer.status in contacts.TALKED_WITH:
        found.append(_choice(offer, "contact"))
    if held & mover.PREPARERS and offer.status in ENDED_BY_CANDIDATE and "explain" not in refused:
        found.append(_choice(offer, "explain"))
    found += [_choice(offer, name) for name in _later(offer, user) if name not in refused]
    if can_undo(offer, user, now):
        found.append(_choice(offer, "undo"))
    first_yes = "verbal_approval" if offer.verbal_approved_at is None else ""
    return sorted(found, key=lambda choice: (choice.tone != "go", choice.name != first_yes, choice.tone == "danger"))


def _later(offer: Offer, user: User) -> list[str]:
    names = after_start(offer.status, left=offer.left_on is not None)
    return [name for name in names if mover.may(offer, name, user)]


def _with_clocks(offer: Offer, clocks: Sequence[Clock]) -> Iterator[str]:
    if any(clock.paused_at for clock in clocks):
        if offer.requisition.status != RequisitionStatus.ON_HOLD:
            yield "resume"
    elif any(clock.kind in PAUSABLE for clock in clocks):
        yield "pause"
    if offer.priority == Priority.CRITICAL and any(_is_below_top(clock) for clock in clocks):
        yield "escalate"


def _is_below_top(clock: Clock) -> bool:
    """Whether somebody of the ladder is left to be told; above the last threshold there may be levels still."""
    if clock.flagged < len(clock.thresholds):
        return True
    top = len(clock.path.document["levels"]) if clock.path else 0
    told = clock.escalations.filter(round=clock.round, level__gte=top)
    return len(clock.thresholds) < top and not told.exists()


def blocked(offer: Offer, user: User, now: datetime, refused: Mapping[str, OfferError] = NOTHING) -> list[Choice]:
    """What the status knows and the person may do, with the guard or the clause of the SOW that stands against it."""
    held = roles_at(user, offer.client_id)
    by_scope = [
        _choice(offer, row.action, why_not=str(refused[row.action]).rstrip("."))
        for row in workflow.possible(offer, now=now, actor=user)
        if row.action in refused and row.action in ACTS
    ]
    by_scope += [
        _choice(offer, name, why_not=str(refused[name]).rstrip(".")) for name in _later(offer, user) if name in refused
    ]
    return by_scope + [
        _choice(offer, row.action, why_not=str(row.guard))
        for row in workflow.blocked(offer, now=now)
        if row.action in ACTS and held & mover.MAY[row.action]
    ]


def can_edit(offer: Offer, user: User) -> bool:
    """True while the newest version is not submitted, for whoever prepares offers at this client."""
    frozen = offer.version is None or offer.version.is_frozen
    return not frozen and offer.status in LIVE and bool(roles_at(user, offer.client_id) & mover.PREPARERS)


def can_undo(offer: Offer, user: User, now: datetime) -> bool:
    mine = bool(roles_at(user, offer.client_id) & mover.MAY["undo"])
    ended = offer.status in ENDED | {Status.ACCEPTED, Status.JOINED}
    return mine and ended and bool(offer.moved_from) and now - offer.moved_at <= UNDO_WITHIN


def _choice(offer: Offer, name: str, why_not: str = "") -> Choice:
    act = ACTS[name]
    url = reverse("offers:act", args=[offer.pk, name.replace("_", "-")])
    return Choice(name, act.label, url, act.says, act.tone, why_not)
