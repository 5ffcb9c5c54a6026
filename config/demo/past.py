"""The closed offers as rows: imported, frozen with what they were judged by, inserted set by set."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo import advised, chains, costs, effects, overridden, references, reviewed
from config.demo.advised import Advised
from config.demo.ground import Ground
from config.demo.insert import Rows
from config.demo.judged import assess, judge_of
from config.demo.plan import LETTERED, Case, Opening, Plan, monthly
from config.demo.references import rounded
from config.demo.rows import Past
from config.demo.tables import PLACES
from config.demo.when import Moments
from governance.models import Note, Person
from governance.models.base import PayPeriod
from offers import clocks
from offers.models import (
    Approval,
    ApprovalChain,
    Candidate,
    Clock,
    Contingency,
    CounterOffer,
    Decision,
    Letter,
    Loss,
    Offer,
    OfferVersion,
    Requisition,
    VerbalApproval,
)
from offers.models.approvals import ChainStatus
from offers.models.clocks import ClockKind, StopReason
from offers.models.events import CounterOutcome
from offers.models.offer import ContingencyKind, ContingencyStatus, VerbalBasis
from offers.standing import Assessment, freeze

# Each table after those that it points at.
ORDER: tuple[type[Any], ...] = (
    Requisition, Person, Candidate, Offer, OfferVersion, Note, Letter, VerbalApproval, ApprovalChain, Approval,
    Decision, CounterOffer, Loss, Contingency, Clock,
)  # fmt: skip
INSIDE = "Inside the guardrail: nobody is asked again"


def insert_past(
    plans: list[Plan], grounds: dict[str, Ground], moments: dict[str, dict[int, Moments]], *, now: datetime
) -> Iterator[float]:
    """Insert the closed offers of all clients, which are in scope; yields how much is done, 0 to 1."""
    rows = Rows()
    total, done = sum(1 for plan in plans for _ in plan.cases), 0
    pasts = [Past(ground, judge_of(ground), now, rows) for ground in (grounds[plan.company.code] for plan in plans)]
    for plan, past in zip(plans, pasts, strict=True):
        for _ in _collect(plan, past, moments[plan.company.code]):
            done += 1
            yield done / total / 2
    for i, _ in enumerate(rows.insert(ORDER), 1):
        yield 0.5 + i / len(ORDER) / 2
    for past in pasts:
        advised.insert(past.advised, past.ground)
        overridden.insert(past.ground)
        reviewed.insert(past.ground, now=now)
        costs.insert(past.ground, now=now)


def _collect(plan: Plan, past: Past, moments: dict[int, Moments]) -> Iterator[Offer]:
    found = list(_offers(plan, past, moments))
    # In the order of their submission, because each is a peer of those that come after.
    for opening, case, offer in sorted(found, key=lambda each: moments[each[1].number].submitted):
        _fill(past, opening, case, offer, moments[case.number])
        yield offer


# --- requisitions, candidates, offers


def _offers(plan: Plan, past: Past, moments: dict[int, Moments]) -> Iterator[tuple[Opening, Case, Offer]]:
    prefix = plan.company.prefix
    for opening in plan.openings:
        requisition = past.add(_requisition(past, prefix, opening, [moments[case.number] for case in opening.cases]))
        for case in opening.cases:
            when = moments[case.number]
            first, last = case.name
            address = f"{first}.{last}.{prefix}{case.number}@mail.example".lower()
            person = past.add(Person(name=f"{first} {last}", email=address))
            candidate = past.add(Candidate(external_id=f"{prefix}-C{case.number:05}", person=person))
            yield opening, case, past.add(_offer(past, prefix, opening, case, when, requisition, candidate))


def _requisition(past: Past, prefix: str, opening: Opening, moments: list[Moments]) -> Requisition:
    place = PLACES[opening.place]
    first = min(when.verbal for when in moments).date()
    low, _, high = references.band(opening.job, opening.place, references.issue_of(opening.quarter))
    accepted = sum(case.accepted for case in opening.cases)
    posted = {} if opening.job.steps else {"budget_max": high, "posted_min": low, "posted_max": high}
    return Requisition(
        external_id=f"{prefix}-R{opening.number:04}",
        title=opening.job.title,
        status="filled" if accepted else "cancelled",
        engagement=past.ground.engagement(opening.place, opening.quarter),
        business_unit=opening.job.unit,
        role_family=opening.job.family,
        role_code=opening.job.role_code,
        grade=opening.job.grade,
        location=opening.place,
        country=place.country,
        priority="critical" if opening.critical else "standard",
        openings=max(accepted, 1),
        currency=place.currency,
        opened_on=first - timedelta(days=24 + opening.number % 21),
        needed_by=first + timedelta(days=40),
        hiring_manager=past.ground.users[opening.manager.email],
        recruiter=past.ground.users[opening.recruiter.email],
        **posted,
    )


def _offer(
    past: Past, prefix: str, opening: Opening, case: Case, when: Moments, requisition: Requisition, candidate: Candidate
) -> Offer:
    users = past.ground.users
    status = case.status
    if status == "accepted" and when.joined_on:
        status = "joined"
    recruiter = users[opening.recruiter.email]
    return Offer(
        external_id=f"{prefix}-{case.number:05}",
        requisition=requisition,
        candidate=candidate,
        status=status,
        imported=True,
        priority=requisition.priority,
        recruiter=recruiter,
        coordinator=users[opening.coordinator.email],
        hiring_manager=requisition.hiring_manager,
        holder=recruiter if status == "accepted" else None,
        source_channel=case.channel,
        candidate_type="rehire" if case.number % 40 == 0 else "external",
        applied_on=when.verbal.date() - timedelta(days=14 + case.number % 23),
        expected_salary=case.expected,
        expected_currency=PLACES[case.place].currency if case.expected else "",
        verbal_approved_at=when.verbal,
        verbal_basis=VerbalBasis.RECORDED,
        verbal_offer_at=when.verbal_offer,
        written_at=when.written,
        decided_at=when.decided,
        moved_at=when.decided,
        joined_on=when.joined_on,
        left_on=when.left_on,
        left_reason="Let go in probation" if when.left_on and not case.voluntary else "",
        left_words="Resigned" if when.left_on and case.voluntary else "",  # as files say it
        left_voluntary=case.voluntary if when.left_on else None,
        satisfaction=case.satisfaction,
        created_at=when.created,
    )


# --- what happened to them


def _fill(past: Past, opening: Opening, case: Case, offer: Offer, when: Moments) -> None:
    first = _version(past, opening, case, offer, when, at=when.submitted)
    found = _judge(past, opening, case, first, at=when.submitted, better=False)
    last, letters = first, []
    offer.first_approved = None if when.written is None else first
    past.add(_verbal_approval(past, opening, offer, first, when))
    if when.written is None:
        chains.break_off(past, first, ChainStatus.VOID, when.submitted, when.decided)
    elif case.advice == "raised":
        halfway = when.submitted + (when.written - when.submitted) * 0.4
        chains.break_off(past, first, ChainStatus.RECALLED, when.submitted, halfway)
        past.advised.append(Advised("raised", offer, first, when.submitted, halfway))
        last = _version(past, opening, case, offer, when, at=halfway, percent=effects.RAISED_PERCENT)
        found = _judge(past, opening, case, last, at=halfway, better=True)
        chains.approve(past, last, found, halfway, when.written)
        offer.first_approved = last
        letters.append((last, when.written))
    else:
        chains.approve(past, first, found, when.submitted, when.written)
        letters.append((first, when.written))
        if case.advice == "refused":
            answered = when.submitted + (when.written - when.submitted) * 0.6
            past.advised.append(Advised("refused", offer, first, when.submitted, answered))
    if case.counter is not None:
        last = _counter(past, opening, case, offer, first, when, letters)
    offer.version, offer.letter = last, _letters(past, offer, letters, when)
    _end(past, case, offer, last, when)
    if case.accepted and not case.reneged:
        past.judge.add_peer(opening, last, case.number)


def _version(
    past: Past, opening: Opening, case: Case, offer: Offer, when: Moments, *, at: datetime, percent: int = 0
) -> OfferVersion:
    """The first version, or the second with a base so many percent higher."""
    base, period = case.base, PayPeriod.MONTH if monthly(case.place) else PayPeriod.YEAR
    if case.job.steps:
        base, period = references.steps(case.job, references.issue_of(opening.quarter))[case.step], PayPeriod.HOUR
    if percent:
        base = base * (100 + percent) / 100 if case.advice else rounded(base * (100 + percent) / 100)
    if case.counter and case.counter.inside and percent:
        base = min(base, case.base * 105 / 100)  # rounding must not carry it over the guardrail
    version = OfferVersion(
        client=past.ground.client,
        offer=offer,
        number=2 if percent else 1,
        created_at=at,
        submitted_at=at,
        submitted_by=offer.recruiter,
        currency=PLACES[case.place].currency,
        pay_period=period,
        base=base,
        target_bonus_pct=case.job.bonus_pct,
        sign_on=case.sign_on,
        clawback_months=case.clawback,
        equity_value=case.equity,
        equity_vesting="Four years, a quarter each" if case.equity else "",
        leave_days=Decimal(28 if case.place in ("Berlin", "Warsaw") else 18),
        start_on=when.start_on,
        expires_on=when.expires.date() - timedelta(days=1) if when.expires else None,
    )
    past.add(version)
    return version


def _judge(
    past: Past, opening: Opening, case: Case, version: OfferVersion, *, at: datetime, better: bool, beyond: bool = False
) -> Assessment:
    found = assess(
        past.judge, opening, version, number=case.number, at=at, better_than_verbal=better, beyond_guardrail=beyond
    )
    freeze(version, found)
    return found


def _verbal_approval(
    past: Past, opening: Opening, offer: Offer, version: OfferVersion, when: Moments
) -> VerbalApproval:
    return VerbalApproval(
        offer=offer,
        approved_at=when.verbal,
        approved_by=offer.hiring_manager,
        means=("call", "meeting", "chat")[opening.number % 3],
        recorded_at=when.verbal + timedelta(minutes=7),
        recorded_by=past.ground.users[opening.coordinator.email],
        currency=version.currency,
        base=version.annual,
        first_year_total=version.first_year_total,
        confirmed_at=when.verbal + timedelta(minutes=50),
    )


def _counter(
    past: Past, opening: Opening, case: Case, offer: Offer, first: OfferVersion, when: Moments, letters: list[Any]
) -> OfferVersion:
    counter, at = case.counter, when.countered
    assert counter is not None
    assert at is not None
    last = first
    if counter.settled is not None and at.letter is not None:
        last = _version(past, opening, case, offer, when, at=at.answered, percent=counter.settled)
        found = _judge(past, opening, case, last, at=at.answered, better=True, beyond=counter.inside is not True)
        chains.approve(past, last, found, at.answered, at.letter, because=INSIDE if counter.inside else "")
        letters.append((last, at.letter))
    past.add(
        CounterOffer(
            offer=offer,
            against=first,
            origin=counter.origin,
            countered_at=at.at,
            currency=first.currency,
            asked_base=rounded(first.base_annual * (100 + counter.asked) / 100),
            settled=None if last is first else last,
            inside_guardrail=counter.inside,
            granted_by="Guardrail of 5 % on base" if counter.inside else "",
            answered_at=at.answered,
            outcome=CounterOutcome.CLOSED if case.accepted else CounterOutcome.LOST,
        )
    )
    return last


def _letters(past: Past, offer: Offer, letters: list[tuple[OfferVersion, datetime]], when: Moments) -> Letter | None:
    """Every letter that went out, the later one in place of the earlier; gives the last."""
    last = None
    for i, (version, at) in enumerate(letters):
        revoked = letters[i + 1][1] if i + 1 < len(letters) else when.decided if offer.status == "rescinded" else None
        last = past.add(
            Letter(
                offer=offer, version=version, extended_at=at, extended_by=offer.recruiter, expires_at=when.expires,
                revoked_at=revoked,
            )
        )  # fmt: skip
    return last


def _end(past: Past, case: Case, offer: Offer, last: OfferVersion, when: Moments) -> None:
    """The clock, the loss with its reason, and what still runs after a yes."""
    programme = past.judge.programme(when.verbal)
    clock = clocks.build(offer, ClockKind.VERBAL_TO_WRITTEN, programme, started_at=when.verbal)
    clock.stopped_at, clock.next_due_at = when.written or when.decided, None
    clock.stop_reason = StopReason.DONE if when.written else StopReason.ENDED
    past.add(clock)
    if case.status in ("declined", "expired", "withdrawn", "reneged"):
        past.add(_loss(past, case, offer, when))
    if offer.status == "accepted":
        soon = when.start_on <= past.now.date() + timedelta(days=10)
        for kind in (ContingencyKind.BACKGROUND, ContingencyKind.RIGHT_TO_WORK, ContingencyKind.REFERENCES):
            clear = soon or kind == ContingencyKind.RIGHT_TO_WORK
            past.add(
                Contingency(
                    offer=offer, kind=kind, status=ContingencyStatus.CLEAR if clear else ContingencyStatus.PENDING
                )
            )


def _loss(past: Past, case: Case, offer: Offer, when: Moments) -> Loss:
    reason = case.reason
    recorded = when.decided + timedelta(hours=3 + case.number % 60)
    note = None
    if reason is not None and case.told:
        note = past.add(Note(text=reason.verbatim, author=offer.recruiter, created_at=min(recorded, past.now)))
    return Loss(
        offer=offer,
        stage=Loss.Stage.WRITTEN if case.cell.ending in LETTERED else Loss.Stage.VERBAL,
        theme=reason.theme if reason else "",
        reason=reason.reason if reason else "",
        competing_kind=reason.competing_kind if reason else "",
        verbatim=note,
        recorded_at=min(recorded, past.now) if reason else None,
        recorded_by=offer.recruiter if reason else None,
    )
