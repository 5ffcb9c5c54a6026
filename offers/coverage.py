"""Which open work can be judged: roles on open requisitions without a band, a match or a usable reference."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum

from governance.models import Benchmark, Client, JobMatch, SalaryBand
from governance.models.base import PayPeriod
from offers.models.intake import RequisitionStatus

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Coverage:
    """One role of open requisitions, by client, grade, place and currency; each part None where nothing is wrong.

    `reference` is why it is unknown today, "ageing" where that is so within 60 days; `good_until` is that day.
    """

    client: Client
    role_family: str
    role_code: str
    grade: str
    location: str
    currency: str
    requisitions: int
    openings: int
    band: SalaryBand | None
    match: JobMatch | None
    benchmark: Benchmark | None
    reference: str
    good_until: date | None

    @property
    def complete(self) -> bool:
        return self.band is not None and self.reference in ("", "ageing")


def coverage(requisitions: Any, *, today: date) -> list[Coverage]:
    """Every role of these requisitions that are open, the least covered first. Four queries, whatever their number."""
    fields = ("client", "role_family", "role_code", "grade", "location", "currency", "country")
    open_ones = requisitions.filter(status=RequisitionStatus.OPEN).order_by()
    roles = list(open_ones.values(*fields).annotate(n=Count("pk"), openings=Sum("openings")))
    clients = Client.objects.in_bulk({role["client"] for role in roles})
    bands = _bands(clients, today)
    matches = {
        (row.client_id, row.role_code, row.grade, row.location): row
        for row in JobMatch.objects.filter(client__in=clients).select_related("source")
    }
    rows = _benchmarks(list(matches.values()), today)
    found = [_covered(role, clients[role["client"]], bands, matches, rows, today) for role in roles]
    return sorted(found, key=lambda each: (_rank(each), each.client.name, each.role_code, each.grade, each.location))


def _rank(each: Coverage) -> int:
    """Neither band nor reference, one of them, both but not for long, both."""
    known = each.reference in ("", "ageing")
    return (each.band is not None) + known + (each.complete and each.reference == "")


def _bands(clients: Any, today: date) -> dict[tuple[Any, ...], SalaryBand]:
    rows = SalaryBand.objects.valid_on(today).filter(client__in=clients)
    return {
        (
            row.client_id,
            bool(row.role_code),
            row.role_code or row.role_family,
            row.grade,
            row.location,
            row.currency,
        ): row
        for row in rows
    }


def _benchmarks(matches: list[JobMatch], today: date) -> dict[tuple[Any, ...], list[Benchmark]]:
    """Published rows that the matches point at, the newest last."""
    rows = Benchmark.objects.filter(
        source__in={match.source_id for match in matches},
        role_code__in={match.source_role_code for match in matches},
        location__in={match.source_location for match in matches},
        as_of__lte=today,
    ).order_by("as_of")
    found: dict[tuple[Any, ...], list[Benchmark]] = {}
    for row in rows:
        found.setdefault((row.source_id, row.role_code, row.location), []).append(row)
    return found


def _covered(
    role: dict[str, Any], client: Client, bands: dict[Any, SalaryBand], matches: dict[Any, JobMatch],
    rows: dict[Any, list[Benchmark]], today: date,
) -> Coverage:  # fmt: skip
    where = (role["grade"], role["location"], role["currency"])
    band = bands.get((client.pk, True, role["role_code"], *where)) if role["role_code"] else None
    band = band or (bands.get((client.pk, False, role["role_family"], *where)) if role["role_family"] else None)
    place = role["location"]
    match = matches.get((client.pk, role["role_code"], role["grade"], place))
    match = match or matches.get((client.pk, role["role_code"], "", place))
    published = rows.get((match.source_id, match.source_role_code, match.source_location), []) if match else []
    fits = [row for row in published if row.period == PayPeriod.YEAR and row.currency == role["currency"]]
    benchmark = next(iter(reversed(fits or published)), None)
    reference, good_until = _reference(match, benchmark, role, client, today)
    return Coverage(
        client, role["role_family"], role["role_code"], role["grade"], place, role["currency"], role["n"],
        role["openings"], band, match, benchmark, reference, good_until,
    )  # fmt: skip


def _reference(
    match: JobMatch | None, row: Benchmark | None, role: dict[str, Any], client: Client, today: date
) -> tuple[str, date | None]:
    """Why the reference is unknown today, as governance/market.py has it, or that it soon will be."""
    if match is None:
        return "no match", None
    if row is None:
        return "missing", None
    last = row.as_of + timedelta(days=match.source.stale_after_days)
    amount = row.percentiles[match.target_percentile]
    country = role["country"] or client.country
    wrong = (
        (row.suppressed, "suppressed"),
        (row.currency != role["currency"], "currency"),
        (bool(match.source.country) and country != match.source.country, "country"),
        (row.period != PayPeriod.YEAR, "period"),
        (last < today, "stale"),
        (amount is None, "top_coded" if row.top_coded else "missing"),
        (amount == 0, "zero"),
        (last <= today + SOON, "ageing"),
    )
    return next((word for holds, word in wrong if holds), ""), last
