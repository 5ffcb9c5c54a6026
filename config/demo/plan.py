"""The closed offers of the programme as plain facts, the same for the same seed on any day. Pure: no ORM, no clock.

The effects are laid out first (config/demo/effects.py); everything else is dealt around them in fixed proportions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from random import Random

from config.demo import effects
from config.demo.deal import dealt, in_turn
from config.demo.effects import Cell
from config.demo.references import reference, rounded
from config.demo.tables import COMPANIES, PLACES, Company, Job, Person, Reason, jobs, names, people, reasons

HOUR = 60  # minutes
DAY = 24 * HOUR
CHANNELS = {
    "northbridge": {
        "Career site": 24,
        "Employee referral": 20,
        "Sourcing": 28,
        "Wallstead Careers": 16,
        "University": 12,
    },
    "corvane": {"Walk-in day": 26, "Employee referral": 26, "Career site": 20, "Plantwork board": 18, "College": 10},
    "lumen": {"Sourcing": 35, "Employee referral": 25, "Career site": 25, "Meetups": 15},
}
CORVANE_WAITS = (
    {"0-24": 10, "24-48": 30, "48-72": 28, "72-96": 20, "96-": 12},
    {"0-24": 30, "24-48": 42, "48-72": 18, "72-96": 7, "96-": 3},
)
THEMES = {
    "Operators": {"compensation": 26, "location": 16, "work_model": 16, "competing_offer": 14, "personal": 10,
                  "process_delay": 8, "skills_mismatch": 3, "not_given": 4, "": 3},
    "Engineers": {"competing_offer": 26, "compensation": 22, "career_progression": 12, "process_delay": 12,
                  "current_employer_counter": 10, "relocation_visa": 4, "manager_impression": 6, "": 4, "not_given": 4},
    "countered": {"compensation": 40, "competing_offer": 30, "current_employer_counter": 25, "not_given": 5},
    "lost_verbal": {"process_delay": 40, "competing_offer": 40, "personal": 20},
}  # fmt: skip
COUNTERED = {"accepted": {"none": 88, "inside": 8, "beyond": 4}, "declined": {"none": 80, "inside": 6, "beyond": 14}}
# Pay in percent of the reference, for jobs with a range; steps of a scale, lowest first.
RATIOS = {92: 3, 94: 5, 96: 11, 98: 16, 100: 22, 102: 18, 104: 12, 106: 7, 109: 4, 116: 1, 122: 1}
MODEST = {97: 1, 98: 1, 100: 1, 102: 1, 104: 1}  # leaves room for a guardrail under the band's maximum
STEPS = {0: 40, 1: 32, 2: 18, 3: 8, 4: 2}
SIGN_ON = {0: 91, 5: 7, 12: 2}  # percent of base
LEAVES = {None: 860, (5, 30): 20, (31, 90): 30, (91, 180): 40, (181, 365): 50}  # days after the first
SATISFACTION = {
    "accepted": {None: 45, 10: 12, 9: 16, 8: 14, 7: 8, 6: 3, 5: 2},
    "": {None: 65, 8: 4, 7: 7, 6: 8, 5: 7, 4: 5, 3: 3, 1: 1},
}
LETTERED = ("accepted", "declined", "rescinded")  # endings that a letter went before


@dataclass(slots=True)
class Counter:
    """A counter-offer. Percent of base; `settled` None: it was lost before there was an answer."""

    origin: str
    inside: bool | None
    asked: int
    settled: int | None
    after: float  # share of the candidate's time to answer
    answered: int  # minutes later
    letter: int  # minutes after that


@dataclass(slots=True)
class Case:
    """A closed offer. Minutes are elapsed; `base` is the first version's, in its own period and currency."""

    number: int
    cell: Cell
    job: Job = field(init=False)
    place: str = ""
    name: tuple[str, str] = ("", "")
    channel: str = ""
    status: str = ""
    reason: Reason | None = None
    told: bool = False  # the verbatim was kept
    wait: int | None = None  # verbal approval to letter
    answer: int = 0  # letter (without one: verbal approval) to the end
    counter: Counter | None = None
    advice: str = ""
    step: int = 0
    base: Decimal = Decimal(0)
    sign_on: Decimal = Decimal(0)
    clawback: int = 0
    equity: Decimal = Decimal(0)
    expected: Decimal | None = None
    reneged: bool = False
    leaves_after: int | None = None
    voluntary: bool = True
    satisfaction: int | None = None

    @property
    def accepted(self) -> bool:
        return self.cell.ending == "accepted"


@dataclass(slots=True)
class Opening:
    """A requisition and the offers made on it."""

    number: int
    quarter: int
    job: Job
    place: str
    critical: bool
    manager: Person
    recruiter: Person
    coordinator: Person
    cases: list[Case]


@dataclass(frozen=True)
class Plan:
    company: Company
    openings: list[Opening]

    @property
    def cases(self) -> Iterator[Case]:
        return (case for opening in self.openings for case in opening.cases)


def plans(seed: int, offers: int | None = None) -> list[Plan]:
    """The closed offers of the three companies: all of the programme, or an even sample of that many."""
    cells = effects.layout(offers)
    return [_plan(company, [cell for cell in cells if cell.company == company.code], seed) for company in COMPANIES]


def _plan(company: Company, cells: list[Cell], seed: int) -> Plan:
    rng = Random(f"{seed} {company.code}")
    cases = [Case(number, cell) for number, cell in enumerate(sorted(cells, key=lambda cell: cell.quarter), 1)]
    for _, group in groupby(cases, key=lambda case: case.cell.quarter):
        _deal_work(rng, company, list(group))
    if company.code == "lumen":
        _advise(cases)
    _deal_waits(rng, company, cases)
    _deal_people(rng, company, cases)
    _deal_counters(rng, cases)
    _deal_losses(rng, cases)
    _deal_pay(rng, cases)
    _deal_after(rng, cases)
    return Plan(company, _openings(rng, company, cases))


def _deal_work(rng: Random, company: Company, cases: list[Case]) -> None:
    """Job and place, quarter by quarter; family by family where an effect fixes it."""
    for family in sorted({case.cell.family for case in cases}):
        group = [case for case in cases if case.cell.family == family]
        known = [job for job in jobs() if job.client == company.code and family in ("", job.family)]
        for case, job in zip(group, dealt(rng, {job: job.a_quarter for job in known}, len(group)), strict=True):
            case.job = job
        for case, place in zip(group, dealt(rng, company.places, len(group)), strict=True):
            case.place = place


def _advise(cases: list[Case]) -> None:
    """Berlin's advice cases, evenly over the second statement of work; places change hands, their number stays."""
    late = [case for case in cases if case.cell.quarter >= effects.SECOND_SOW]
    heeded = [case for case in late if case.accepted and not case.cell.channel]
    refused = [case for case in late if case.cell.theme == "competing_offer" and not case.cell.channel]
    for group, advice in ((heeded, "raised"), (refused, "refused")):
        count = min(effects.ADVICE[advice], len(group))
        for i in range(count):
            case = group[(2 * i + 1) * len(group) // (2 * count)]
            other = next((each for each in late if each.place == "Berlin" and not each.advice), case)
            case.place, other.place = other.place, case.place
            case.place, case.advice = "Berlin", advice


def _deal_waits(rng: Random, company: Company, cases: list[Case]) -> None:
    lettered = [case for case in cases if case.cell.ending in LETTERED]
    if company.code == "lumen":
        for era, days in enumerate(effects.LUMEN_DAYS):
            decided = [
                case for case in lettered
                if case.cell.ending != "rescinded" and (case.cell.quarter >= effects.SECOND_SOW) == bool(era)
            ]  # fmt: skip
            for case, day, shift in zip(
                decided, dealt(rng, days, len(decided)), _mirrored(rng, len(decided)), strict=True
            ):
                case.wait = day * DAY + shift
    elif company.code == "corvane":
        for quarter, group in groupby(lettered, key=lambda case: case.cell.quarter):
            found = list(group)
            table = CORVANE_WAITS[quarter >= effects.TIGHTENED]
            for case, bucket in zip(found, dealt(rng, table, len(found)), strict=True):
                case.wait = _minutes(rng, bucket)
    for case in lettered:
        if case.wait is None:
            case.wait = _minutes(rng, case.cell.wait or "24-48")


def _mirrored(rng: Random, n: int) -> list[int]:
    """Minutes off the whole day: up to seven hours, each with its mirror, so that they sum to nothing."""
    shifts = [shift for _ in range(n // 2) for shift in (lambda x: (x, -x))(rng.randint(5, 7 * HOUR))]
    shifts += [0] * (n % 2)
    rng.shuffle(shifts)
    return shifts


def _minutes(rng: Random, bucket: str) -> int:
    """Somewhere in the bucket where a working day to a working day can reach, and never near an edge."""
    first = {"0-24": 0, "24-48": 1, "48-72": 2, "72-96": 3, "96-": rng.choice((4, 4, 5, 6, 7))}[bucket]
    if rng.random() < 0.5:
        return first * DAY + rng.randint(90 if not first else 15, 7 * HOUR)
    return (first + 1) * DAY - rng.randint(15, 7 * HOUR)


def _deal_people(rng: Random, company: Company, cases: list[Case]) -> None:
    first, last = names()
    open_channel = [case for case in cases if not case.cell.channel]
    for case, channel in zip(open_channel, dealt(rng, CHANNELS[company.code], len(open_channel)), strict=True):
        case.channel = channel
    for case in cases:
        case.channel = case.channel or case.cell.channel
        case.name = (rng.choice(first), rng.choice(last))


def _deal_counters(rng: Random, cases: list[Case]) -> None:
    kinds = {id(case): case.cell.counter or "none" for case in cases}
    for ending, table in COUNTERED.items():
        free = [case for case in cases if not case.cell.counter and case.cell.ending == ending and not case.advice]
        for case, kind in zip(free, dealt(rng, table, len(free)), strict=True):
            kinds[id(case)] = "beyond" if kind == "inside" and case.place == "Warsaw" else kind
    for case in cases:
        if (kind := kinds[id(case)]) != "none":
            case.counter = _counter(rng, kind, lost=not case.accepted)


def _counter(rng: Random, kind: str, *, lost: bool) -> Counter:
    settled: int | None = {"before": rng.randint(2, 8), "inside": rng.randint(2, 5), "beyond": rng.randint(6, 10)}[kind]
    unanswered = lost and kind != "inside" and rng.random() < 0.5
    return Counter(
        origin=rng.choices(("candidate_ask", "current_employer", "competing_employer"), (60, 18, 22))[0],
        inside={"before": None, "inside": True, "beyond": False}[kind],
        asked=(settled or 0) + rng.randint(1, 6),
        settled=None if unanswered else settled,
        after=rng.uniform(0.2, 0.3),
        answered=rng.randint(3 * HOUR, 20 * HOUR),
        letter=rng.randint(HOUR // 2, 3 * HOUR) if kind == "inside" else rng.randint(4 * HOUR, 15 * HOUR),
    )


def _deal_losses(rng: Random, cases: list[Case]) -> None:
    for case in cases:
        ending = case.cell.ending
        case.status = ending
        theme = case.cell.theme
        if ending in ("accepted", "rescinded", "cancelled"):
            continue
        if case.cell.company == "corvane" or ending == "lost_verbal":
            kind = ending if ending == "lost_verbal" else "countered" if case.counter else case.cell.family
            theme = rng.choices(list(THEMES[kind]), list(THEMES[kind].values()))[0]
        if theme:
            case.reason = rng.choice(reasons()[theme])
            case.told = bool(case.reason.verbatim) and rng.random() < 0.5
        case.status = _status(case, theme)


def _status(case: Case, theme: str) -> str:
    if case.cell.ending == "lost_verbal":
        return "withdrawn" if theme == "personal" else "declined"
    if case.cell.company == "northbridge":
        return "declined"  # its figures are of declines: nothing expires, nobody withdraws after a letter
    return {"": "expired", "personal": "withdrawn", "relocation_visa": "withdrawn"}.get(theme, "declined")


def _deal_pay(rng: Random, cases: list[Case]) -> None:
    stepped = [case for case in cases if case.job.steps]
    for case, step in zip(stepped, dealt(rng, STEPS, len(stepped)), strict=True):
        case.step = step
    ranged = [case for case in cases if not case.job.steps]
    for case, ratio in zip(ranged, dealt(rng, RATIOS, len(ranged)), strict=True):
        _price(rng, case, ratio)


def _price(rng: Random, case: Case, ratio: int) -> None:
    if case.counter and case.counter.inside:
        ratio = rng.choice(list(MODEST))
    ratio = {"raised": 93, "refused": 91}.get(case.advice, ratio)
    share = (Decimal(ratio) + Decimal(rng.randint(-9, 9)) / 10) / 100
    yearly = reference(case.job, case.place, case.cell.quarter) * share
    case.base = rounded(yearly / 12, 50) if monthly(case.place) else rounded(yearly)
    year = case.base * 12 if monthly(case.place) else case.base
    percent = rng.choices(list(SIGN_ON), list(SIGN_ON.values()))[0]
    case.sign_on = rounded(year * percent / 100)
    case.clawback = 12 if percent else 0
    if case.job.grade == "G6" and case.cell.company == "lumen" and rng.random() < 0.3:
        case.equity = rounded(year / 10)
    if rng.random() < 0.5:
        case.expected = rounded(year * rng.randint(97, 108) / 100)


def monthly(place: str) -> bool:
    """In Warsaw pay is agreed by the month."""
    return PLACES[place].currency == "PLN"


def _deal_after(rng: Random, cases: list[Case]) -> None:
    """How long the candidate took, and what came after a yes."""
    won = [case for case in cases if case.accepted]
    for case, span in zip(won, dealt(rng, LEAVES, len(won)), strict=True):
        case.leaves_after = rng.randint(*span) if span else None
        case.voluntary = rng.random() < 0.7
    for case, reneged in zip(won, dealt(rng, {False: 985, True: 15}, len(won)), strict=True):
        case.reneged = reneged
        if reneged:
            case.status, case.reason = "reneged", rng.choice(reasons()["current_employer_counter"])
    for case in cases:
        table = SATISFACTION["accepted" if case.accepted else ""]
        case.satisfaction = rng.choices(list(table), list(table.values()))[0]
        case.answer = _answer(rng, case)


def _answer(rng: Random, case: Case) -> int:
    if case.advice == "raised":
        return rng.randint(3 * HOUR, effects.SIGNED_WITHIN_HOURS * HOUR - 20)
    if case.advice == "refused":
        return effects.COMPETITOR_DAY * DAY + rng.randint(-HOUR // 2, HOUR // 2)
    if case.counter:
        return int(rng.triangular(60 * HOUR, 150 * HOUR, 80 * HOUR))
    if case.accepted:
        return int(rng.triangular(4 * HOUR, 96 * HOUR, 30 * HOUR))
    return int(rng.triangular(10 * HOUR, 110 * HOUR, 60 * HOUR))


def _openings(rng: Random, company: Company, cases: Iterable[Case]) -> list[Opening]:
    """Requisitions of up to four offers, of twenty for operators, each with its manager and recruiter."""
    found: list[Opening] = []
    key = lambda case: (case.cell.quarter, case.job.role_code, case.job.grade, case.place)  # noqa: E731
    for (quarter, *_, place), group in groupby(sorted(cases, key=key), key=key):
        together = list(group)
        size = 20 if together[0].job.steps else 4
        for start in range(0, len(together), size):
            part = together[start : start + size]
            found.append(_opening(rng, company, len(found) + 1, quarter, place, part))
    for opening, critical in zip(found, dealt(rng, {True: 8, False: 92}, len(found)), strict=True):
        opening.critical = critical
    for opening, recruiter in zip(found, in_turn(rng, _of(company, "recruiter"), len(found)), strict=True):
        local = [person for person in _of(company, "recruiter") if person.covers == opening.place]
        opening.recruiter = local[0] if local else recruiter
    return found


def _opening(rng: Random, company: Company, number: int, quarter: int, place: str, cases: list[Case]) -> Opening:
    job = cases[0].job
    covering = [person for person in _of(company, "hiring_manager") if person.covers in (job.unit, place)]
    recruiters, coordinators = _of(company, "recruiter"), _of(company, "coordinator")
    return Opening(
        number=number,
        quarter=quarter,
        job=job,
        place=place,
        critical=False,
        manager=rng.choice(covering),
        recruiter=recruiters[0],
        coordinator=coordinators[number % len(coordinators)],
        cases=cases,
    )


def _of(company: Company, role: str) -> list[Person]:
    return [person for person in people() if (person.client, person.role) == (company.code, role)]
