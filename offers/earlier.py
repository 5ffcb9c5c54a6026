"""The yeses that earlier versions of an offer were given, as a policy that keeps some of them looks at them."""

from collections.abc import Collection
from fractions import Fraction
from typing import Any

from governance.access import Role
from governance.policy import Finding, Fired
from governance.policy_delta import Earlier, Pay
from offers.models import Approval, OfferVersion
from offers.models.approvals import ApprovalStatus

ANSWERED = (ApprovalStatus.APPROVED, ApprovalStatus.REJECTED, ApprovalStatus.RETURNED, ApprovalStatus.SKIPPED)


def as_json(found: Finding) -> dict[str, Any]:
    """A finding to freeze with its version, its value exact."""
    value = None if found.value is None else str(found.value)
    return {"test": found.test, "sentence": found.sentence, "value": value, "side": found.side}


def yeses(version: OfferVersion, policy_id: int, editors: Collection[int]) -> list[Earlier]:
    """The newest answer to each requirement before this version under the same policy version, where it was a yes.

    A yes of somebody who has edited the version since, or on whose behalf it was said, is none. Two queries.
    """
    answered = Approval.objects.filter(
        offer=version.offer_id, status__in=ANSWERED, chain__policy=policy_id, chain__version__number__lt=version.number
    )
    rows = answered.select_related("chain__version__client").prefetch_related("decisions")
    newest: dict[Any, Approval] = {}
    for row in rows.order_by("-decided_at", "-pk"):
        newest.setdefault(_asked_of(row), row)
    return [
        _earlier(row)
        for row in newest.values()
        if row.status == ApprovalStatus.APPROVED and not _deciders(row) & set(editors)
    ]


def _asked_of(row: Approval) -> tuple[str, str, int | None]:
    """As the policy asks: a role, whoever it was handed to; a person only where the policy names one."""
    by_name = not row.role or row.role == Role.HIRING_MANAGER
    return row.role, row.title, row.person_id if by_name else None


def _deciders(row: Approval) -> set[int | None]:
    return {user for each in row.decisions.all() for user in (each.user_id, each.on_behalf_of_id)}


def _earlier(row: Approval) -> Earlier:
    version: Any = row.chain.version
    role, title, person = _asked_of(row)
    return Earlier(
        key=row.pk,
        version=version.number,
        role=role,
        title=title,
        person=person,
        n=row.n,
        rules=tuple(row.rules),
        fired=tuple(map(_fired, version.standing.get("fired", ()))),
        pay=Pay(version.currency, version.annual, version.first_year_total, version.sign_on, version.equity_value),
    )


def _fired(found: dict[str, Any]) -> Fired:
    """What a rule found, from the version's frozen standing; one frozen without its findings covers nothing."""
    findings = tuple(
        Finding(
            each["test"],
            each["sentence"],
            None if each["value"] is None else Fraction(each["value"]),
            each.get("side", ""),
        )
        for each in found.get("findings", ({"test": "?", "sentence": "", "value": None},))
    )
    return Fired(found["rule"], found["title"], found["reason"], findings)
