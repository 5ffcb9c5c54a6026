"""What a kind of file is, and the one way in which any of them is taken in: all or nothing, in one transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, connection, transaction

from governance import history, keeping
from governance.access import has_permission
from governance.ingest.report import Progress, Report, silent
from governance.ingest.table import Column, Row, read
from governance.models import Client, User
from governance.planner import gather_statistics
from governance.tenancy import scope

Fault = tuple[str, str]
Write = Callable[[], None]


@dataclass(slots=True)
class Batch:
    """The rows of one file on their way in, for one client, as of `now`; no `actor`: the installation itself."""

    client: Client
    now: datetime
    actor: User | None = None
    rows: list[Row] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    progress: Progress = silent

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.client.zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Profile:
    """Another publisher's columns for a kind, and how one of its rows becomes rows of ours. Both may read the name."""

    columns: tuple[Column, ...]
    expand: Callable[[Row, Path], Iterable[Row]]


def no_faults(row: Row, batch: Batch) -> Iterable[Fault]:
    """A row check for kinds whose cells say everything."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    `check` says what is wrong inside a row, as (column, words). `plan` compares the rows with what is there, fills the
    report, and returns the write that is left to do; it may refuse rows too. `row` is the model that whoever brings the
    file in must be allowed to add to and to change; `kept` files hold what a statement of work gives one party to keep.
    `read` is for files that are no tables.
    """

    name: str
    columns: tuple[Column, ...]
    plan: Callable[[Batch], Write]
    check: Callable[[Row, Batch], Iterable[Fault]] = no_faults
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    row: str = "offers.offer"
    kept: bool = False
    read: Callable[[Path, Report], list[Row]] | None = None


def ingest(
    kind: Kind,
    path: Path,
    *,
    client: Client,
    now: datetime,
    profile: str = "",
    dry_run: bool = False,
    actor: User | None = None,
    progress: Progress = silent,
) -> Report:
    """Take in a file for a client. Where anything is refused, or on a dry run, nothing of it stays in the database.

    `actor` is the person whose doing it is: role and statement of work bind them. None is the installation itself,
    whose owner stands at the console and belongs to no party.
    """
    batch = Batch(client, now, actor, progress=progress)
    report = batch.report
    if actor and (refusal := not_theirs(kind, client, actor, now=now)):
        report.refuse(None, None, refusal)
        return report
    for row in _rows_of(kind, path, batch, profile):
        faults = list(kind.check(row, batch))
        for column, error in faults:
            report.refuse(row.line, column, error)
        if not faults:
            batch.rows.append(row)
    if not batch.rows:
        return report
    try:
        _take_in(kind, batch, dry_run=dry_run)
    except (IntegrityError, DataError) as error:
        named = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or type(error).__name__
        report.refuse(
            None, None, f"The database refuses it ({named}); somebody may have changed the same rows meanwhile."
        )
    return report


def _rows_of(kind: Kind, path: Path, batch: Batch, profile: str) -> list[Row]:
    """The file's rows as this kind names its columns; what cannot be read is refused in the report."""
    if kind.read:
        return kind.read(path, batch.report)
    if not profile:
        return read(path, kind.columns, batch.report, batch.progress)
    chosen = kind.profiles[profile]
    return [
        mine for row in read(path, chosen.columns, batch.report, batch.progress) for mine in chosen.expand(row, path)
    ]


def not_theirs(kind: Kind, client: Client, actor: User, *, now: datetime) -> str:
    """Why this person may not bring in such a file, by role or by statement of work; "" where they may."""
    app, _, model = kind.row.rpartition(".")
    if not all(has_permission(actor, f"{app}.{action}_{model}", client) for action in ("add", "change")):
        return f"No role of {actor} at {client.code} brings in {kind.name}."
    if kind.kept:
        with scope([client.pk]):
            refused = keeping.refusal(actor, client.pk, now=now)
        return f"{refused} {refused.next_step}" if refused else ""
    return ""


def _take_in(kind: Kind, batch: Batch, *, dry_run: bool) -> None:
    client, actor = batch.client, batch.actor
    with scope([client.pk]), transaction.atomic():
        with history.because(actor=actor.pk if actor else None, action=f"ingest.{kind.name}"):
            history.bulk()
            with connection.cursor() as cursor:  # two files of one client at once would each miss the other's rows
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('ingest', %s))", [client.pk])
            write = kind.plan(batch)
            if not batch.report.refused:
                write()
                gather_statistics()
        if batch.report.refused or dry_run:
            transaction.set_rollback(True)
