"""Detecting ways around the process: what reached the candidate, or the ATS, against what was approved.

Nothing here accuses anybody: what differs is opened as suspected, names no person, and is opened once. Called inside a
lock on the offer's row; people report, confirm and resolve by the verbs of offers/workflow/override.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from governance.access import Role
from governance.money import format_money
from governance.programme import Programme
from offers import outbox
from offers.models import Offer, OfferVersion, Override
from offers.models.outbox import MailKind
from offers.models.override import FoundBy, OverrideKind, Severity
from offers.models.version import Terms

WORDS = {field.name: str(field.verbose_name) for field in Terms._meta.fields}
# What a candidate is paid. Other terms that differ are suspected too, and hold no letter back.
PAY = frozenset({
    "currency", "pay_period", "base", "fte", "payments_a_year", "sign_on", "target_bonus_pct", "guaranteed_bonus",
    "equity_value", "relocation", "cash_allowances",
})  # fmt: skip
JUDGES = (Role.ACCOUNT_DIRECTOR, Role.HR_PARTNER, Role.TALENT_LEADER)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something found, not saved yet. `cause` tells it from any other: the same is opened once an offer."""

    kind: OverrideKind
    severity: Severity
    cause: str
    differences: tuple[Mapping[str, str], ...] = ()


def compare(approved: OfferVersion, found: Mapping[str, Any], *, where: str) -> Suspicion | None:
    """What `found` (terms by field name, as `where` has them) differs in from the approved version; None for nothing.

    Less pay than approved is a lowball, anything else that differs a promise nobody approved.
    """
    terms = [name for name, value in found.items() if value is not None and getattr(approved, name) != value]
    if not terms:
        return None
    lower = [_falls(getattr(approved, name), found[name]) for name in terms if name in PAY]
    return Suspicion(
        kind=OverrideKind.LOWBALL if lower and all(lower) else OverrideKind.UNAPPROVED_PROMISE,
        severity=Severity.SEVERE if lower else Severity.MINOR,
        cause=f"{where}:{approved.number}:{','.join(sorted(terms))}"[:80],
        differences=tuple(
            {
                "term": WORDS[name],
                "approved": _said(getattr(approved, name), approved.currency, name),
                "found": _said(found[name], str(found.get("currency") or approved.currency), name),
            }
            for name in sorted(terms)
        ),
    )


def too_early(*, where: str, sent_at: datetime, approved_at: datetime | None) -> Suspicion | None:
    """A letter that went out before its version was approved, or without any approval (`approved_at` None)."""
    if approved_at is not None and sent_at >= approved_at:
        return None
    return Suspicion(
        kind=OverrideKind.BYPASSED_PROCESS,
        severity=Severity.SEVERE,
        cause=f"{where}:letter:{sent_at:%Y%m%d%H%M}",
        differences=(
            {
                "term": "letter",
                "approved": f"{approved_at:%d %b %Y %H:%M} UTC" if approved_at else "not approved",
                "found": f"{sent_at:%d %b %Y %H:%M} UTC",
            },
        ),
    )


def suspect(
    offer: Offer,
    found: Iterable[Suspicion | None],
    programme: Programme,
    *,
    version: OfferVersion | None,
    now: datetime,
) -> list[Override]:
    """Open what was found and is not known of this offer yet, and tell whoever judges; gives the new ones."""
    known = set(Override.objects.filter(offer=offer).values_list("cause", flat=True))
    fresh = [build(offer, each, version=version, now=now) for each in found if each and each.cause not in known]
    for override in Override.objects.bulk_create(fresh):
        tell(override, offer, programme, now=now)
    return fresh


def build(offer: Offer, found: Suspicion, *, version: OfferVersion | None, now: datetime) -> Override:
    """The row of what Handoff has found by itself, unsaved."""
    return Override(
        client_id=offer.client_id, offer=offer, kind=found.kind, severity=found.severity, found_by=FoundBy.DETECTED,
        found_at=now, version=version, differences=[dict(each) for each in found.differences], cause=found.cause,
    )  # fmt: skip


def tell(override: Override, offer: Offer, programme: Programme, *, now: datetime) -> None:
    """Mail those who judge overrides; one who is named in it is not told by us. A minor detection waits in the list."""
    if override.severity == Severity.MINOR and override.found_by == FoundBy.DETECTED:
        return
    people = [user for role in JUDGES for user in programme.holders(role) if user != override.who_id]
    ids = {"override": override.pk}
    outbox.queue(MailKind.OVERRIDE, offer, people, cause=f"override-{override.pk}", now=now, ids=ids)


def _falls(approved: Any, found: Any) -> bool:
    return isinstance(approved, Decimal) and isinstance(found, Decimal) and found < approved


def _said(value: Any, currency: str, name: str) -> str:
    """A term as plain text, the same for every reader."""
    if isinstance(value, Decimal):
        money = name in PAY - {"fte", "target_bonus_pct"}
        return format_money(value, currency, "en") if money else f"{value.normalize():f}"
    return f"{value:%d %b %Y}" if isinstance(value, date) else str(value if value is not None else "–")
