"""Who may do what: roles at a client, mapped to permissions. The only place that knows."""

from typing import Any

from django.db import models


class Role(models.TextChoices):
    COORDINATOR = "coordinator", "Coordinator"
    RECRUITER = "recruiter", "Recruiter"
    ACCOUNT_DIRECTOR = "account_director", "Account director"
    HR_PARTNER = "hr_partner", "HR business partner"
    HIRING_MANAGER = "hiring_manager", "Hiring manager"
    FINANCE_LEADER = "finance_leader", "Finance leader"
    TALENT_LEADER = "talent_leader", "Talent leader"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


PROVIDER_ROLES = frozenset({Role.COORDINATOR, Role.RECRUITER, Role.ACCOUNT_DIRECTOR, Role.ADMINISTRATOR})

# Hiring managers read only the offers they are responsible for (offers.Offer.objects.visible_to).
SEES_EVERY_OFFER = frozenset(Role) - {Role.HIRING_MANAGER}

WORK = ("offer", "offerversion", "requisition", "candidate", "person", "counteroffer", "note")
LEDGER = (
    "approvalchain", "approval", "decision", "clock", "escalation", "letter", "loss", "verbalapproval", "verbaloffer",
    "contact", "override", "scopeexception", "referenceexception", "advice", "skillassessment",
)  # fmt: skip
# By whom, a statement of work says: governance/keeping.py.
KEPT = ("salaryband", "marketsource", "benchmark", "jobmatch")
PAY = (*KEPT, "exchangerate", "incumbent")
RULES = ("approvalpolicy", "guardrail", "escalationpath", "servicelevel", "businesscalendar", "holiday", "engagement",
         "statementofwork")  # fmt: skip
INSIGHT = frozenset({"view_offerfact", "view_cost", "view_finding", "view_hirereview"})
# Groups of other clients' cases, made anonymous: for who leads a review and who is led through it, and who checks both.
REVIEW = frozenset({"view_programmebook"})
OWN = frozenset({"view_delegation"})  # whose: governance.models.Delegation.objects.visible_to


def _grant(actions: str, *groups: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f"{action}_{name}" for group in groups for name in group for action in actions.split())


_DRAFT = (
    _grant("view add change", WORK)
    | _grant("view", LEDGER, PAY, RULES, ("hirereview",))
    | {"view_client", "view_outboxmessage", *OWN}
)
_READ = _grant("view", WORK, LEDGER, PAY, RULES) | {"view_client", *OWN}

_EXCEPT = frozenset({"add_scopeexception", "add_referenceexception"})  # offers.sow, governance.keeping: who makes which

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.COORDINATOR: _DRAFT,
    Role.RECRUITER: _DRAFT,
    Role.ACCOUNT_DIRECTOR: _DRAFT | _EXCEPT | {"view_membership"} | INSIGHT | REVIEW
    | _grant("add change", ("cost", "finding"))
    | _grant("add change delete", KEPT),
    Role.HR_PARTNER: _READ | _grant("view add change delete", PAY, RULES) | _grant("add change", WORK)
    | _EXCEPT
    | {"view_membership"} | INSIGHT | _grant("add change", ("finding",)),
    Role.HIRING_MANAGER: _grant("view", ("offer", "requisition", "candidate", "person", "advice")) | OWN,
    Role.FINANCE_LEADER: _READ | INSIGHT | _grant("add change delete", ("cost",)),
    Role.TALENT_LEADER: _READ | INSIGHT | REVIEW | _grant("add change", ("finding",)),
    Role.AUDITOR: _READ | INSIGHT | REVIEW | {"view_membership", "view_outboxmessage", "view_alarm", "view_apitoken"},
    Role.ADMINISTRATOR: _READ
    | _grant("view add change delete", RULES)
    | _grant("view add change", ("membership", "client"))
    | {"view_outboxmessage", "change_outboxmessage", "view_alarm", "view_apitoken", "change_apitoken"},
}  # fmt: skip


def client_of(obj: Any) -> int | None:
    """The client that a row belongs to; None where the model has none."""
    if obj._meta.label_lower == "governance.client":
        return obj.pk  # type: ignore[no-any-return]
    return getattr(obj, "client_id", None)


def roles_at(user: Any, client_id: int | None) -> frozenset[Role]:
    """The person's active roles at a client; none for a person who is no longer active."""
    if not user.is_active or client_id is None:
        return frozenset()
    return user.roles.get(client_id, frozenset())  # type: ignore[no-any-return]


def has_permission(user: Any, permission: str, obj: Any = None) -> bool:
    """True where a role of the person grants "app.action_model": at the row's own client, or at any without a row."""
    if not user.is_active:
        return False
    code = permission.rpartition(".")[2]
    if obj is not None:
        return any(code in PERMISSIONS[role] for role in roles_at(user, client_of(obj)))
    return any(code in PERMISSIONS[role] for roles in user.roles.values() for role in roles)


def clients_with(user: Any, permission: str) -> list[int]:
    """The clients at which the person has this permission: what every list and form field is scoped to."""
    if not user.is_active:
        return []
    code = permission.rpartition(".")[2]
    return [pk for pk, roles in user.roles.items() if any(code in PERMISSIONS[role] for role in roles)]
