"""Ways around the process on closed offers: found on the way to the letter, and put right before it went out.

Which offers have one is dealt evenly over time, without regard to how they ended: what a report finds there is chance.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import QuerySet

from config.demo.ground import Ground
from governance.models import Membership, Note
from governance.money import format_money
from offers.models import Offer, Override
from offers.models.override import FoundBy, OverrideKind, OverrideStatus, Resolution, Severity

KIND, FOUND, HOW, GRAVE = OverrideKind, FoundBy, Resolution, Severity


class Pattern(NamedTuple):
    """What is fixed about one of them."""

    kind: OverrideKind
    found_by: FoundBy
    severity: Severity
    resolution: Resolution


PATTERNS = (
    Pattern(KIND.BYPASSED_PROCESS, FOUND.DETECTED, GRAVE.SEVERE, HOW.RATIFIED),
    Pattern(KIND.DIRECT_CONTACT, FOUND.REPORTED, GRAVE.MINOR, HOW.DISCLOSED),
    Pattern(KIND.UNAPPROVED_PROMISE, FOUND.REPORTED, GRAVE.SEVERE, HOW.RETRACTED),
    Pattern(KIND.LOWBALL, FOUND.DETECTED, GRAVE.SEVERE, HOW.RATIFIED),
    Pattern(KIND.DIRECT_CONTACT, FOUND.REPORTED, GRAVE.MINOR, HOW.UNFOUNDED),
    Pattern(KIND.UNAPPROVED_PROMISE, FOUND.DETECTED, GRAVE.SEVERE, HOW.RETRACTED),
    Pattern(KIND.BYPASSED_PROCESS, FOUND.REPORTED, GRAVE.MINOR, HOW.DISCLOSED),
    Pattern(KIND.LOWBALL, FOUND.REPORTED, GRAVE.SEVERE, HOW.RETRACTED),
    Pattern(KIND.DIRECT_CONTACT, FOUND.REPORTED, GRAVE.SEVERE, HOW.RETRACTED),
    Pattern(KIND.UNAPPROVED_PROMISE, FOUND.REPORTED, GRAVE.MINOR, HOW.DISCLOSED),
    Pattern(KIND.BYPASSED_PROCESS, FOUND.DETECTED, GRAVE.SEVERE, HOW.UNFOUNDED),
    Pattern(KIND.LOWBALL, FOUND.DETECTED, GRAVE.SEVERE, HOW.RETRACTED),
)
ROUNDS = {"northbridge": 2, "corvane": 3, "lumen": 2}  # so often each pattern, in the whole programme
ANSWERED = {"northbridge": 960, "corvane": 2560, "lumen": 1200}
SAID = {
    KIND.BYPASSED_PROCESS: "The letter was on the candidate's desk before the last approval was given.",
    KIND.DIRECT_CONTACT: "The manager called the candidate about pay, without the recruiter.",
    KIND.LOWBALL: "The candidate was told a lower base than the one that was approved.",
    KIND.UNAPPROVED_PROMISE: "The candidate was promised a sign-on that nobody had approved.",
}
PUT_RIGHT = {
    HOW.RATIFIED: "The terms went through the chain again and were approved.",
    HOW.RETRACTED: "The recruiter called the candidate the same day and took it back.",
    HOW.DISCLOSED: "Told to everybody who approves; nothing had to change.",
    HOW.UNFOUNDED: "A misunderstanding on the phone; nothing of it had happened.",
}
FOUND_AT, RESOLVED_AT = 0.3, 0.8  # shares of the time from the verbal yes to the letter


def insert(ground: Ground) -> None:
    """The overrides of one client, whose closed offers are in the database; of fewer offers, a sample in proportion."""
    code = ground.company.code
    offers = _answered(ground)
    count = ROUNDS[code] * len(PATTERNS) * len(offers) // ANSWERED[code]
    chosen = [offers[(2 * i + 1) * len(offers) // (2 * count)] for i in range(count)]
    judge = _judge(ground)
    made = [_override(ground, offer, PATTERNS[i % len(PATTERNS)], judge) for i, offer in enumerate(chosen)]
    Note.objects.bulk_create([note for row in made for note in (row.statement, row.resolved_how) if note])
    Override.objects.bulk_create(made)


def share(ground: Ground) -> Fraction:
    """How much of the client's whole programme is in the database."""
    return Fraction(_closed(ground).count(), ANSWERED[ground.company.code])


def _closed(ground: Ground) -> QuerySet[Offer]:
    rows = Offer.objects.filter(client=ground.client, imported=True, written_at__isnull=False)
    return rows.exclude(status__in=("rescinded", "cancelled"))


def _answered(ground: Ground) -> list[Offer]:
    return list(_closed(ground).select_related("version", "first_approved").order_by("decided_at", "external_id"))


def _override(ground: Ground, offer: Offer, pattern: Pattern, judge: int) -> Override:
    began, letter = offer.verbal_approved_at, offer.written_at
    assert began is not None
    assert letter is not None
    found, resolved = (began + (letter - began) * share for share in (FOUND_AT, RESOLVED_AT))
    reported = pattern.found_by is FOUND.REPORTED
    confirmed = pattern.resolution is not HOW.UNFOUNDED
    how = Note(client=ground.client, text=PUT_RIGHT[pattern.resolution], author_id=judge, created_at=resolved)
    said = Note(client=ground.client, text=SAID[pattern.kind], author_id=offer.recruiter_id, created_at=found)
    return Override(
        client=ground.client, offer=offer, kind=pattern.kind, severity=pattern.severity, found_by=pattern.found_by,
        status=OverrideStatus.CONFIRMED if confirmed else OverrideStatus.SUSPECTED, found_at=found,
        who_id=offer.hiring_manager_id if reported else None, reported_by_id=offer.recruiter_id if reported else None,
        statement=said if reported else None, differences=[] if reported else list(_differs(offer, pattern, found)),
        version=None if pattern.kind is KIND.BYPASSED_PROCESS else offer.first_approved,
        cause="" if reported else f"sample:{pattern.kind}", confirmed_at=resolved if confirmed else None,
        confirmed_by_id=judge if confirmed else None, resolution=pattern.resolution, resolved_at=resolved,
        resolved_by_id=judge, resolved_how=how,
    )  # fmt: skip


def _judge(ground: Ground) -> int:
    """The account director of the client."""
    found = Membership.objects.filter(client=ground.client, role="account_director").order_by("pk")
    return found.values_list("user", flat=True)[0]


def _differs(offer: Offer, pattern: Pattern, found: datetime) -> Iterator[dict[str, str]]:
    """What Handoff compared, as it keeps it."""
    version: Any = offer.first_approved or offer.version

    def money(amount: Any) -> str:
        return format_money(amount, version.currency, "en")

    if pattern.kind is KIND.BYPASSED_PROCESS:
        yield {"term": "letter", "approved": "not approved", "found": f"{found:%d %b %Y %H:%M} UTC"}
    elif pattern.kind is KIND.LOWBALL:
        yield {"term": "base", "approved": money(version.base), "found": money(version.base * 97 / 100)}
    else:
        promised = round(version.base_annual / 20, -3)
        yield {"term": "sign-on", "approved": money(version.sign_on), "found": money(version.sign_on + promised)}
