"""What happened around imported offers before they came here: counter-offers, ways around the process and advice."""

from collections.abc import Iterator
from typing import Any

import pgtrigger

from governance.ingest import cells
from governance.ingest.kinds import Batch, Fault, Kind, Write
from governance.ingest.report import Flagged
from governance.ingest.table import Column, Row
from governance.ingest.upsert import upsert
from offers.ingest.intake import found_by, too_large, yearly
from offers.models import Advice, CounterOffer, Offer, Override
from offers.models.advice import AdviceDecision
from offers.models.events import CounterOutcome, Origin
from offers.models.override import FoundBy, OverrideKind, OverrideStatus, Resolution

NAMED = (Column("external_id", cells.text(60), required=True), Column("offer", cells.text(60), required=True))
COUNTERS = (
    *NAMED,
    Column("countered_at", cells.instant, required=True),
    Column("origin", cells.choice(*Origin.values)),
    Column("asked", cells.plain),
    Column("settled", cells.plain),
    Column("inside_guardrail", cells.yes_or_no, required=True),
    Column("answered_at", cells.instant),
    Column("outcome", cells.choice(CounterOutcome.CLOSED, CounterOutcome.LOST, CounterOutcome.OPEN), required=True),
)
OVERRIDES = (
    *NAMED,
    Column("kind", cells.choice(*OverrideKind.values), required=True),
    Column("found_at", cells.instant, required=True),
    Column("found_by", cells.choice(*FoundBy.values)),
    Column("resolution", cells.choice(*Resolution.values)),
    Column("resolved_at", cells.instant),
)
ADVICE = (
    *NAMED,
    Column("given_at", cells.instant, required=True),
    Column("recommended", cells.above_zero(cells.plain)),
    Column("decision", cells.choice(*AdviceDecision.values)),
    Column("decided_at", cells.instant),
)
CONFIRMED = (Resolution.RATIFIED, Resolution.RETRACTED, Resolution.DISCLOSED)


def past(row: Row, batch: Batch, *columns: str) -> Iterator[Fault]:
    """Refuses instants that have not come yet."""
    for column in columns:
        if column in row.given and row.given[column] > batch.now:
            yield column, f"This lies in the future: {row.given[column]:%Y-%m-%d %H:%M} UTC."


def imported_offers(batch: Batch) -> dict[str, Offer]:
    """The offers that the rows name; a row of an offer that is not there, or was made here, is refused."""
    offers = Offer.objects.filter(client=batch.client).select_related("version")
    found = found_by(offers, "external_id", {row.given["offer"] for row in batch.rows})
    for row in batch.rows:
        offer = found.get(row.given["offer"])
        if offer is None:
            error = f"There is no offer “{row.given['offer']}” at {batch.client.code}. Take in the offers first."
            batch.report.refuse(row.line, "offer", error)
        elif not offer.imported:
            error = f"{offer.external_id} was made here: what happens to it is recorded here, not taken from a file."
            batch.report.refuse(row.line, "offer", error)
    return {name: offer for name, offer in found.items() if offer.imported}


def flag_order(batch: Batch, row: Row, earlier: str, later: str) -> None:
    """Flags instants that contradict; they are kept, and left out of durations."""
    if earlier in row.given and later in row.given and row.given[later] < row.given[earlier]:
        code = f"{later.removesuffix('_at')}_before_{earlier.removesuffix('_at')}"
        batch.report.flagged.append(Flagged(row.line, row.given["external_id"], [code]))


def check_counter(row: Row, batch: Batch) -> Iterator[Fault]:
    yield from past(row, batch, "countered_at", "answered_at")


def plan_counters(batch: Batch) -> Write:
    offers = imported_offers(batch)
    wanted = []
    for row in batch.rows:
        if offer := offers.get(row.given["offer"]):
            _check_amounts(batch, row, offer.version, "asked", "settled")
            flag_order(batch, row, "countered_at", "answered_at")
            wanted.append((row.line, _counter(batch, row, offer)))
    there = CounterOffer.objects.filter(client=batch.client).exclude(external_id="")
    return upsert(batch, CounterOffer, there, wanted, key=("external_id",))


def _check_amounts(batch: Batch, row: Row, version: Any, *columns: str) -> None:
    """The file names no currency: these amounts are in the offer's, per the offer's period."""
    for column in columns:
        if (amount := row.get(column)) is not None:
            error = cells.too_many_decimals(amount, version.currency) or too_large(
                yearly(amount, version.pay_period, batch)
            )
            if error:
                batch.report.refuse(row.line, column, error)


def _counter(batch: Batch, row: Row, offer: Offer) -> dict[str, Any]:
    version: Any = offer.version
    amounts = {
        name: yearly(row.given[column], version.pay_period, batch) if column in row.given else None
        for column, name in (("asked", "asked_base"), ("settled", "settled_base"))
    }
    return {
        "external_id": row.given["external_id"],
        "offer_id": offer.pk,
        "against_id": version.pk,
        "currency": version.currency,
        "origin": row.get("origin", Origin.CANDIDATE_ASK.value),
        "countered_at": row.given["countered_at"],
        "answered_at": row.get("answered_at"),
        "inside_guardrail": row.given["inside_guardrail"],
        "outcome": row.given["outcome"],
        **amounts,
    }


def check_override(row: Row, batch: Batch) -> Iterator[Fault]:
    yield from past(row, batch, "found_at", "resolved_at")
    resolved, found = row.get("resolved_at"), row.given["found_at"]
    if ("resolution" in row.given) != (resolved is not None):
        yield "resolved_at", "A resolution and its instant come together: give both, or neither."
    if resolved and resolved < found:
        yield "resolved_at", "It was resolved before it was found."


def plan_overrides(batch: Batch) -> Write:
    offers = imported_offers(batch)
    wanted = [(row.line, _override(row, offers[row.given["offer"]])) for row in batch.rows if _known(row, offers)]
    there = Override.objects.filter(client=batch.client).exclude(external_id="")
    return upsert(batch, Override, there, wanted, key=("external_id",))


def _override(row: Row, offer: Offer) -> dict[str, Any]:
    confirmed = row.get("resolution") in CONFIRMED
    return {
        "external_id": row.given["external_id"],
        "offer_id": offer.pk,
        "kind": row.given["kind"],
        "status": (OverrideStatus.CONFIRMED if confirmed else OverrideStatus.SUSPECTED).value,
        "found_by": row.get("found_by", FoundBy.REPORTED.value),
        "found_at": row.given["found_at"],
        "resolution": row.get("resolution", ""),
        "resolved_at": row.get("resolved_at"),
    }


def check_advice(row: Row, batch: Batch) -> Iterator[Fault]:
    yield from past(row, batch, "given_at", "decided_at")
    decided, given = row.get("decided_at"), row.given["given_at"]
    if ("decision" in row.given) != (decided is not None):
        yield "decided_at", "A decision and its instant come together: give both, or neither."
    if decided and decided < given:
        yield "decided_at", "It was decided before it was given."


def plan_advice(batch: Batch) -> Write:
    offers = imported_offers(batch)
    _one_undecided(batch, offers)
    for row in batch.rows:
        if offer := offers.get(row.given["offer"]):
            _check_amounts(batch, row, offer.version, "recommended")
    wanted = [(row.line, _advice(batch, row, offers[row.given["offer"]])) for row in batch.rows if _known(row, offers)]
    there = Advice.objects.filter(client=batch.client).exclude(external_id="")
    write = upsert(batch, Advice, there, wanted, key=("external_id",))

    def corrected() -> None:
        # What was advised here is kept as it stood; of what was advised elsewhere a file may know better.
        with pgtrigger.ignore("offers.Advice:evidence_kept"):
            write()

    return corrected


def _known(row: Row, offers: dict[str, Offer]) -> bool:
    return row.given["offer"] in offers


def _one_undecided(batch: Batch, offers: dict[str, Offer]) -> None:
    """At most one piece of advice on an offer waits for a decision, here and in the file together."""
    names = {row.given["external_id"] for row in batch.rows}
    waits = Advice.objects.undecided().filter(client=batch.client, offer__in=list(offers.values()))
    taken = {
        offer: reference for offer, reference in waits.values_list("offer__external_id", "external_id")
        if reference not in names
    }  # fmt: skip
    for row in batch.rows:
        if "decision" in row.given or not _known(row, offers):
            continue
        first = taken.setdefault(row.given["offer"], row.given["external_id"])
        if first != row.given["external_id"]:
            which = f"“{first}”" if first else "advice given here"
            error = f"Advice on {row.given['offer']} waits for a decision already ({which}): give its decision first."
            batch.report.refuse(row.line, "decision", error)


def _advice(batch: Batch, row: Row, offer: Offer) -> dict[str, Any]:
    version: Any = offer.version
    given = row.given
    return {
        "external_id": given["external_id"],
        "offer_id": offer.pk,
        "version_id": version.pk,
        "given_at": given["given_at"],
        "currency": version.currency,
        "recommended_base": yearly(given["recommended"], version.pay_period, batch) if "recommended" in given else None,
        "decision": given.get("decision", ""),
        "decided_at": given.get("decided_at"),
    }


COUNTER_OFFERS = Kind("counters", COUNTERS, plan_counters, check_counter)
OVERRIDE_REGISTER = Kind("overrides", OVERRIDES, plan_overrides, check_override)
ADVICE_GIVEN = Kind("advice", ADVICE, plan_advice, check_advice)
