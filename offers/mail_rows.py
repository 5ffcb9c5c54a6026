"""What a batch of mails speaks of, read in a fixed number of queries, and the links that each should carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, Prefetch, Q

from governance.models import ApiToken, MarketSource, Membership, User
from governance.programme import Programme, load_many
from offers import approvals as chains
from offers.lifecycle import Status
from offers.models import (
    Advice,
    Approval,
    Clock,
    Decision,
    DecisionToken,
    Escalation,
    Offer,
    OutboxEscalation,
    OutboxMessage,
    Override,
    VerbalApproval,
)
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.models.clocks import Cause, PauseReason
from offers.models.outbox import MailKind
from offers.models.tokens import Purpose

WAIT_FOR_CLOCKS = frozenset({MailKind.APPROVAL_ASKED, MailKind.NUDGE})


@dataclass(slots=True)
class Rows:
    """Everything that a batch of messages speaks of, fetched in a fixed number of queries.

    `members` are those who may hear of a client at all, as (client, user); `paused` says of offers whose clocks stand
    still why they do; `asked` holds the approvals that wait on each stuck offer, with whoever may decide them; `links`
    the addresses that were issued for this sending.
    """

    offers: Mapping[int, Offer]
    approvals: Mapping[int, Approval]
    verbals: Mapping[int, VerbalApproval]
    overrides: Mapping[int, Override]
    sources: Mapping[int, MarketSource]
    tokens: Mapping[int, ApiToken]
    advice: Mapping[int, Advice]
    escalations: Mapping[int, list[Escalation]]
    failed: Mapping[int, OutboxMessage]
    people: Mapping[int, User]
    paused: Mapping[int, str]
    now: datetime
    asked: dict[int, list[tuple[Approval, list[int]]]] = field(default_factory=dict)
    links: Mapping[tuple[int, str, int], str] = field(default_factory=dict)
    members: frozenset[tuple[int, int]] = frozenset()  # (client, user)

    def reaches(self, message: OutboxMessage) -> bool:
        """Whether the mail's person is active, and at its client: who has left one may still work for another."""
        user = message.user
        return user is not None and user.is_active and (message.client_id, user.pk) in self.members


def fetch(messages: Sequence[OutboxMessage], *, now: datetime) -> Rows:
    """What these messages speak of, in as many queries for many as for one."""
    carried: dict[int, list[Escalation]] = {}
    links = OutboxEscalation.objects.filter(message__in=[m.pk for m in messages if m.kind == MailKind.ESCALATION])
    for link in links.select_related("escalation__clock", "escalation__note").order_by("escalation__due_at"):
        carried.setdefault(link.message_id, []).append(link.escalation)
    stuck = {each.offer_id for found in carried.values() for each in found}
    offer_ids = {m.offer_id for m in messages} | stuck
    dated = Q(benchmarks__as_of__lte=now.date())
    newest = Decision.objects.select_related("user", "note").order_by("-decided_at", "-pk")
    rows = Rows(
        offers=Offer.objects.select_related(
            "client", "requisition", "candidate__person", "version", "holder", "recruiter", "hiring_manager", "letter"
        ).in_bulk([pk for pk in offer_ids if pk]),
        approvals=Approval.objects.select_related("chain__version")
        .prefetch_related(Prefetch("decisions", newest))
        .in_bulk(_named(messages, "approval")),
        verbals=VerbalApproval.objects.select_related("recorded_by", "approved_by", "correction").in_bulk(
            _named(messages, "verbal_approval")
        ),
        overrides=Override.objects.select_related("statement", "resolved_how", "reported_by", "resolved_by").in_bulk(
            _named(messages, "override")
        ),
        sources=MarketSource.objects.annotate(newest=Max("benchmarks__as_of", filter=dated)).in_bulk(
            _named(messages, "source")
        ),
        tokens=ApiToken.objects.in_bulk(_named(messages, "api_token")),
        advice=Advice.objects.select_related("reason", "given_by", "decided_by", "decided_how").in_bulk(
            _named(messages, "advice")
        ),
        escalations=carried,
        failed=OutboxMessage.objects.select_related("user").in_bulk(_named(messages, "message")),
        people=User.objects.in_bulk([*_named(messages, "for"), *_named(messages, "by")]),
        members=_members(messages),
        paused=_paused(messages),
        now=now,
    )
    rows.asked = _asked_of(rows, [pk for pk in stuck if rows.offers[pk].status == Status.IN_REVIEW])
    return rows


def _members(messages: Sequence[OutboxMessage]) -> frozenset[tuple[int, int]]:
    to = {message.user_id for message in messages}
    clients = {message.client_id for message in messages}
    held = Membership.objects.filter(client__in=clients, user__in=to, is_active=True).order_by()
    return frozenset(held.values_list("client_id", "user_id"))


def _named(messages: Sequence[OutboxMessage], name: str) -> list[int]:
    return [message.ids[name] for message in messages if name in message.ids]


def _paused(messages: Sequence[OutboxMessage]) -> dict[int, str]:
    """Why the clocks of these offers stand still; asked for those mails only that would ask somebody to act on them."""
    offer_ids = {message.offer_id for message in messages if message.kind in WAIT_FOR_CLOCKS and message.offer_id}
    if not offer_ids:
        return {}
    paused = Clock.objects.running().filter(offer__in=offer_ids, paused_at__isnull=False)
    return {offer: str(PauseReason(why).label) for offer, why in paused.values_list("offer_id", "pause_reason")}


def _asked_of(rows: Rows, offer_ids: list[int]) -> dict[int, list[tuple[Approval, list[int]]]]:
    """The approvals that wait on these offers, each with the people who may still decide it."""
    if not offer_ids:
        return {}
    asked = Approval.objects.filter(offer__in=offer_ids, status=ApprovalStatus.ASKED, chain__status=ChainStatus.RUNNING)
    asked = asked.select_related("chain__version").prefetch_related("chain__version__editors", "decisions")
    found: dict[int, list[tuple[Approval, list[int]]]] = {}
    programmes = load_many({rows.offers[pk].client_id for pk in offer_ids})
    for approval in asked.order_by("step", "pk"):
        people = _deciders(approval, rows.offers[approval.offer_id], programmes[approval.client_id], rows.now)
        found.setdefault(approval.offer_id, []).append((approval, people))
    return found


def _deciders(approval: Approval, offer: Offer, programme: Programme, now: datetime) -> list[int]:
    editors = frozenset(editor.user_id for editor in approval.chain.version.editors.all())
    spoken = {user for each in approval.decisions.all() for user in (each.user_id, each.on_behalf_of_id)}
    case = chains.Case(offer, programme, editors, now)
    people = [user for user in case.eligible(approval) if user not in spoken]
    return [*people, *(user for user in chains.stand_ins(people, case) if user not in spoken)]


# --- links by which the reader decides


def wanted(message: OutboxMessage, rows: Rows) -> list[DecisionToken]:
    """The links, unsaved, that this mail should carry: for a person only, and only where they could decide."""
    if message.user is None:
        return []
    if message.kind == MailKind.APPROVAL_ASKED:
        approval = rows.approvals.get(message.ids["approval"])
        return [_to_decide(message, approval)] if approval and approval.status == ApprovalStatus.ASKED else []
    if message.kind == MailKind.VERBAL_CONFIRM:
        verbal = rows.verbals.get(message.ids["verbal_approval"])
        return [_token(message, Purpose.CONFIRM, offer_id=verbal.offer_id, verbal_approval=verbal)] if verbal else []
    if message.kind == MailKind.ESCALATION and still_stuck(message, rows):
        waiting = decidable(message, rows)
        acknowledge = _token(message, Purpose.ACKNOWLEDGE, offer_id=message.offer_id)
        return [acknowledge, *(_to_decide(message, approval) for approval in waiting.values())]
    return []


def _to_decide(message: OutboxMessage, approval: Approval) -> DecisionToken:
    version = approval.chain.version_id
    return _token(message, Purpose.DECIDE, offer_id=approval.offer_id, approval=approval, version_id=version)


def _token(message: Any, purpose: Purpose, **subject: Any) -> DecisionToken:
    return DecisionToken(client_id=message.client_id, message=message, user=message.user, purpose=purpose, **subject)


def still_stuck(message: OutboxMessage, rows: Rows) -> list[Escalation]:
    """What this mail would still be true of: whatever was done, or paused, since it was queued is left out."""
    return [each for each in rows.escalations.get(message.pk, []) if _runs(each)]


def _runs(found: Escalation) -> bool:
    """A paused clock asks nobody for anything, unless somebody said that the hire is at risk."""
    clock = found.clock
    return clock.stopped_at is None and (clock.paused_at is None or found.cause == Cause.JUMPED)


def decidable(message: OutboxMessage, rows: Rows) -> dict[int, Approval]:
    """By offer, of those that this mail calls stuck: the approval that waits for its very reader."""
    return {
        each.offer_id: approval
        for each in rows.escalations.get(message.pk, [])
        for approval, people in reversed(rows.asked.get(each.offer_id, []))
        if message.user_id in people
    }


def address(message: OutboxMessage, rows: Rows, purpose: Purpose, subject: int) -> str:
    return rows.links.get((message.pk, purpose.value, subject), "")
