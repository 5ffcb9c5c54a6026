"""The programme's book: for each client's readers the groups of all other clients' cases, once a quarter.

The only place that looks at several clients at once. It reads each within that client's own scope, keeps counts alone,
makes them anonymous before anything is written, and writes each reader's book within that reader's scope: pages then
read a row of their own client, like any other, and no page ever has another client's cases in reach.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from analytics.casebook import Block, Kind, family, level, suppress
from analytics.cases import blocks
from analytics.facts import refresh
from analytics.models import ProgrammeBook
from analytics.regions import region
from governance.models import Client
from governance.tenancy import all_client_ids, scope

CUTS = ("region", "family", "level")
QUARTERS = 8

Counted = dict[tuple[Kind, str], list[Block]]  # by kind and cut


@dataclass(frozen=True, slots=True)
class Period:
    """Whole quarters that have ended."""

    quarter: str
    since: date
    until: date


def period(now: datetime) -> Period:
    """The last eight quarters that have ended everywhere on the day of `now`, by UTC."""
    today = now.astimezone(UTC).date()
    until = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    last = (until.year, (until.month - 1) // 3) if until.month > 1 else (until.year - 1, 4)
    return Period(f"{last[0]}-Q{last[1]}", until.replace(year=until.year - QUARTERS // 4), until)


def write_books(*, now: datetime) -> int:
    """Write the books of the last quarter that are not written yet; says how many. A book is never changed."""
    span, clients = period(now), all_client_ids()
    missing = [client for client in clients if not _written(client, span)]
    if not missing:
        return 0
    counted = {client: _counted(client, span, now=now) for client in clients}
    return sum(_write(reader, counted, span, now=now) for reader in missing)


def _written(client: int, span: Period) -> bool:
    with scope([client]):
        return ProgrammeBook.objects.filter(client=client, quarter=span.quarter).exists()


def _counted(client_id: int, span: Period, *, now: datetime) -> Counted:
    with scope([client_id]):
        refresh(client_id, now=now)
        client = Client.objects.get(pk=client_id)
        found: Counted = defaultdict(list)
        for kind in Kind:
            for row in blocks(client, kind, since=span.since, until=span.until, now=now):
                for cut, group in zip(CUTS, _groups(client, *row[:3]), strict=True):
                    found[kind, cut].append(Block(client_id, group, *row[3:]))
        return found


def _groups(client: Client, country: str, job: str, percentile: int | None) -> tuple[str, str, str]:
    """Where a case belongs in each cut. Families of several clients are one whatever their capitals."""
    told = family(job, (client.name, client.code))
    return region(country), told[:1].upper() + told[1:].casefold(), level(percentile)


def tables(counted: dict[int, Counted], reader: int) -> dict[str, Any]:
    """The tables for one client's readers, of all the others' cases: {kind: {cut: table}}."""
    return {kind.value: {cut: asdict(suppress(_others(counted, reader, kind, cut))) for cut in CUTS} for kind in Kind}


def _others(counted: dict[int, Counted], reader: int, kind: Kind, cut: str) -> Iterable[Block]:
    return (block for client, found in counted.items() if client != reader for block in found.get((kind, cut), ()))


def _write(reader: int, counted: dict[int, Counted], span: Period, *, now: datetime) -> int:
    book = ProgrammeBook(
        client_id=reader, quarter=span.quarter, since=span.since, until=span.until, written_at=now,
        tables=tables(counted, reader),
    )  # fmt: skip
    with scope([reader]), transaction.atomic():
        before = ProgrammeBook.objects.filter(client=reader).count()
        ProgrammeBook.objects.bulk_create([book], ignore_conflicts=True)  # another worker may have been quicker
        return ProgrammeBook.objects.filter(client=reader).count() - before
