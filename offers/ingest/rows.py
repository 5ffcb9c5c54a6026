"""One row of an offers file: the offer it makes, or what it changes of one that is there.

A decided offer keeps its instants, is marked imported and asks no approvals. Terms that were decided or written are
frozen at once; a correction of them is a next version. An offer that people have worked on here is left as it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from governance.access import Role
from governance.ingest.kinds import Batch
from governance.ingest.report import Flagged
from governance.ingest.table import Row
from governance.models import Note
from offers import overrides
from offers.ingest.columns import OPEN, PEOPLE
from offers.ingest.intake import Changes, Intake, assign, differences, too_large, yearly
from offers.ingest.judge import References
from offers.ingest.writes import Writes
from offers.lifecycle import ENDED, ENDED_BY_CANDIDATE, ENDED_BY_EMPLOYER, LIVE, Status
from offers.models import ApprovalChain, Letter, Loss, Offer, OfferVersion, VerbalApproval
from offers.models.events import Means
from offers.models.offer import VerbalBasis
from offers.models.review import LEAVING_REASONS, TERM_ENDED

OFFER = (
    "priority", "opening_ref", "candidate_type", "source_channel", "applied_on", "verbal_approved_at", "verbal_basis",
    "verbal_offer_at", "written_at", "decided_at", "joined_on", "left_on", "left_voluntary", "satisfaction",
    "business_unit", "role_family", "role_code", "grade", "location", "country",
)  # fmt: skip
TERMS = {
    "base_salary": "base",
    "currency": "currency",
    "period": "pay_period",
    "fte": "fte",
    "hours_per_week": "weekly_hours",
    "sign_on": "sign_on",
    "bonus_pct": "target_bonus_pct",
    "equity_value": "equity_value",
    "relocation": "relocation",
    "employment_type": "employment_type",
    "start_on": "start_on",
    "expires_on": "expires_on",
}
LOSS = {"decline_theme": "theme", "decline_reason": "reason", "competing_kind": "competing_kind", "lost_stage": "stage"}


@dataclass(slots=True)
class There:
    """An offer that is in the database, with what belongs to it."""

    offer: Offer
    loss: Loss | None
    verbal: VerbalApproval | None
    worked_on: bool
    approved: ApprovalChain | None = None  # the newest chain that was approved, its version loaded
    suspected: frozenset[str] = frozenset()  # causes of overrides that are known already


@dataclass(slots=True)
class Work:
    """Everything that taking in one row needs to know, and where what it leads to is collected."""

    batch: Batch
    people: Mapping[str, int]
    there: dict[str, There]
    intake: Intake
    references: References
    writes: Writes


def period_of(row: Row, there: Mapping[str, There]) -> str:
    """The period that the row's pay is given per; where it does not say, what is known of the offer, else the year."""
    known = there.get(row.given["external_id"])
    return str(row.get("period") or (known.offer.version.pay_period if known and known.offer.version else "year"))


def take_new(work: Work, row: Row) -> None:
    batch, now = work.batch, work.batch.now
    values, terms = _offer_values(work, row, None), _terms(row)
    instants = [values[name] for name in ("verbal_approved_at", "written_at", "decided_at") if name in values]
    created_at = min(instants, default=now)
    offer = Offer(client=batch.client, imported=True, created_at=created_at, **values)
    offer.external_id = row.given["external_id"]
    _place(offer, now)
    version = OfferVersion(client=batch.client, offer=offer, number=1, created_at=created_at, **terms)
    if _too_large(batch, row, version):
        return
    offer.version = version
    work.writes.offers.append(offer)
    work.writes.versions.append(version)
    _freeze(work, offer, version)
    _keep_letter(work, offer, {})
    _keep_loss(work, row, offer, None)
    _keep_verbal(work, offer, None)
    batch.report.created += 1
    batch.report.show(row.line, offer.external_id, "create", {name: [None, value] for name, value in row.given.items()})
    _flag(work, row, [*offer.flags, *_not_kept(row, offer)])


def take_known(work: Work, row: Row, known: There) -> None:
    offer, batch = known.offer, work.batch
    changes = differences(offer, _offer_values(work, row, known))
    terms = differences(offer.version, _terms(row)) if offer.version else {}
    shared = work.intake.changes(row)
    if known.worked_on:
        if row.given["outcome"] == OPEN:
            changes.pop("status", None)
        changes.pop("flags", None)
        _count(work, row, shared)
        suspected = _suspect(work, row, known)
        _flag(work, row, (["worked_on_here"] if changes or terms else []) + suspected)
        return
    if row.given["outcome"] == OPEN and offer.status not in LIVE:
        error = f"{offer.external_id} is {offer.status} here; a file does not reopen it. Reopen it in Handoff."
        batch.report.refuse(row.line, "outcome", error)
        return
    assign(offer, changes)
    if changes.keys() & {"status", "recruiter_id"}:
        _place(offer, offer.moved_at)
    if not _keep_terms(work, row, offer, terms):
        return
    _keep_letter(work, offer, terms)
    own = {**changes, **terms, **_keep_loss(work, row, offer, known.loss)}
    _keep_verbal(work, offer, known.verbal)
    if changes or terms:
        work.writes.changed_offers.append(offer)
    if changes.keys() & {"status", "verbal_approved_at"}:
        work.writes.followed.append(offer)
    _count(work, row, {**own, **shared})
    _flag(work, row, [*offer.flags, *_not_kept(row, offer)])


def _offer_values(work: Work, row: Row, known: There | None) -> dict[str, Any]:
    """The offer's own columns as they should be, only those that the row speaks of."""
    given, before = row.given, known.offer if known else Offer()
    values: dict[str, Any] = {name: given[name] for name in OFFER if name in given}
    values["requisition"] = work.intake.requisitions[given["requisition_ref"]]
    values["candidate"] = work.intake.candidates[given["candidate_ref"]]
    for column in PEOPLE:
        if column in given:
            values[column.replace("_email", "_id")] = work.people.get(given[column])
    if "left_reason" in given:
        values |= _why_left(given["left_reason"])
    if "expected_salary" in given:
        values["expected_salary"] = yearly(given["expected_salary"], period_of(row, work.there), work.batch)
        values["expected_currency"] = given["currency"]
    if "verbal_approved_at" in given and "verbal_basis" not in given and before.verbal_approved_at is None:
        values["verbal_basis"] = VerbalBasis.RECORDED.value
    verbal, written, decided = (
        values.get(name, getattr(before, name)) for name in ("verbal_approved_at", "written_at", "decided_at")
    )
    values["flags"] = contradictions(verbal, written, decided)
    outcome = given["outcome"]
    values["status"] = outcome if outcome != OPEN else Status.EXTENDED.value if written else Status.DRAFT.value
    return values


def _why_left(said: str) -> dict[str, str]:
    """One of our reasons as it is; other words apart, where they can be erased, with the one reason that counts."""
    if said in LEAVING_REASONS:
        return {"left_reason": said, "left_words": ""}
    return {"left_reason": TERM_ENDED if _TERM_ENDED.search(said) else "", "left_words": said}


_TERM_ENDED = re.compile(r"\b(end(s|ed|ing)?|expir\w*)\b", re.IGNORECASE)


def contradictions(verbal: datetime | None, written: datetime | None, decided: datetime | None) -> list[str]:
    """Codes of instants that cannot all be true; such an offer is kept, and left out of durations."""
    pairs = {
        "written_before_verbal": (written, verbal),
        "decided_before_written": (decided, written),
        "decided_before_verbal": (decided, verbal),
    }
    return [code for code, (later, earlier) in pairs.items() if later and earlier and later < earlier]


def _terms(row: Row) -> dict[str, Any]:
    return {name: row.given[column] for column, name in TERMS.items() if column in row.given}


def _place(offer: Offer, otherwise: datetime) -> None:
    """Since when the offer is in its status, as far as the file says, and who holds it now."""
    known = {Status.DRAFT: offer.verbal_approved_at, Status.EXTENDED: offer.written_at}
    offer.moved_at = known.get(Status(offer.status), offer.decided_at) or otherwise
    over = offer.status in ENDED | {Status.JOINED}
    offer.holder_id = None if over else offer.recruiter_id
    offer.holder_role = "" if over or offer.recruiter_id else Role.COORDINATOR.value


def _too_large(batch: Batch, row: Row, version: OfferVersion) -> bool:
    error = too_large(max(version.base_annual, version.first_year_cash))
    if error:
        batch.report.refuse(row.line, "base_salary", error)
    return error is not None


def _freeze(work: Work, offer: Offer, version: OfferVersion) -> None:
    """Freeze terms that were written or decided, with what they were worth on that day; open drafts stay editable."""
    at = offer.written_at or offer.decided_at
    if at is None:
        return
    version.submitted_at = at
    if offer.written_at:
        offer.first_approved = version
    day = at.astimezone(work.batch.zone).date()
    work.references.freeze(version, offer.job, work.batch.client.country, day)


def _keep_terms(work: Work, row: Row, offer: Offer, changes: Changes) -> bool:
    """Change an editable version in place; correct a frozen one by a next version. False where the row is refused."""
    version: Any = offer.version
    offer.requisition = work.intake.requisitions[row.given["requisition_ref"]]
    if version.submitted_at is not None and changes:
        values = {**version.terms(), **_terms(row)}
        version = OfferVersion(client=work.batch.client, offer=offer, number=version.number + 1, **values)
        version.created_at = work.batch.now
        offer.version = version
        work.writes.versions.append(version)
    elif version.submitted_at is None and (changes or offer.written_at or offer.decided_at):
        version.client = work.batch.client
        assign(version, changes)
        work.writes.changed_versions.append(version)
    else:
        return True
    if _too_large(work.batch, row, version):
        return False
    _freeze(work, offer, version)
    return True


def _keep_letter(work: Work, offer: Offer, terms: Changes) -> None:
    """The letter that reached the candidate, and the end of its last day to answer unless that was prolonged here."""
    if offer.written_at is None:
        return
    version: Any = offer.version
    last_day, zone = version.expires_on, work.batch.zone
    ends = datetime.combine(last_day + timedelta(days=1), time(), zone) if last_day else None
    revoked = offer.decided_at if offer.status in ENDED_BY_EMPLOYER else None
    if offer.letter is None:
        offer.letter = Letter(client=work.batch.client, offer=offer, version=version, extended_at=offer.written_at)
        offer.letter.expires_at, offer.letter.revoked_at = ends, revoked
        work.writes.letters.append(offer.letter)
        return
    wanted = {"extended_at": offer.written_at, "revoked_at": revoked}
    wanted |= {"expires_at": ends} if "expires_on" in terms else {}
    changes = differences(offer.letter, wanted)
    if changes or offer.letter.version_id != version.pk:
        assign(offer.letter, changes)
        offer.letter.version = version
        work.writes.changed_letters.append(offer.letter)


def _keep_loss(work: Work, row: Row, offer: Offer, there: Loss | None) -> Changes:
    """Why the candidate's side ended it. Without a letter it was lost after verbal approval; no reason is a row too."""
    if offer.status not in ENDED_BY_CANDIDATE:
        work.writes.dropped_losses += [there] if there else []
        return {}
    given = {name: row.given[column] for column, name in LOSS.items() if column in row.given}
    if there is None:
        stage = Loss.Stage.WRITTEN if offer.written_at else Loss.Stage.VERBAL
        loss = Loss(client=work.batch.client, offer=offer, **{"stage": stage.value, **given})
        loss.recorded_at = offer.decided_at if loss.theme else None
        loss.verbatim = _note(work, row)
        work.writes.losses.append(loss)
        return {}
    changes = differences(there, given)
    assign(there, changes)
    if "theme" in changes and there.recorded_at is None:
        there.recorded_at = offer.decided_at
    said, kept = row.get("decline_note"), there.verbatim
    if said and kept is None:
        there.verbatim = _note(work, row)
        changes["decline_note"] = ["", said]
    elif kept and said not in (None, kept.text):
        changes["decline_note"] = [kept.text, said]
        kept.text = said
        work.writes.changed_notes.append(kept)
    if changes:
        work.writes.changed_losses.append(there)
    return changes


def _not_kept(row: Row, offer: Offer) -> list[str]:
    """Why an offer was lost, said of one that was not: nowhere to keep it, so each such column is flagged by name."""
    if offer.status in ENDED_BY_CANDIDATE:
        return []
    return [f"{column}_not_kept" for column in (*LOSS, "decline_note") if column in row.given]


def _note(work: Work, row: Row) -> Note | None:
    if "decline_note" not in row.given:
        return None
    note = Note(client=work.batch.client, text=row.given["decline_note"], created_at=work.batch.now)
    work.writes.notes.append(note)
    return note


def _keep_verbal(work: Work, offer: Offer, there: VerbalApproval | None) -> None:
    """The manager's yes as a row, only where it was recorded and by whom; it covers the terms that came with it."""
    at, manager = offer.verbal_approved_at, offer.hiring_manager_id
    if offer.verbal_basis != VerbalBasis.RECORDED or at is None or manager is None:
        return
    if there is not None and there.approved_at != at:
        there.approved_at = at
        work.writes.changed_verbals.append(there)
    elif there is None:
        version: Any = offer.version
        work.writes.verbals.append(
            VerbalApproval(
                client=work.batch.client,
                offer=offer,
                approved_at=at,
                approved_by_id=manager,
                means=Means.OTHER,
                recorded_at=work.batch.now,
                currency=version.currency,
                base=version.base_annual,
                first_year_total=version.first_year_cash,
            )
        )


def _suspect(work: Work, row: Row, known: There) -> list[str]:
    """What the file says of an offer that is prepared here, against what was approved here: a suspected override.

    Terms are compared once the file says that a letter went out; before that they are somebody else's draft.
    """
    offer, written = known.offer, row.get("written_at")
    if written is None:
        return []
    chain = known.approved
    approved: Any = offer.letter.version if offer.letter else chain.version if chain else None
    ended_at = chain.ended_at if chain else None
    found = {
        "letter_before_approval": None
        if offer.letter
        else overrides.too_early(where="ats", sent_at=row.get("written_by", written), approved_at=ended_at),
        "differs_from_approved": overrides.compare(approved, _terms(row), where="ats") if approved else None,
    }
    fresh = [each for each in found.values() if each and each.cause not in known.suspected]
    work.writes.overrides += [overrides.build(offer, each, version=approved, now=work.batch.now) for each in fresh]
    return [code for code, each in found.items() if each]


# --- the report


def _count(work: Work, row: Row, changes: Changes) -> None:
    if not changes:
        work.batch.report.unchanged += 1
        return
    work.batch.report.updated += 1
    work.batch.report.show(row.line, row.given["external_id"], "update", changes)


def _flag(work: Work, row: Row, flags: list[str]) -> None:
    if flags:
        work.batch.report.flagged.append(Flagged(row.line, row.given["external_id"], list(flags)))
