"""What stands around an offer in other rows: openings, peers, the manager's verbal approval, editors, rates.

Read in one query, so that judging an offer costs the same whatever lies around it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, JSONObject

from governance.models import ExchangeRate, Incumbent
from governance.models.base import PayPeriod
from offers.lifecycle import HOLDS_OPENING, Status
from offers.models import Offer, OfferVersion, Requisition, ScopeException, VerbalApproval, VersionEditor

PEER_DAYS = 365
PEER_STATUSES = sorted({Status.APPROVED, Status.EXTENDED, Status.NEGOTIATING, Status.ACCEPTED, Status.JOINED})


# Both middle values, the same where their number is odd; percentile_cont would make floats.
_FIGURES = """(SELECT json_build_object('n', count(*), 'low', min(amount)::text, 'high', max(amount)::text,
    'lower', (percentile_disc(0.5) WITHIN GROUP (ORDER BY amount ASC))::text,
    'upper', (percentile_disc(0.5) WITHIN GROUP (ORDER BY amount DESC))::text,
    'quarter', (percentile_disc(0.25) WITHIN GROUP (ORDER BY amount ASC))::text,
    'three_quarters', (percentile_disc(0.75) WITHIN GROUP (ORDER BY amount ASC))::text,
    'below', count(*) FILTER (WHERE amount < %s),
    'incumbents', count(*) FILTER (WHERE kind > 0), 'settled', count(*) FILTER (WHERE kind = 2),
    'settled_lower', (percentile_disc(0.5) WITHIN GROUP (ORDER BY amount ASC) FILTER (WHERE kind = 2))::text,
    'settled_upper', (percentile_disc(0.5) WITHIN GROUP (ORDER BY amount DESC) FILTER (WHERE kind = 2))::text)
    FROM ({union}) AS peers(amount, kind))"""


@dataclass(frozen=True, slots=True)
class Peers:
    """Accepted and live offers of the same client, role and grade in the last 12 months, and incumbents.

    Full-time annual base. Half of them lie from `quarter` to `three_quarters`; `below` counts those paid less than this
    offer. `incumbents` is how many of `count` hold the role; `settled_median` is the median of those who have held it
    for a year or whose first day is not known, None where they are too few.
    """

    count: int
    median: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None
    enough: bool
    quarter: Decimal | None = None
    three_quarters: Decimal | None = None
    below: int = 0
    incumbents: int = 0
    settled_median: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """`openings_left`: this offer not counted, None where openings are not; `verbal`: the manager's newest verbal
    approval covers these terms; `editors`: user ids of this version; `rates`: into the policy's currencies."""

    openings_left: int | None
    peers: Peers
    verbal: bool
    editors: tuple[int, ...]
    rates: Mapping[str, Decimal | Fraction]
    sow_exception: bool = False


def look_around(version: OfferVersion, document: Mapping[str, Any], day: date, now: datetime) -> Around:
    """Openings, peers, verbal approval, editors and the rates for the amounts of this policy, in one query."""
    offer = version.offer
    row = (
        Requisition.objects.filter(pk=offer.requisition_id)
        .values(
            taken=_taken(offer),
            peers=_peers(offer, version, day, now),
            verbal=_verbal(version),
            editors=ArraySubquery(VersionEditor.objects.filter(version_id=version.pk).values("user_id")),
            rates=_rates(version, document, day),
            excepted=Exists(ScopeException.objects.filter(requisition=OuterRef("pk"))),
        )
        .get()
    )
    requisition, verbal = offer.requisition, _read(row["verbal"])
    uncounted = requisition.evergreen or requisition.over_offering
    editors = tuple(row["editors"] or ())
    return Around(
        openings_left=None if uncounted else requisition.openings - row["taken"],
        peers=_as_peers(_read(row["peers"]), offer.client.minimum_peers),
        verbal=verbal is not None and _covers(verbal, version, editors),
        editors=editors,
        rates=_as_rates([_read(each) for each in row["rates"] or ()], version.currency),
        sow_exception=row["excepted"],
    )


def _taken(offer: Offer) -> Coalesce:
    others = Offer.objects.filter(requisition=OuterRef("pk"), status__in=sorted(HOLDS_OPENING)).exclude(pk=offer.pk)
    return Coalesce(Subquery(others.order_by().values("requisition").annotate(n=Count("pk")).values("n")), 0)


def _peers(offer: Offer, version: OfferVersion, day: date, now: datetime) -> RawSQL:
    """Figures over offers and incumbents together, in the query that asks."""
    union = _offers(offer, version, now).union(_incumbents(offer, version, day, now), all=True)
    sql, params = union.query.sql_with_params()
    return RawSQL(_FIGURES.replace("{union}", sql), (version.base_annual, *params))


def _offers(offer: Offer, version: OfferVersion, now: datetime) -> QuerySet[Any, Any]:
    """What the candidate holds counts, and before a letter what was approved."""
    requisition = offer.requisition
    return (
        Offer.objects.annotate(
            amount=Coalesce("letter__version__annual", "version__annual"),
            since=Coalesce("letter__version__submitted_at", "version__submitted_at"),
            money=Coalesce("letter__version__currency", "version__currency"),
        )
        .filter(
            client_id=offer.client_id,
            requisition__role_code=requisition.role_code,
            requisition__grade=requisition.grade,
            status__in=PEER_STATUSES,
            since__gt=now - timedelta(days=PEER_DAYS),
            since__lte=now,
            money=version.currency,
            amount__isnull=False,
        )
        .exclude(requisition__role_code="")
        .exclude(pk=offer.pk)
        .order_by()
        .values_list("amount", Value(0))
    )


def _incumbents(offer: Offer, version: OfferVersion, day: date, now: datetime) -> QuerySet[Any, Any]:
    """People in the role by that day. Somebody who joined by an offer of the year is counted as that offer."""
    requisition, year_ago = offer.requisition, day - timedelta(days=PEER_DAYS)
    joined = Offer.objects.filter(
        client_id=offer.client_id, status=Status.JOINED, joined_on=OuterRef("hired_on"), joined_on__gt=year_ago,
        requisition__role_code=requisition.role_code, requisition__grade=requisition.grade,
    )  # fmt: skip
    times = Case(
        When(period=PayPeriod.HOUR, then=version.hours_divisor),
        When(period=PayPeriod.MONTH, then=12),
        default=1,
        output_field=DecimalField(),
    )
    settled = Case(When(hired_on__gt=year_ago, then=1), default=2)
    return (
        Incumbent.objects.filter(
            Q(hired_on=None) | Q(hired_on__lte=day), ~Exists(joined), client_id=offer.client_id,
            role_code=requisition.role_code, grade=requisition.grade, currency=version.currency,
        )
        .exclude(role_code="")
        .order_by()
        .values_list(F("base") * times, settled)
    )  # fmt: skip


def _as_peers(found: Mapping[str, Any] | None, minimum: int) -> Peers:
    if not found or not found["n"]:
        return Peers(0, None, None, None, enough=False)
    settled = found["settled"] >= minimum
    return Peers(
        count=found["n"],
        median=(Decimal(found["lower"]) + Decimal(found["upper"])) / 2,
        lowest=Decimal(found["low"]),
        highest=Decimal(found["high"]),
        enough=found["n"] >= minimum,
        quarter=Decimal(found["quarter"]),
        three_quarters=Decimal(found["three_quarters"]),
        below=found["below"],
        incumbents=found["incumbents"],
        settled_median=(Decimal(found["settled_lower"]) + Decimal(found["settled_upper"])) / 2 if settled else None,
    )


def _verbal(version: OfferVersion) -> Subquery:
    return Subquery(_newest_verbal(version.offer_id, version.offer.hiring_manager_id))


def _newest_verbal(offer_id: int, manager: int | None) -> QuerySet[Any, Any]:
    """The newest verbal approval; where there is a manager, it is theirs that counts."""
    rows = VerbalApproval.objects.filter(offer_id=offer_id)
    if manager:
        rows = rows.filter(approved_by=manager)
    said = JSONObject(
        by="approved_by_id",
        currency="currency",
        base=Cast("base", TextField()),
        total=Cast("first_year_total", TextField()),
        corrected=Q(corrected_at__isnull=False),
    )
    return rows.order_by("-approved_at", "-pk").values(said=said)[:1]


def verbally_covered(version: OfferVersion, manager: int | None) -> bool:
    """Whether this manager's newest verbal approval, as it stands now, covers these terms. Two queries."""
    said = _newest_verbal(version.offer_id, manager).first()
    editors = tuple(version.editors.values_list("user_id", flat=True))
    return said is not None and _covers(_read(said["said"]), version, editors)


def _covers(verbal: Mapping[str, Any], version: OfferVersion, editors: tuple[int, ...]) -> bool:
    """True where the verbal approval named amounts and these terms ask for no more; never that of an editor."""
    if verbal["base"] is None or verbal["currency"] != version.currency or verbal["corrected"]:
        return False
    if verbal["by"] in editors or version.base_annual > Decimal(verbal["base"]):
        return False
    return verbal["total"] is None or version.first_year_cash <= Decimal(verbal["total"])


def _rates(version: OfferVersion, document: Mapping[str, Any], day: date) -> ArraySubquery:
    rows = _dated_rates(version.offer.client_id, version.currency, document, day)
    dated = {"base": "base", "quote": "quote", "rate": Cast("rate", TextField())}
    return ArraySubquery(rows.values(found=JSONObject(**dated)))


def _dated_rates(client_id: int, currency: str, document: Mapping[str, Any], day: date) -> QuerySet[ExchangeRate]:
    wanted = _currencies(document) - {currency}
    return ExchangeRate.objects.filter(
        Q(base=currency, quote__in=wanted) | Q(quote=currency, base__in=wanted),
        client_id=client_id,
        as_of__lte=day,
    ).order_by("as_of")


def _as_rates(rows: list[Any], currency: str) -> dict[str, Decimal | Fraction]:
    """Amount in X = amount in the version's currency x rates[X], exact; the newest rate of a pair wins."""
    found: dict[str, Decimal | Fraction] = {currency: Decimal(1)}
    for row in rows:
        if row["base"] == currency:
            found[row["quote"]] = Decimal(row["rate"])
        else:
            found[row["base"]] = 1 / Fraction(Decimal(row["rate"]))
    return found


def rates_of(client_id: int, currency: str, document: Mapping[str, Any], day: date) -> dict[str, Decimal | Fraction]:
    """Dated rates into every currency that the document states amounts in; a currency without one is left out."""
    return _as_rates(list(_dated_rates(client_id, currency, document, day).values("base", "quote", "rate")), currency)


def _read(found: Any) -> Any:
    return json.loads(found) if isinstance(found, str) else found


def openings_left(offer: Offer) -> int | None:
    """Openings free for this offer, itself not counted; None where openings are not counted."""
    requisition = offer.requisition
    if requisition.evergreen or requisition.over_offering:
        return None
    taken = Offer.objects.filter(requisition_id=requisition.pk, status__in=sorted(HOLDS_OPENING)).exclude(pk=offer.pk)
    return requisition.openings - taken.count()


def _currencies(node: Any) -> set[str]:
    if isinstance(node, Mapping):
        own = {str(node["currency"])} if "currency" in node else set()
        return own.union(*(_currencies(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_currencies(value) for value in node))
    return set()
