"""Offers from a file, history and open work alike: the file against itself and against what is there."""

from collections import defaultdict
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from governance.ingest.kinds import Batch, Kind, Write
from governance.ingest.table import Row
from governance.models import Membership
from offers.ingest.columns import COLUMNS, OPEN, PEOPLE, check
from offers.ingest.intake import YEARLY, found_by, plan_intake, too_large, yearly
from offers.ingest.judge import References
from offers.ingest.rows import There, Work, period_of, take_known, take_new
from offers.ingest.scope import refuse_out_of_scope
from offers.ingest.writes import Writes
from offers.models import ApprovalChain, Loss, Offer, Override, VerbalApproval, VersionEditor
from offers.models.approvals import ChainStatus


def plan(batch: Batch) -> Write:
    rows = _distinct(batch)
    people = _members(batch, rows)
    there = _there(batch, [row.given["external_id"] for row in rows])
    _refuse_too_large(batch, rows, there)
    intake = plan_intake(batch, rows, people, lambda row: period_of(row, there))
    _refuse_second_live(batch, rows)
    refuse_out_of_scope(batch, rows, there, intake.requisitions)
    work = Work(batch, people, there, intake, References.of(batch.client.pk), Writes(intake))
    for count, row in enumerate(rows, 1):
        known = there.get(row.given["external_id"])
        if known is None:
            take_new(work, row)
        else:
            take_known(work, row, known)
        if count % 1000 == 0:
            batch.progress("compare", count, len(rows))
    return lambda: work.writes.write(batch)


def _distinct(batch: Batch) -> list[Row]:
    seen: dict[str, Row] = {}
    for row in batch.rows:
        first = seen.setdefault(row.given["external_id"], row)
        if first is row:
            continue
        differs = [name for name in {**first.given, **row.given} if first.get(name) != row.get(name)]
        if differs:
            error = f"{row.given['external_id']} stands on line {first.line} with other content ({', '.join(differs)})."
            batch.report.refuse(row.line, "external_id", error)
        else:
            batch.report.unchanged += 1
    return list(seen.values())


def _refuse_too_large(batch: Batch, rows: list[Row], there: dict[str, There]) -> None:
    for row in rows:
        for column in (*YEARLY, "expected_salary"):
            if column in row.given and (error := too_large(yearly(row.given[column], period_of(row, there), batch))):
                batch.report.refuse(row.line, column, error)


def _members(batch: Batch, rows: list[Row]) -> dict[str, int]:
    """User ids of the client's people by address; an address of nobody refuses its row."""
    members = Membership.objects.filter(client=batch.client).values_list("user__email", "user_id")
    people = {email.lower(): user for email, user in members}
    code = batch.client.code
    for row in rows:
        for column, role in PEOPLE.items():
            address = row.get(column)
            if address and address not in people:
                way_out = f"Add the person first: manage.py member {address} --client {code} --role {role}"
                batch.report.refuse(row.line, column, f"{address} is not a member of {code}. {way_out}")
    return people


def _there(batch: Batch, references: list[str]) -> dict[str, There]:
    ours = {"client_id": batch.client.pk}
    offers = found_by(
        Offer.objects.filter(**ours)
        .select_related("version", "letter", "requisition", "candidate")
        .annotate(
            edited=Exists(VersionEditor.objects.filter(version__offer=OuterRef("pk"))),
            said=Exists(VerbalApproval.objects.filter(offer=OuterRef("pk"), recorded_by__isnull=False)),
        ),
        "external_id",
        references,
    )
    keys = [offer.pk for offer in offers.values()]
    losses = found_by(Loss.objects.filter(**ours).select_related("verbatim"), "offer_id", keys)
    verbals = found_by(VerbalApproval.objects.filter(**ours, recorded_by=None), "offer_id", keys)
    worked_on = [offer.pk for offer in offers.values() if _worked_on(offer)]
    approved = found_by(_approved_chains(), "offer_id", worked_on)
    suspected: dict[int, set[str]] = defaultdict(set)
    for offer_id, cause in Override.objects.filter(**ours).exclude(cause="").values_list("offer_id", "cause"):
        suspected[offer_id].add(cause)
    return {
        reference: There(
            offer, losses.get(offer.pk), verbals.get(offer.pk), _worked_on(offer),
            approved.get(offer.pk), frozenset(suspected[offer.pk]),
        )
        for reference, offer in offers.items()
    }  # fmt: skip


def _approved_chains() -> QuerySet[ApprovalChain]:
    """The last one of an offer wins where they are put into a dict: the newest version."""
    chains = ApprovalChain.objects.filter(status=ChainStatus.APPROVED)
    return chains.select_related("version").order_by("version__number")


def _worked_on(offer: Any) -> bool:
    """Whether people have prepared, judged or moved this offer here: from then on Handoff knows better than a file."""
    submitted = offer.version is not None and offer.version.submitted_by_id is not None
    return bool(not offer.imported or offer.moved_from or offer.edited or offer.said or submitted)


def _refuse_second_live(batch: Batch, rows: list[Row]) -> None:
    in_file = {row.given["external_id"] for row in rows}
    live = Offer.objects.filter(client=batch.client).live()
    taken = {
        (candidate, requisition): f"{reference}, which is live here"
        for reference, candidate, requisition in live.values_list(
            "external_id", "candidate__external_id", "requisition__external_id"
        )
        if reference not in in_file
    }
    for row in rows:
        if row.given["outcome"] != OPEN:
            continue
        pair = (row.given["candidate_ref"], row.given["requisition_ref"])
        if pair in taken:
            error = f"This candidate has an open offer for this requisition already: {taken[pair]}."
            batch.report.refuse(row.line, "outcome", error)
        taken.setdefault(pair, f"{row.given['external_id']} on line {row.line}")


OFFERS = Kind("offers", COLUMNS, plan, check)
