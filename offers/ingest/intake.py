"""Requisitions and candidates of an offers file: each named by many rows, of which the last to say something counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

from governance.ingest.kinds import Batch
from governance.ingest.report import Flagged
from governance.ingest.table import Row
from governance.ingest.upsert import change, create, new_ids
from governance.market import annual
from governance.models import Person
from offers.models import Candidate, Requisition
from offers.models.review import LEAVING_REASONS

LOOKED_UP_AT_ONCE = 5000
LARGEST = 10**12

REQUISITION = {
    name: name
    for name in (
        "business_unit", "role_family", "role_code", "grade", "location", "country", "priority", "employment_type",
        "openings", "needed_by", "currency",
    )
} | {"requisition_opened_on": "opened_on"}  # fmt: skip
YEARLY = ("budget_max", "posted_min", "posted_max")  # given per the row's period, kept per year
PEOPLE = ("recruiter", "hiring_manager")
PERSON = {"candidate_name": "name", "candidate_email": "email"}
PERSONAL = (*PERSON, "decline_reason", "decline_note")

Changes = dict[str, list[Any]]


@dataclass(slots=True)
class Intake:
    """Requisitions and candidates by reference as they will stand, and the changes that lead there, by reference."""

    requisitions: dict[str, Requisition]
    candidates: dict[str, Candidate]
    new: dict[type[Model], list[Any]] = field(default_factory=lambda: {Person: [], Candidate: [], Requisition: []})
    requisition_changes: dict[str, Changes] = field(default_factory=dict)
    candidate_changes: dict[str, Changes] = field(default_factory=dict)
    changed_people: list[Person] = field(default_factory=list)
    linked: list[Candidate] = field(default_factory=list)

    def changes(self, row: Row) -> Changes:
        """What this row's requisition and candidate change, new ones not counted."""
        given = row.given
        return {
            **self.requisition_changes.get(given["requisition_ref"], {}),
            **self.candidate_changes.get(given["candidate_ref"], {}),
        }

    def write(self, batch: Batch) -> None:
        """Write people before the candidates who point at them."""
        for rows in self.new.values():
            create(rows, progress=batch.progress)
        changed = [self.requisitions[ref] for ref in self.requisition_changes]
        fields = sorted({name for changes in self.requisition_changes.values() for name in changes})
        change(changed, fields, progress=batch.progress)
        change(self.changed_people, list(PERSON.values()), progress=batch.progress)
        change(self.linked, ["person"], progress=batch.progress)


def found_by(queryset: QuerySet[Any], name: str, values: Iterable[Any]) -> dict[Any, Any]:
    """Rows by one of their columns, some thousands a query."""
    wanted = list(values)
    return {
        getattr(found, name): found
        for start in range(0, len(wanted), LOOKED_UP_AT_ONCE)
        for found in queryset.filter(**{f"{name}__in": wanted[start : start + LOOKED_UP_AT_ONCE]})
    }


def plan_intake(batch: Batch, rows: list[Row], people: dict[str, int], period_of: Callable[[Row], str]) -> Intake:
    """Fold the rows into requisitions and candidates; `people` are user ids by address."""
    ours = {"client_id": batch.client.pk}
    references = dict.fromkeys(row.given["candidate_ref"] for row in rows)
    candidates = found_by(Candidate.objects.filter(**ours).select_related("person"), "external_id", references)
    _leave_erased(batch, rows, candidates)
    requisitions: dict[str, dict[str, Any]] = {}
    contested: dict[str, str] = {}
    persons: dict[str, dict[str, Any]] = {}
    for row in rows:
        given = row.given
        says = {REQUISITION[name]: value for name, value in given.items() if name in REQUISITION}
        says |= {name: yearly(given[name], period_of(row), batch) for name in YEARLY if name in given}
        says |= {f"{who}_id": people.get(given[f"{who}_email"]) for who in PEOPLE if f"{who}_email" in given}
        of_requisition = requisitions.setdefault(given["requisition_ref"], {})
        if differs := [name for name, value in says.items() if of_requisition.get(name, value) != value]:
            contested.setdefault(given["requisition_ref"], differs[0])
        of_requisition |= says
        of_person = persons.setdefault(given["candidate_ref"], {})
        of_person |= {PERSON[name]: value for name, value in given.items() if name in PERSON}
    if contested:
        example = " in ".join(next(iter(contested.items())))
        batch.report.notes.append(
            f"Requisitions that rows describe differently: {len(contested)}, such as {example}; the last row counts."
        )
    intake = Intake(
        requisitions=found_by(Requisition.objects.filter(**ours), "external_id", requisitions),
        candidates=candidates,
    )
    _plan_requisitions(batch, intake, requisitions)
    _plan_candidates(batch, intake, persons)
    return intake


def _leave_erased(batch: Batch, rows: list[Row], candidates: dict[str, Candidate]) -> None:
    """Take out of these rows what was written about people who were erased, and flag each that had any."""
    for row in rows:
        candidate = candidates.get(row.given["candidate_ref"])
        if candidate is None or candidate.erased_at is None:
            continue
        said = [column for column in PERSONAL if column in row.given]
        if "left_reason" in row.given and row.given["left_reason"] not in LEAVING_REASONS:
            said.append("left_reason")
        for column in said:
            del row.given[column]
        if said:
            batch.report.flagged.append(Flagged(row.line, row.given["external_id"], ["erased_person"]))


def yearly(amount: Decimal, period: str, batch: Batch) -> Decimal:
    """An amount per the row's period as full-time yearly pay, by the client's divisor."""
    return annual(amount, period, batch.client.hours_divisor)  # type: ignore[arg-type]


def too_large(a_year: Decimal) -> str | None:
    """What is wrong with yearly pay that needs more digits than are kept; None where nothing is."""
    return None if a_year < LARGEST else "A year of this pay has more than 12 digits before the point."


def differences(there: Any, wanted: dict[str, Any]) -> Changes:
    """{attribute: [before, after]} of what is not as wanted."""
    return {name: [getattr(there, name), value] for name, value in wanted.items() if getattr(there, name) != value}


def assign(there: Any, changes: Changes) -> None:
    for name, (_, after) in changes.items():
        setattr(there, name, after)


def _plan_requisitions(batch: Batch, intake: Intake, wanted: dict[str, dict[str, Any]]) -> None:
    missing = [ref for ref in wanted if ref not in intake.requisitions]
    for ref, changes in ((ref, differences(found, wanted[ref])) for ref, found in intake.requisitions.items()):
        if changes:
            assign(intake.requisitions[ref], changes)
            intake.requisition_changes[ref] = changes
    for pk, ref in zip(new_ids(Requisition, len(missing)), missing, strict=True):
        values = {"country": batch.client.country, **wanted[ref]}
        requisition = Requisition(pk=pk, client=batch.client, external_id=ref, **values)
        intake.requisitions[ref] = requisition
        intake.new[Requisition].append(requisition)


def _plan_candidates(batch: Batch, intake: Intake, wanted: dict[str, dict[str, Any]]) -> None:
    missing = [ref for ref in wanted if ref not in intake.candidates]
    nameless = [ref for ref, found in intake.candidates.items() if found.person is None]
    persons = _new_persons(batch, {ref: wanted[ref] for ref in (*nameless, *missing) if wanted[ref]})
    intake.new[Person] = list(persons.values())
    for ref, candidate in intake.candidates.items():
        if ref in persons:
            candidate.person = persons[ref]
            intake.linked.append(candidate)
            intake.candidate_changes[ref] = {name: ["", value] for name, value in wanted[ref].items()}
        elif candidate.person and (changes := differences(candidate.person, wanted[ref])):
            assign(candidate.person, changes)
            intake.changed_people.append(candidate.person)
            intake.candidate_changes[ref] = changes
    for pk, ref in zip(new_ids(Candidate, len(missing)), missing, strict=True):
        candidate = Candidate(pk=pk, client=batch.client, external_id=ref, person=persons.get(ref))
        intake.candidates[ref] = candidate
        intake.new[Candidate].append(candidate)


def _new_persons(batch: Batch, wanted: dict[str, dict[str, Any]]) -> dict[str, Person]:
    pks = new_ids(Person, len(wanted))
    return {
        ref: Person(pk=pk, client=batch.client, **values) for pk, (ref, values) in zip(pks, wanted.items(), strict=True)
    }
