"""What speaks for advice: the offer's standing, and how comparable offers ended, each share with its interval."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from offers.lifecycle import Status
from offers.models import Offer, OfferVersion
from offers.standing import assess, snapshot

COMPARED_DAYS = 730
ACCEPTED = (Status.ACCEPTED, Status.JOINED, Status.RENEGED)
ANSWERED = (*ACCEPTED, Status.DECLINED, Status.EXPIRED, Status.WITHDRAWN)
# Gap to the reference: from this share on, below that one. Exactly 5 % below is not more than 5 % below.
BUCKETS: tuple[tuple[str, Decimal | None, Decimal | None], ...] = (
    ("more than 10 % below reference", None, Decimal("-0.10")),
    ("5 to 10 % below reference", Decimal("-0.10"), Decimal("-0.05")),
    ("up to 5 % below reference", Decimal("-0.05"), Decimal(0)),
    ("at or above reference", Decimal(0), None),
)


def evidence(version: OfferVersion, *, base: Decimal | None, now: datetime) -> dict[str, Any]:
    """Plain JSON: standing, peers and expectation of the version, and how comparable offers ended before `now`.

    `base` is the recommended one, full-time a year. A frozen version keeps what it was judged by.
    """
    found: Mapping[str, Any] = version.standing if version.is_frozen else snapshot(assess(version, now=now))
    offer = version.offer
    own = Decimal(found["base"]) if found.get("base") else version.base_annual
    reference = Decimal(found["reference"]["amount"]) if found.get("reference") else None
    expected = offer.expected_salary if offer.expected_currency in ("", version.currency) else None
    kept = ("day", "currency", "first_year_cash", "gap", "market_ratio", "band", "band_position", "compa_ratio")
    return {
        **{name: found.get(name) for name in kept},
        "base": str(own),
        "reference": found.get("reference"),
        "unknown_reason": found.get("unknown_reason") or "",
        "peers": found.get("peers") or {"count": 0},
        "expectation": str(expected) if expected is not None else None,
        "outcomes": outcomes(offer, own, base, reference, now=now) if reference else [],
    }


def outcomes(
    offer: Offer, own: Decimal, recommended: Decimal | None, reference: Decimal, *, now: datetime
) -> list[dict[str, Any]]:
    """How offers of the client and role family ended that stood as this one does, and as the recommended base would."""
    counted = _counted(offer, now)
    rows = [("As offered", own), *([("As recommended", recommended)] if recommended else [])]
    found = []
    for title, amount in rows:
        name, _, _ = bucket = bucket_of((amount - reference) / reference)
        n, accepted = counted[bucket]
        found.append({"title": title, "stood": name, **share(accepted, n, minimum=offer.client.minimum_cell)})
    return found


def bucket_of(gap: Decimal) -> tuple[str, Decimal | None, Decimal | None]:
    """The bucket that a gap (a share; below reference is negative) falls into."""
    return next(each for each in BUCKETS if each[2] is None or gap < each[2])


def share(accepted: int, n: int, *, minimum: int) -> dict[str, Any]:
    """Accepted of n with the 95 % Wilson interval, shares 0 to 1; under the minimum that it is too few."""
    if n < max(minimum, 1):
        return {"n": None, "too_few": True}
    from scipy.stats import binomtest

    low, high = binomtest(accepted, n).proportion_ci(confidence_level=0.95, method="wilson")
    return {"n": n, "accepted": accepted, "rate": accepted / n, "low": float(low), "high": float(high)}


def _counted(offer: Offer, now: datetime) -> dict[tuple[str, Decimal | None, Decimal | None], tuple[int, int]]:
    """Answered letters and acceptances of two years by bucket, in one query; judged by what the candidate held."""
    rows = Offer.objects.filter(
        client_id=offer.client_id,
        requisition__role_family=offer.requisition.role_family,
        status__in=ANSWERED,
        decided_at__lt=now,
        decided_at__gte=now - timedelta(days=COMPARED_DAYS),
        letter__isnull=False,
    ).exclude(pk=offer.pk)
    figures = {}
    for i, (_, low, high) in enumerate(BUCKETS):
        inside = Q(letter__version__gap__isnull=False)
        inside &= Q(letter__version__gap__gte=low) if low is not None else Q()
        inside &= Q(letter__version__gap__lt=high) if high is not None else Q()
        figures[f"n{i}"] = Count("pk", filter=inside)
        figures[f"yes{i}"] = Count("pk", filter=inside & Q(status__in=ACCEPTED))
    found = rows.aggregate(**figures)
    return {bucket: (found[f"n{i}"], found[f"yes{i}"]) for i, bucket in enumerate(BUCKETS)}
