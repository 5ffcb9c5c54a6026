"""The open offers, made by the verbs that people use, each at the instant at which it would have been used.

data/open.csv names them: role, place, hours since the verbal approval (0: there is none yet), how far they have come,
how many approvals were given, and what is particular about the terms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from config.demo import references, tables
from config.demo.ground import Ground
from config.demo.plan import monthly
from config.demo.references import QUARTERS, rounded
from config.demo.tables import PLACES, Job, Opened
from governance.models import Person, User
from governance.models.base import PayPeriod
from governance.programme import Programme, load
from offers import approvals, workflow
from offers.lifecycle import Status
from offers.models import Approval, Candidate, Offer, Requisition
from offers.models.approvals import ApprovalStatus

SPECS = tables.opened()
TODAY = QUARTERS + 1
LADDER = {"standard": (24, 48, 72), "critical": (8, 16, 24)}
LATE = "The manager said yes on the train; it reached the coordinator only now."
# Of the reference, of the band's edges, or plainly beside the steps.
SHARES = {"low": "0.93", "just_low": "0.948", "limit": "0.951", "editor": "0.92"}
EDGES = {"over_band": (2, "1.03"), "far_over_band": (2, "1.08"), "under_band": (0, "0.97")}
REPORTED: dict[str, dict[str, Any]] = {
    "promised": {
        "kind": "unapproved_promise", "severity": "severe",
        "statement": "The manager told the candidate on the phone that the sign-on would be doubled.",
    },
    "called": {
        "kind": "direct_contact", "severity": "minor",
        "statement": "The manager called the candidate about the start date, without the recruiter.",
    },
}  # fmt: skip
BUDGETS = {"over_budget": "0.95", "far_over_budget": "0.87"}


@dataclass(frozen=True)
class Desk:
    """What every step of one open offer needs."""

    spec: Opened
    job: Job
    ground: Ground
    programme: Programme
    now: datetime
    rng: Random

    def ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def clear(self, hours: float) -> float:
        """An age that no threshold is about to reach: a second run right after the first finds nothing new."""
        for threshold in LADDER[self.spec.priority]:
            if threshold - 0.5 < hours < threshold:
                return threshold - 0.5
        return hours

    def person(self, role: str) -> User:
        """Somebody of the client in this role, of this place or unit where anybody is."""
        found = [each for each in tables.people() if (each.client, each.role) == (self.spec.client, role)]
        near = [each for each in found if each.covers and each.covers in (self.spec.place, self.job.unit)]
        return self.ground.users[self.rng.choice(near or found).email]


def load_present(grounds: dict[str, Ground], *, now: datetime, seed: int, count: int) -> Iterator[Offer]:
    """Make the first `count` open offers, one by one; the clients are in scope."""
    programmes = {code: load(ground.client.pk) for code, ground in grounds.items()}
    for number, spec in enumerate(SPECS[:count], 1):
        job = tables.job(spec.role_code, spec.grade)
        rng = Random(f"{seed} open {number}")
        desk = Desk(spec, job, grounds[spec.client], programmes[spec.client], now, rng)
        yield _walk(desk, number)


def _walk(desk: Desk, number: int) -> Offer:
    """Draft, verbal approval, review, letter, counter-offer: as far as the offer has come."""
    spec, recruiter = desk.spec, desk.person("recruiter")
    author = desk.person("account_director") if spec.terms == "editor" else recruiter
    offer = _draft(desk, number, recruiter, author)
    if spec.hours:
        _verbal_approval(desk, offer)
    if spec.stage == "draft":
        return offer
    age = desk.clear(spec.hours * 0.75)
    workflow.submit(offer.pk, actor=author, now=desk.ago(age))
    left = _review(desk, offer, age)
    if spec.terms == "low" and spec.place == "Berlin":
        _challenge(desk, offer)
    if spec.terms in REPORTED:
        _report(desk, offer, recruiter)
    if spec.stage in ("extended", "negotiating"):
        told = left * 0.9
        workflow.record_verbal_offer(offer.pk, actor=recruiter, now=desk.ago(told))
        workflow.extend(offer.pk, actor=recruiter, now=desk.ago(left * 0.8))
    if spec.stage == "negotiating":
        version: Any = offer.version
        asked = rounded(version.base_annual * (104 + desk.rng.randint(0, 5)) / 100)
        workflow.counter(
            offer.pk,
            actor=recruiter,
            now=desk.ago(left * 0.15),
            asked_base=asked,
            note="Asks whether the base can move.",
        )
    return offer


def _challenge(desk: Desk, offer: Offer) -> None:
    """The account director holds the letter: it waits for the business when somebody opens the portal."""
    version: Any = offer.version
    workflow.advise(
        offer.pk, actor=desk.person("account_director"), now=desk.ago(1), hold=True,
        base=rounded(version.base_annual * 107 / 100), reason="She has a second interview elsewhere on Thursday.",
    )  # fmt: skip


def _report(desk: Desk, offer: Offer, recruiter: User) -> None:
    """The recruiter has reported a way around the process, and nobody has judged it yet."""
    facts = REPORTED[desk.spec.terms]
    workflow.report_override(offer.pk, actor=recruiter, now=desk.ago(2), who=offer.hiring_manager, **facts)


# --- terms


def _draft(desk: Desk, number: int, recruiter: User, author: User) -> Offer:
    spec, client = desk.spec, desk.ground.client
    terms = _terms(desk)
    year = (
        terms["base"]
        * {PayPeriod.HOUR: client.hours_divisor, PayPeriod.MONTH: 12, PayPeriod.YEAR: 1}[terms["pay_period"]]
    )
    prefix = f"{desk.ground.company.prefix}-L"
    first, last = (desk.rng.choice(each) for each in tables.names())
    person = Person.objects.create(
        client=client, name=f"{first} {last}", email=f"{first}.{last}.{prefix}{number}@mail.example".lower()
    )
    candidate = Candidate.objects.create(client=client, external_id=f"{prefix}C{number:03}", person=person)
    expected = rounded(year * 115 / 100) if spec.terms == "expects" else None
    return workflow.draft_offer(
        requisition=_requisition(desk, f"{prefix}R{number:03}", recruiter, year),
        candidate=candidate,
        external_id=f"{prefix}{number:03}",
        actor=author,
        now=desk.ago(spec.hours + desk.rng.uniform(0.5, 3)),
        terms=terms,
        coordinator=desk.person("coordinator"),
        source_channel=desk.rng.choice(("Career site", "Employee referral", "Sourcing")),
        applied_on=(desk.now - timedelta(days=desk.rng.randint(14, 40))).date(),
        expected_salary=expected,
        expected_currency=PLACES[spec.place].currency if expected else "",
    )


def _requisition(desk: Desk, reference: str, recruiter: User, year: Decimal) -> Requisition:
    spec, job, place = desk.spec, desk.job, PLACES[desk.spec.place]
    limits: dict[str, Decimal] = {}
    if not job.steps:
        low, _, high = references.band(job, spec.place, 0)
        limits = {"budget_max": max(high, rounded(year)), "posted_min": low, "posted_max": high}
    if spec.terms in BUDGETS:
        limits["budget_max"] = rounded(year * Decimal(BUDGETS[spec.terms]))
    return Requisition.objects.create(
        client=desk.ground.client, external_id=reference, title=job.title,
        engagement=desk.ground.engagement(spec.place, TODAY), business_unit=job.unit, role_family=job.family,
        role_code=job.role_code, grade=job.grade, location=spec.place, country=place.country, priority=spec.priority,
        openings=desk.rng.randint(1, 3), currency=place.currency,
        opened_on=(desk.now - timedelta(days=desk.rng.randint(35, 60))).date(),
        needed_by=(desk.now + timedelta(days=desk.rng.randint(20, 70))).date(),
        hiring_manager=desk.person("hiring_manager"), recruiter=recruiter, **limits,
    )  # fmt: skip


def _terms(desk: Desk) -> dict[str, Any]:
    spec, job = desk.spec, desk.job
    base, period = _base(desk)
    sign_on = (
        rounded(base * 12 * (12 if period == PayPeriod.MONTH else 1) / 100) if "sign_on" in spec.terms else Decimal(0)
    )
    return {
        "base": base,
        "pay_period": period,
        "currency": PLACES[spec.place].currency,
        "target_bonus_pct": job.bonus_pct,
        "sign_on": sign_on,
        "clawback_months": 12 if spec.terms == "sign_on" else 0,
        "equity_value": rounded(base / 8) if spec.terms == "equity" else Decimal(0),
        "equity_vesting": "Four years, a quarter each" if spec.terms == "equity" else "",
        "standard_letter": spec.terms != "letter",
        "leave_days": Decimal(28 if spec.place in ("Berlin", "Warsaw") else 18),
        "start_on": _start(desk.now, spec.place, desk.rng),
    }


def _base(desk: Desk) -> tuple[Decimal, PayPeriod]:
    spec, job = desk.spec, desk.job
    if job.steps:
        step = references.steps(job, 0)[desk.rng.randint(0, 2)]
        return step + (Decimal("0.40") if spec.terms == "off_step" else 0), PayPeriod.HOUR
    if spec.terms in EDGES:
        edge, share = EDGES[spec.terms]
        year = references.band(job, spec.place, 0)[edge] * Decimal(share)
    else:
        share = SHARES.get(spec.terms, f"1.0{desk.rng.randint(0, 3)}")
        year = references.reference(job, spec.place, TODAY) * Decimal(share)
    if monthly(spec.place):
        return rounded(year / 12, 50), PayPeriod.MONTH
    return rounded(year), PayPeriod.YEAR


def _start(now: datetime, place: str, rng: Random) -> date:
    weeks = {"Berlin": 10, "Warsaw": 8}.get(place, 4) + rng.randint(0, 3)
    day = now.astimezone(ZoneInfo(PLACES[place].zone)).date() + timedelta(weeks=weeks)
    return day - timedelta(days=day.weekday())


# --- steps


def _verbal_approval(desk: Desk, offer: Offer) -> None:
    spec = desk.spec
    version: Any = offer.version
    coordinator: Any = offer.coordinator
    at = desk.ago(spec.hours)
    amounts: dict[str, Any] = {}
    if spec.terms == "better":
        amounts = {"base": rounded(version.base_annual * 97 / 100), "first_year_total": version.first_year_cash}
    late = spec.terms == "late"
    workflow.record_verbal_approval(
        offer.pk,
        actor=coordinator,
        now=desk.ago(0.4) if late else at,
        at=at,
        means=desk.rng.choice(("call", "meeting", "chat")),
        reason=LATE if late else "",
        **amounts,
    )


def _review(desk: Desk, offer: Offer, age: float) -> float:
    """Approve as often as named, or all the way; gives how many hours ago the last approval was."""
    spec = desk.spec
    finish = spec.stage != "review"
    given, turns = 0, 4 if finish else spec.approved + 1
    while given < spec.approved or finish:
        asked = Approval.objects.filter(offer=offer, status=ApprovalStatus.ASKED).order_by("step", "pk").first()
        if asked is None:
            break
        given += 1
        offer.refresh_from_db()
        version: Any = offer.version
        people = approvals.eligible(asked, offer, desk.programme, approvals.editors_of(version))
        actor = User.objects.get(pk=desk.rng.choice(people))
        workflow.approve(asked.pk, actor=actor, now=desk.ago(_at_turn(desk, age, given, turns)))
    offer.refresh_from_db()
    assert not finish or offer.status == Status.APPROVED
    return _at_turn(desk, age, given, turns)


def _at_turn(desk: Desk, age: float, turn: int, turns: int) -> float:
    return desk.clear(age * (1 - turn / (turns + 1)))
