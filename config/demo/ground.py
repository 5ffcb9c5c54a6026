"""What the offers stand on: the three clients with their people, rules, engagements, bands and pay references."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max

from config.demo import agreements, effects, references, tables
from config.demo.references import ISSUES, RATE
from config.demo.tables import OEWS, PLACES, Company, Job
from config.demo.when import first_day, quarter_starts
from governance import public_holidays
from governance.clients import create_client
from governance.models import (
    ApprovalPolicy,
    Benchmark,
    BusinessCalendar,
    Client,
    Engagement,
    ExchangeRate,
    Guardrail,
    Holiday,
    JobMatch,
    LinkRule,
    MarketSource,
    Membership,
    SalaryBand,
    User,
)
from governance.models.base import PayPeriod
from governance.models.identity import DeliveryModel, FeeModel

NO_GUARDRAIL = {"embedded": None, "project": None}
RATES = {"EUR": Decimal("1.14"), "PLN": Decimal("0.268")}  # USD for one, newest; each year before 2 % lower


@dataclass
class Ground:
    """One client's rows, by what the offers know them as."""

    company: Company
    client: Client
    users: dict[str, User] = field(default_factory=dict)  # by e-mail
    engagements: dict[str, Engagement] = field(default_factory=dict)  # by code
    bands: dict[tuple[Job, str, int], list[SalaryBand]] = field(default_factory=dict)  # job, place, issue
    benchmarks: dict[tuple[Job, str, int], Benchmark] = field(default_factory=dict)
    matches: dict[tuple[Job, str], JobMatch] = field(default_factory=dict)

    def holidays(self) -> set[date]:
        """The closed days of the client's calendar."""
        return set(Holiday.objects.filter(client=self.client).values_list("date", flat=True))

    def engagement(self, place: str, quarter: int) -> Engagement:
        """The engagement that an offer in this place belonged to; quarter 9 is today."""
        if self.company.code != "lumen":
            return next(iter(self.engagements.values()))
        kind = "PROJECT" if place == "Warsaw" else "EMBEDDED"
        return self.engagements[f"{kind}-{1 + (quarter >= effects.SECOND_SOW)}"]


def create(company: Company, *, now: datetime) -> Client:
    """The client with the starting template, as of the programme's first day; its calendar reaches two years ahead."""
    begin = quarter_starts(now, company.zone, 1)
    client, _ = create_client(code=company.code, name=company.name, zone=company.zone, engagement=False, now=begin)
    return client


def lay(company: Company, client: Client, *, now: datetime, users: dict[str, User]) -> Ground:
    """Everything else of the client; its id must be in scope. `users` are the sample's people by e-mail."""
    ground = Ground(company, client, users)
    _extend_calendar(client, now)
    _add_members(ground)
    _publish_rules(ground, now)
    _add_engagements(ground, now)
    today = now.astimezone(ZoneInfo(company.zone)).date()
    _add_references(ground, today)
    _add_bands(ground, today)
    if company.code == "lumen":
        _add_rates(client, today)
    if company.code == "corvane":  # a link in a mail decides nothing there before a code was given
        client.link_rule = LinkRule.CODE
        client.save(update_fields=["link_rule"])
    return ground


def add_users(password: str) -> dict[str, User]:
    """Everybody who signs in, all with this (encoded) password."""
    found = {person.email: User(email=person.email, name=person.name, zone=person.zone, password=password)
             for person in tables.people()}  # fmt: skip
    User.objects.bulk_create(found.values())
    return found


def _add_members(ground: Ground) -> None:
    Membership.objects.bulk_create(
        Membership(
            client=ground.client,
            user=ground.users[person.email],
            role=person.role,
            title=person.title,
            manager=ground.users.get(person.manager),
        )
        for person in tables.people()
        if person.client == ground.company.code
    )


def _extend_calendar(client: Client, now: datetime) -> None:
    calendar = BusinessCalendar.objects.get(client=client, is_default=True)
    last = calendar.holidays.aggregate(last=Max("date"))["last"]
    days = public_holidays.listed(client.country, range(last.year + 1, now.year + 3))
    Holiday.objects.bulk_create(
        Holiday(client=client, calendar=calendar, country=day.country, date=day.date, name=day.name) for day in days
    )


# --- rules


def _publish_rules(ground: Ground, now: datetime) -> None:
    client, zone = ground.client, ground.company.zone
    begin = quarter_starts(now, zone, 1) + timedelta(hours=1)
    policy = ApprovalPolicy.objects.current(client.pk).document
    rails = Guardrail.objects.current(client.pk).document
    if ground.company.code == "northbridge":
        _publish(ApprovalPolicy, client, _three_steps(policy), begin)
    if ground.company.code == "corvane":
        tightened = quarter_starts(now, zone, effects.TIGHTENED)
        _publish(Guardrail, client, {**rails, **NO_GUARDRAIL}, begin)
        _publish(Guardrail, client, rails, tightened)
        _publish(ApprovalPolicy, client, _tightened(policy), tightened)


def _publish(model: Any, client: Client, document: dict[str, Any], at: datetime) -> None:
    last = model.objects.current(client.pk)
    row = model(client=client, name=last.name, version=last.version + 1, document=document)
    row.clean()
    row.published_at = at
    row.save()


def _three_steps(policy: dict[str, Any]) -> dict[str, Any]:
    """Northbridge asks three people one after another about every offer."""
    ask = [{"role": role} for role in ("account_director", "hr_partner", "finance_leader")]
    rule = {"id": "every-offer", "title": "Every offer, three in sequence", "when": [{"test": "always"}], "ask": ask}
    return {**policy, "rules": [rule, *policy["rules"]]}


def _tightened(policy: dict[str, Any]) -> dict[str, Any]:
    """Corvane decides in half the time, and looks sooner at pay that is out of line with peers."""
    found = copy.deepcopy(policy)
    found["due"] = {"standard": 4, "critical": 2}
    for rule in found["rules"]:
        if rule["id"] == "peers":
            rule["title"] = "More than 8 % from the peer median, or inversion"
            rule["when"] = [{"any": [{"test": "peer_gap", "percent": "8"}, {"test": "inversion"}]}]
    return found


def _add_engagements(ground: Ground, now: datetime) -> None:
    zone = ground.company.zone
    begin = first_day(now, zone)
    second = begin + timedelta(days=references.QUARTER * (effects.SECOND_SOW - 1))
    ends = second - timedelta(days=1)
    programme, project = DeliveryModel.PROGRAMME, DeliveryModel.PROJECT
    rows: dict[str, list[tuple[Any, ...]]] = {
        "northbridge": [("RPO", "Northbridge programme", programme, FeeModel.MIXED, True, begin, None)],
        "corvane": [("RPO", "Corvane plants", programme, FeeModel.MANAGEMENT, True, begin, None)],
        "lumen": [
            ("EMBEDDED-1", "Austin and Berlin, first SOW", programme, FeeModel.MIXED, True, begin, ends),
            ("PROJECT-1", "Warsaw, first SOW", project, FeeModel.SUCCESS, False, begin, ends),
            ("EMBEDDED-2", "Austin and Berlin, second SOW", programme, FeeModel.MIXED, True, second, None),
            ("PROJECT-2", "Warsaw, second SOW", project, FeeModel.SUCCESS, False, second, None),
        ],
    }
    fields = ("code", "name", "delivery_model", "fee_model", "embedded", "starts_on", "ends_on")
    for row in rows[ground.company.code]:
        made = Engagement.objects.create(client=ground.client, **dict(zip(fields, row, strict=True)))
        ground.engagements[made.code] = made
        agreements.publish(made, at=datetime.combine(made.starts_on, time(), ZoneInfo(zone)))


# --- pay


def _issues(today: date) -> Iterator[tuple[int, date, date | None]]:
    """Each issue with its first and last day; the newest has no last."""
    for issue, days in enumerate(ISSUES):
        until = None if issue == 0 else today - timedelta(days=ISSUES[issue - 1] + 1)
        yield issue, today - timedelta(days=days), until


def _add_references(ground: Ground, today: date) -> None:
    wanted = {PLACES[place].source for place in ground.company.places}
    countries = {place.source: place.country for place in PLACES.values()}
    sources = {
        row.name: row
        for row in MarketSource.objects.bulk_create(
            MarketSource(
                client=ground.client, name=name, country=countries[name], yearly_rate=RATE,
                national_location="0000000" if name == OEWS else "",
            )
            for name in sorted(wanted)
        )
    }  # fmt: skip
    made = {
        (key, issue): _benchmark(ground.client, sources[row.source], row, issue, as_of)
        for key, row in tables.published().items()
        if row.source in wanted
        for issue, as_of, _ in _issues(today)
        if issue == len(ISSUES) - 1 or (row.role_code, row.location) != references.DISCONTINUED
    }
    Benchmark.objects.bulk_create(made.values())
    for job, place in _job_places(ground.company):
        where = PLACES[place]
        code = job.occupation(where)
        if code is None:
            continue
        ground.matches[job, place] = JobMatch(
            client=ground.client, role_code=job.role_code, grade=job.grade, location=place,
            source=sources[where.source], source_role_code=code, source_location=where.source_location,
            target_percentile=job.percentile,
        )  # fmt: skip
        for issue in range(len(ISSUES)):
            key = (where.source, code, where.source_location)
            ground.benchmarks[job, place, issue] = made.get((key, issue)) or made[key, len(ISSUES) - 1]
    JobMatch.objects.bulk_create(ground.matches.values())


def _benchmark(client: Client, source: MarketSource, row: tables.Published, issue: int, as_of: date) -> Benchmark:
    figures = {f"p{p}": each and references.issued(each, issue) for p, each in row.percentiles.items()}
    return Benchmark(
        client=client, source=source, role_code=row.role_code, role_title=row.role_title, location=row.location,
        location_name=row.location_name, currency=row.currency, period=PayPeriod.YEAR, as_of=as_of, note=row.note,
        **figures,
    )  # fmt: skip


def _job_places(company: Company) -> Iterator[tuple[Job, str]]:
    for job in tables.jobs():
        if job.client == company.code:
            for place in company.places:
                yield job, place


def _add_bands(ground: Ground, today: date) -> None:
    for job, place in _job_places(ground.company):
        for issue, start, end in _issues(today):
            ground.bands[job, place, issue] = list(_bands(ground.client, job, place, issue, start, end))
    SalaryBand.objects.bulk_create(row for rows in ground.bands.values() for row in rows)


def _bands(client: Client, job: Job, place: str, issue: int, start: date, end: date | None) -> Iterator[SalaryBand]:
    common = {
        "client": client, "role_family": job.family, "role_code": job.role_code, "grade": job.grade, "location": place,
        "currency": PLACES[place].currency, "valid_from": start, "valid_to": end,
    }  # fmt: skip
    code = f"{job.role_code}-{job.grade}-{place.upper().replace(' ', '')}-{start.year}"
    if job.steps:
        for step in references.steps(job, issue):
            yield SalaryBand(
                code=code, period=PayPeriod.HOUR, kind=SalaryBand.Kind.STEP, strict=True,
                minimum=step, midpoint=step, maximum=step, **common,
            )  # fmt: skip
        return
    low, middle, high = references.band(job, place, issue)
    yield SalaryBand(code=code, minimum=low, midpoint=middle, maximum=high, **common)


def _add_rates(client: Client, today: date) -> None:
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            client=client, base=currency, quote="USD", rate=round(rate * Decimal("0.98") ** issue, 4), as_of=start,
            source="Sample programme, invented",
        )
        for currency, rate in RATES.items()
        for issue, start, _ in _issues(today)
    )  # fmt: skip
