"""Approval steps of imported offers: one chain an offer, as decided elsewhere. Nobody here is asked by them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from governance.access import Role
from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault, Kind, Write
from governance.ingest.table import Column, Row
from governance.ingest.upsert import change, create, new_ids, upsert
from governance.models import Membership
from governance.programme import load
from offers.ingest.history import NAMED, flag_order, imported_offers, past
from offers.models import Approval, ApprovalChain, Decision, Offer
from offers.models.approvals import ApprovalStatus, ChainStatus

COLUMNS = (
    *NAMED,
    Column("step", cells.whole(1, 99), required=True),
    Column("role", cells.choice(*Role.values), required=True),
    Column("person_email", cells.email),
    Column("asked_at", cells.instant, required=True),
    Column("decided_at", cells.instant),
    Column("decision", cells.choice(*Decision.Verdict.values)),
)
REASON = "Imported: it was asked and decided elsewhere."


def check(row: Row, batch: Batch) -> Iterator[Fault]:
    yield from past(row, batch, "asked_at", "decided_at")
    if ("decided_at" in row.given) != ("decision" in row.given):
        yield "decided_at", "A decision and its instant come together: give both, or neither."


def plan(batch: Batch) -> Write:
    offers = imported_offers(batch)
    people = _people(batch)
    chains, new = _chains(batch, offers)
    hours = _due_hours(batch)
    wanted = []
    for row in batch.rows:
        offer = offers.get(row.given["offer"])
        if offer is not None and offer.pk in chains:
            flag_order(batch, row, "asked_at", "decided_at")
            wanted.append((row.line, _approval(row, offer, chains[offer.pk], people, hours)))
    there = Approval.objects.filter(client=batch.client).exclude(external_id="")
    write_steps = upsert(batch, Approval, there, wanted, key=("external_id",))

    def write() -> None:
        create(new, progress=batch.progress)
        write_steps()
        _decide(batch, [values for _, values in wanted])
        _end(batch, list(chains.values()))

    return write


def _people(batch: Batch) -> dict[str, int]:
    members = Membership.objects.filter(client=batch.client).values_list("user__email", "user_id")
    people = {email.lower(): user for email, user in members}
    for row in batch.rows:
        address = row.get("person_email")
        if address and address not in people:
            way_out = f"manage.py member {address} --client {batch.client.code} --role {row.given['role']}"
            error = f"{address} is not a member of {batch.client.code}. Add the person first: {way_out}"
            batch.report.refuse(row.line, "person_email", error)
    return people


def _chains(batch: Batch, offers: dict[str, Offer]) -> tuple[dict[int, int], list[ApprovalChain]]:
    """The chain of each offer by the offer's id, and those that are new. A chain that ran here refuses its rows."""
    versions = [offer.version_id for offer in offers.values()]
    there = {chain.offer_id: chain for chain in ApprovalChain.objects.filter(client=batch.client, version__in=versions)}
    own = set(
        Approval.objects.filter(chain__in=list(there.values()), external_id="").values_list("offer_id", flat=True)
    )
    for row in batch.rows:
        offer = offers.get(row.given["offer"])
        if offer is not None and offer.pk in own:
            batch.report.refuse(row.line, "offer", f"{offer.external_id} was approved here: its steps are known.")
    missing = [offer for offer in offers.values() if offer.pk not in there]
    first = {offer.pk: batch.now for offer in missing}
    for row in batch.rows:
        offer = offers.get(row.given["offer"])
        if offer is not None and offer.pk in first:
            first[offer.pk] = min(first[offer.pk], row.given["asked_at"])
    new = [
        ApprovalChain(
            pk=pk, client=batch.client, offer=offer, version=cast(Any, offer.version), status=ChainStatus.VOID,
            because=REASON, started_at=first[offer.pk],
        )
        for pk, offer in zip(new_ids(ApprovalChain, len(missing)), missing, strict=True)
    ]  # fmt: skip
    found = {offer: chain.pk for offer, chain in there.items() if offer not in own}
    return found | {chain.offer_id: chain.pk for chain in new}, new


def _due_hours(batch: Batch) -> dict[str, int]:
    level = load(batch.client.pk).service_level
    found = level.document.get("approval_step") if level else None
    return {"standard": 8, "critical": 4} | (dict(found) if found else {})


def _approval(row: Row, offer: Offer, chain: int, people: dict[str, int], hours: dict[str, int]) -> dict[str, Any]:
    status = row.get("decision") or ApprovalStatus.VOID.value
    return {
        "external_id": row.given["external_id"],
        "offer_id": offer.pk,
        "chain_id": chain,
        "step": row.given["step"],
        "role": row.given["role"],
        "person_id": people.get(row.get("person_email", "")),
        "status": status,
        "due_hours": hours[offer.priority],
        "reason": REASON,
        "asked_at": row.given["asked_at"],
        "decided_at": row.get("decided_at"),
    }


def _decide(batch: Batch, wanted: list[dict[str, Any]]) -> None:
    """Who decided, where the file says so: replaced as a whole, because a correction may name somebody else."""
    names = [values["external_id"] for values in wanted]
    rows = Approval.objects.filter(client=batch.client, external_id__in=names)
    there = {decision.approval_id: decision for decision in Decision.objects.filter(approval__in=rows)}
    new, changed = [], []
    for approval in rows:
        known = there.pop(approval.pk, None)
        if approval.person_id is None or approval.decided_at is None:
            continue
        decision = known or Decision(client=batch.client, approval=approval)
        before = (decision.user_id, decision.verdict, decision.decided_at)
        decision.user_id, decision.verdict = approval.person_id, approval.status
        decision.decided_at = approval.decided_at
        if known is None:
            new.append(decision)
        elif before != (decision.user_id, decision.verdict, decision.decided_at):
            changed.append(decision)
    change(changed, ["user", "verdict", "decided_at"], progress=batch.progress)
    create(new, progress=batch.progress)


def _end(batch: Batch, chains: list[int]) -> None:
    """What the steps come to: rejected by one, approved by all, else not needed any more."""
    steps: dict[int, list[Approval]] = {pk: [] for pk in chains}
    for approval in Approval.objects.filter(chain__in=chains):
        steps[approval.chain_id].append(approval)
    changed = []
    for chain in ApprovalChain.objects.filter(pk__in=chains):
        status, ended = _outcome(steps[chain.pk])
        started = min((one.asked_at for one in steps[chain.pk] if one.asked_at), default=chain.started_at)
        if (chain.status, chain.ended_at, chain.started_at) != (status, ended, started):
            chain.status, chain.ended_at, chain.started_at = status, ended, started
            changed.append(chain)
    change(changed, ["status", "ended_at", "started_at"], progress=batch.progress)


def _outcome(steps: list[Approval]) -> tuple[str, datetime | None]:
    statuses = {one.status for one in steps}
    ended = max((one.decided_at for one in steps if one.decided_at), default=None)
    if ApprovalStatus.REJECTED in statuses:
        return ChainStatus.REJECTED.value, ended
    return (ChainStatus.APPROVED if statuses == {ApprovalStatus.APPROVED} else ChainStatus.VOID).value, ended


APPROVALS = Kind("approvals", COLUMNS, plan, check)
