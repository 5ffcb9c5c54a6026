"""Counter-offers: what was asked against the offer, and the answer, inside the guardrail or through review."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance import guardrails, sow
from governance.models import Guardrail, User
from governance.policy import Requirement
from offers import approvals, clocks
from offers import sow as scope
from offers.around import rates_of
from offers.errors import BadInput, NotReady
from offers.lifecycle import Status
from offers.models import ApprovalChain, CounterOffer, Offer, OfferVersion
from offers.models.approvals import ChainStatus
from offers.models.clocks import ClockKind
from offers.models.events import CounterOutcome, Origin
from offers.models.version import Terms
from offers.standing import Assessment, asked_of, assess
from offers.workflow import mover
from offers.workflow.drafting import change_terms, check_names, next_version
from offers.workflow.review import after_chain, freeze_version, start_review

# What a guardrail measures, and the day to answer by, which is prolonged without it. It covers no other term.
MEASURED = frozenset({"currency", "base", "sign_on", "leave_days", "home_days", "start_on", "expires_on"})
OWN_GRANT = guardrails.Verdict(
    False, ("Whoever published the guardrail has written these terms, and nobody approves their own.",)
)
TAKEN_BACK = guardrails.Verdict(
    False, ("The hiring manager has corrected the verbal approval by which the terms before were approved.",)
)
UNMEASURED = {field.name: str(field.verbose_name) for field in Terms._meta.fields if field.name not in MEASURED}


def counter(
    offer_id: int, *, actor: User, now: datetime, origin: str = Origin.CANDIDATE_ASK, asked_base: Decimal | None = None,
    asked_sign_on: Decimal | None = None, note: str = "", at: datetime | None = None,
) -> Offer:  # fmt: skip
    """Record what the candidate, or another employer, puts against the offer, in its currency, base full-time yearly.

    A running chain stops: its terms may change.
    """
    when = mover.instant(at, now=now, field="countered_at")
    if origin not in Origin.values:
        raise BadInput("Say whose bid it is.", field="origin")
    mover.check_amount(asked_base, field="asked_base")
    if asked_sign_on is not None and asked_sign_on < 0:
        raise BadInput("An amount is never negative.", field="asked_sign_on")
    with mover.acting(offer_id, "counter", actor=actor, now=now, comment=note) as (offer, programme, kept):
        approvals.stop_running(offer, ChainStatus.VOID, now=now)
        against: Any = offer.letter.version if offer.letter and offer.letter_is_out(when) else offer.version
        asked = CounterOffer.objects.create(
            client_id=offer.client_id, offer=offer, against=against, origin=origin, countered_at=when,
            currency=against.currency, asked_base=asked_base, asked_sign_on=asked_sign_on, note=kept,
        )  # fmt: skip
        clocks.start(offer, ClockKind.COUNTER_RESPONSE, programme, started_at=when, counter=asked)
        return mover.move(offer, "counter", Status.NEGOTIATING, now=now)


def settle(offer_id: int, terms: Mapping[str, Any], *, actor: User, now: datetime) -> Offer:
    """Make the agreed terms the next version: approved at once inside the guardrail, judged by the policy beyond it."""
    check_names(terms)
    with mover.acting(offer_id, "settle", actor=actor, now=now) as (offer, programme, _):
        offer.version = version = _agreed(offer, terms, actor=actor, now=now)
        found = assess(version, now=now, programme=programme)
        scope.check_exception_to_band(offer, found.standing.band_position, actor, programme)
        grant = _grant_of(found)
        verdict = check_guardrail(offer, version, found, grant)
        _answer(
            offer, CounterOutcome.SETTLED, now=now,
            settled=version, inside_guardrail=verdict.inside,
            granted_by=str(grant) if grant and verdict.inside else "",
        )  # fmt: skip
        if grant and verdict.inside:
            return _grant(offer, found, grant, actor=actor, now=now)
        return start_review(offer, _beyond(found, version), "settle", actor=actor, now=now, version=version)


def _agreed(offer: Offer, terms: Mapping[str, Any], *, actor: User, now: datetime) -> OfferVersion:
    version = offer.version
    if version is None or version.is_frozen:
        return next_version(offer, now=now, actor=actor, terms=terms)
    change_terms(version, terms, actor=actor)  # a next version was being prepared when the ask came
    return version


def stand(offer_id: int, *, actor: User, now: datetime, reason: str = "") -> Offer:
    """Refuse the ask: the approved version whose letter is still to go out stands, or else the letter that is out."""
    with mover.acting(offer_id, "stand", actor=actor, now=now, comment=reason) as (offer, _, _):
        target = _standing_on(offer, now)
        _answer(offer, CounterOutcome.STOOD, now=now)
        return mover.move(offer, "stand", target, now=now)


def _standing_on(offer: Offer, now: datetime) -> Status:
    written = offer.letter is not None and offer.letter.version_id == offer.version_id
    out = offer.letter_is_out(now)
    if approvals.approved(offer.version) and not (written and out):
        return Status.APPROVED
    if out:
        return Status.EXTENDED
    raise NotReady(
        "There is nothing to stand on: no letter is out and this version was never approved.",
        next_step="Settle on terms, which are then reviewed, or end the offer.",
    )


def check_guardrail(
    offer: Offer, proposed: OfferVersion, found: Assessment, grant: Guardrail | None
) -> guardrails.Verdict:
    """Whether the recruiter may grant these terms alone: from the last approved version, cumulative over the first."""
    first, last = offer.first_approved, approvals.last_approved(offer)
    if first is None or last is None:
        return guardrails.Verdict(False, ("Nothing has been approved yet that a guardrail could be measured from.",))
    if refused := _grants_nothing(last, grant, found.editors):
        return refused
    approved = _terms(first, offer), _terms(last, offer)
    return guardrails.inside(_guardrail(offer, found), *approved, _terms(proposed, offer), _ceilings(found))


def _grant_of(found: Assessment) -> Guardrail | None:
    rule = found.programme.guardrail
    return Guardrail.objects.get(pk=rule.id) if rule else None


def _grants_nothing(last: OfferVersion, grant: Guardrail | None, editors: Collection[int]) -> guardrails.Verdict | None:
    """Why a guardrail grants nothing here, whatever the terms. Whoever published it is the approver of record of what
    it grants, so not of terms that they wrote; and what was approved before must still stand."""
    if grant is not None and grant.published_by_id in editors:
        return OWN_GRANT
    chain = approvals.approved(last)
    return TAKEN_BACK if chain and approvals.taken_back(chain) else None


@dataclass(frozen=True, slots=True)
class Leeway:
    """What can be offered now without asking. `room`: from the last approved terms; `after`: what these terms leave.

    `verdict` says whether these terms are inside; `asked` are the steps that the policy names where they are not, and
    `granted_by` the guardrail inside which they would be approved at once.
    """

    room: guardrails.Room
    after: guardrails.Room
    benefits: tuple[str, ...]
    verdict: guardrails.Verdict
    granted_by: str
    asked: tuple[Requirement, ...]
    moves: bool


def leeway(offer: Offer, proposed: OfferVersion, *, actor: User | None = None, now: datetime) -> Leeway | None:
    """What of these terms, unsaved as they may be, a recruiter (`actor`, where one is known) may grant. Reads only.

    None before any terms were approved.
    """
    first, last = offer.first_approved, approvals.last_approved(offer)
    if first is None or last is None:
        return None
    found = assess(proposed, now=now)
    guardrail, ceilings = _guardrail(offer, found), _ceilings(found)
    begun, held, wanted = _terms(first, offer), _terms(last, offer), _terms(proposed, offer)
    grant = _grant_of(found) if guardrail else None
    refused = _grants_nothing(last, grant, {*found.editors, *([actor.pk] if actor else ())})
    verdict = refused or guardrails.inside(guardrail, begun, held, wanted, ceilings)
    return Leeway(
        room=guardrails.room(guardrail, begun, held, ceilings),
        after=guardrails.room(guardrail, begun, wanted if verdict.inside else held, ceilings),
        benefits=guardrails.benefits(guardrail, begun, held),
        verdict=verdict,
        granted_by=str(grant or ""),
        asked=()
        if verdict.inside
        else tuple(step for step in _beyond(found, proposed).evaluation.steps if not step.given),
        moves=wanted != held,
    )


def _ceilings(found: Assessment) -> guardrails.Ceilings:
    """What base may not pass. A maximum in another currency is not known, and never in favour of moving."""
    facts = found.facts
    return guardrails.Ceilings(
        band_max=found.scale.maximum if found.scale else None,
        budget_max=Decimal(0) if facts.budget_in else facts.budget_max,
        posted_max=Decimal(0) if facts.posted_in else facts.posted_max,
    )


def _guardrail(offer: Offer, found: Assessment) -> guardrails.Guardrail | None:
    """Embedded recruiters may have one, project recruiters where the SOW says so; a step scale has its own."""
    rule, currency = found.programme.guardrail, found.facts.currency
    if rule is None:
        return None
    engagement = offer.requisition.engagement
    agreement = found.programme.agreement(offer.requisition.engagement_id, offer.created_at)
    kind = sow.guardrail_kind(
        agreement.document if agreement else None, embedded=engagement is not None and engagement.embedded
    )
    if found.standing.on_step_scale:
        kind = "union"
    document = Guardrail.grants(rule.document, kind, offer.job.role_family) if kind else None
    if document is None:
        return None
    rates = rates_of(offer.client_id, currency, {"currency": document.get("currency", currency)}, found.day)
    return guardrails.read(document, currency, rates)


def _terms(version: OfferVersion, offer: Offer) -> guardrails.Terms:
    version.client = offer.client
    return guardrails.Terms(
        currency=version.currency,
        base=version.base_annual,
        first_year_cash=version.first_year_cash,
        sign_on=version.sign_on,
        leave_days=version.leave_days,
        home_days=version.home_days,
        start_date=version.start_on,
        rest={words: getattr(version, name) for name, words in UNMEASURED.items()},
    )


def _grant(offer: Offer, found: Assessment, grant: Guardrail, *, actor: User, now: datetime) -> Offer:
    """Approve inside the guardrail: the approver of record is whoever published it."""
    version = freeze_version(offer, found, actor=actor, now=now)
    chain = ApprovalChain.objects.create(
        client_id=offer.client_id, offer=offer, version=version, policy_id=version.policy_id,
        status=ChainStatus.APPROVED, because=f"Inside the guardrail “{grant}”: nobody is asked again",
        started_at=now, ended_at=now,
    )  # fmt: skip
    return after_chain(offer, chain, [], found.programme, action="settle", now=now, version=version)


def _beyond(found: Assessment, version: OfferVersion) -> Assessment:
    facts = replace(found.facts, guardrail_exceeded=True)
    return replace(found, facts=facts, evaluation=asked_of(version, facts, found.programme, found.editors))


def _answer(offer: Offer, outcome: CounterOutcome, *, now: datetime, **fields: Any) -> None:
    CounterOffer.objects.filter(offer=offer, outcome=CounterOutcome.OPEN).update(
        outcome=outcome, answered_at=now, **fields
    )
    clocks.stop(offer, [ClockKind.COUNTER_RESPONSE], now=now)
