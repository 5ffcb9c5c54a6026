"""What a statement of work (SOW) says of who does what: the party of an activity or a stage, and the refusal. Pure.

An offer keeps the version that was in force when it was drafted. Where a document names nobody for an activity, anybody
whose role allows it may do it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from governance.access import Role
from governance.sow_schema import ACTIVITIES, PARTIES

Document = Mapping[str, Any]

PARTY_OF_ROLE: dict[Role, str] = {
    Role.COORDINATOR: "provider",
    Role.RECRUITER: "provider",
    Role.ACCOUNT_DIRECTOR: "provider",
    Role.ADMINISTRATOR: "provider",
    Role.HR_PARTNER: "client_hr",
    Role.TALENT_LEADER: "client_hr",
    Role.HIRING_MANAGER: "hiring_manager",
    Role.FINANCE_LEADER: "finance",
}
# The stage of an offer (its status, or a clock's kind) and the activity that it waits for.
ACTIVITY_OF_STAGE = {
    "draft": "first_draft",
    "verbal_to_written": "presenting",
    "approved": "presenting",
    "negotiating": "counter_offers",
    "counter_response": "counter_offers",
}
BENCHMARKING = "benchmarking"
KEEPS_BY_ITSELF = "client_hr"  # the pay references of a client, where no statement of work names anybody
WITH_THE_CANDIDATE = frozenset({"extended", "candidate_response"})
IN_REVIEW = frozenset({"in_review", "approval_step"})


@dataclass(frozen=True, slots=True)
class Agreement:
    """A published version of a SOW. Dates are inclusive, of the client's own calendar; an open end is None."""

    id: int
    engagement: int
    name: str
    version: int
    published_at: datetime
    valid_from: date
    valid_to: date | None
    document: Document

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


@dataclass(frozen=True, slots=True)
class Clause:
    """Who does an activity by a SOW, and where that is written ("" where no clause is named)."""

    activity: str
    party: str
    clause: str = ""


class OutOfScope(Exception):
    """A SOW gives the activity to another party; says which SOW and clause, and what to do next.

    Without an agreement none gives it away from the party that has it by itself.
    """

    def __init__(self, agreement: Agreement | None, given: Clause) -> None:
        words, party = ACTIVITIES[given.activity], PARTIES[given.party]
        where = f" (clause {given.clause})" if given.clause else ""
        self.agreement, self.given = agreement, given
        if agreement:
            self.message = f"The statement of work “{agreement}” gives {words} to {party}{where}."
            self.rule = f"statement of work “{agreement}”" + (f", clause {given.clause}" if given.clause else "")
        else:
            self.message = f"No statement of work in force gives {words} away, so it stays with {party}."
            self.rule = "statements of work in force"
        self.next_step = f"Ask {party} to do it, or to record an exception with its reason."
        super().__init__(self.message)


def in_force(agreements: Iterable[Agreement], engagement: int | None, at: datetime, zone: str) -> Agreement | None:
    """The version of the engagement that was published and valid at that instant, the newest first; None for none.

    A requisition that names no engagement belongs to the client's only one, if there is just one.
    """
    day = at.astimezone(ZoneInfo(zone)).date()
    held = [
        each
        for each in agreements
        if each.published_at <= at
        and each.valid_from <= day
        and (each.valid_to is None or day <= each.valid_to)
        and engagement in (None, each.engagement)
    ]
    if engagement is None and len({each.engagement for each in held}) > 1:
        return None
    return max(held, key=lambda each: (each.published_at, each.version), default=None)


def clause_for(document: Document | None, activity: str) -> Clause | None:
    """Who does the activity, with the clause; None where the document names nobody or is not sound."""
    activities = document.get("activities") if isinstance(document, Mapping) else None
    found = activities.get(activity) if isinstance(activities, Mapping) else None
    if not isinstance(found, Mapping) or str(found.get("party")) not in PARTIES:
        return None
    return Clause(activity, str(found["party"]), str(found.get("clause", "")))


def party_for(document: Document | None, activity: str) -> str | None:
    """The party that does the activity: provider, client_hr, finance or hiring_manager; None where nobody is named."""
    found = clause_for(document, activity)
    return found.party if found else None


def party_of(stage: str, document: Document | None = None, *, role: str = "") -> str:
    """The party that the time of a stage belongs to, for attribution; never None.

    `stage` is an offer's status or a clock's kind; `role` is who is asked, in review. Without a document (or where it
    names nobody) the provider drafts, presents and answers, and an approval belongs to the party of its role.
    """
    if stage in WITH_THE_CANDIDATE:
        return "candidate"
    if stage in IN_REVIEW:
        usual = PARTY_OF_ROLE[Role(role)] if role in PARTY_OF_ROLE else "client_hr"
        return party_for(document, f"approval_{role}") or usual
    return party_for(document, ACTIVITY_OF_STAGE.get(stage, "")) or "provider"


def parties_of(roles: Collection[Role]) -> frozenset[str]:
    """The parties that a person with these roles belongs to; an auditor belongs to none."""
    return frozenset(PARTY_OF_ROLE[role] for role in roles if role in PARTY_OF_ROLE)


def enforce(agreement: Agreement | None, activity: str, roles: Collection[Role]) -> None:
    """Raise OutOfScope where the SOW gives the activity to a party to which none of these roles belongs."""
    found = clause_for(agreement.document, activity) if agreement else None
    if agreement and found and found.party not in parties_of(roles):
        raise OutOfScope(agreement, found)


def named_for(
    agreements: Iterable[Agreement], activity: str, at: datetime, zone: str
) -> list[tuple[Agreement, Clause]]:
    """Of every engagement the version in force, where it names somebody for the activity; the newest first."""
    every = list(agreements)
    held = (in_force(every, engagement, at, zone) for engagement in {each.engagement for each in every})
    found = [(each, given) for each in held if each and (given := clause_for(each.document, activity))]
    return sorted(found, key=lambda pair: (pair[0].published_at, pair[0].version), reverse=True)


def keeps_references(
    agreements: Iterable[Agreement], roles: Collection[Role], at: datetime, zone: str
) -> OutOfScope | None:
    """Why these roles may not change bands and references, which belong to the whole client; None where they may.

    The parties that the SOWs in force name for compensation benchmarking keep them, each of several: what serves one
    engagement cannot be locked away by another. Where none names anybody, client HR does.
    """
    found: list[tuple[Agreement | None, Clause]] = [*named_for(agreements, BENCHMARKING, at, zone)]
    found = found or [(None, Clause(BENCHMARKING, KEEPS_BY_ITSELF))]
    if parties_of(roles) & {given.party for _, given in found}:
        return None
    return OutOfScope(*found[0])


def final_authority(document: Document | None) -> tuple[str, str]:
    """Role and title ("" for any) of whom the SOW names as final authority; else an HR business partner."""
    found = document.get("final_authority") if isinstance(document, Mapping) else None
    if not isinstance(found, Mapping) or str(found.get("role")) not in set(Role):
        return Role.HR_PARTNER.value, ""
    return str(found["role"]), str(found.get("title", ""))


def guardrail_kind(document: Document | None, *, embedded: bool) -> str | None:
    """Which guardrail the recruiters stand under, "embedded" or "project"; None where the SOW grants them none.

    `embedded` is what the engagement says where there is no SOW. Project recruiters have none unless the SOW says so.
    """
    if not document:
        return "embedded" if embedded else "project"
    kind = "embedded" if document.get("embedded") else "project"
    return kind if document.get("recruiters_may_grant", kind == "embedded") else None


def agreements_from(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Agreement, ...]:
    """Agreements from plain JSON rows with ISO dates, as the programme's query gives them."""
    return tuple(
        Agreement(
            id=row["id"],
            engagement=row["engagement"],
            name=row["name"],
            version=row["version"],
            published_at=datetime.fromisoformat(row["published_at"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            document=row["document"] if isinstance(row["document"], Mapping) else {},
        )
        for row in rows or ()
    )
