"""What the reports say of the sample programme, beside the same counted from the raw rows in plain Python."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

from analytics.facts import refresh
from analytics.reports import run
from governance.models import Client, Engagement
from governance.tenancy import scope
from offers.models import Cost, CounterOffer, HireReview, Loss, Offer

YES = ("accepted", "joined", "reneged")
ANSWERED = (*YES, "declined", "expired", "withdrawn")
QUARTER = timedelta(weeks=13)
Pair = tuple[str, Any, Any]


class Raw:
    """The closed offers of a client as they lie in the database, and its reports as of now."""

    def __init__(self, code: str, now: datetime) -> None:
        self.client, self.now = Client.objects.get(code=code), now
        self.zone = ZoneInfo(self.client.zone)
        rows = Offer.objects.filter(client=self.client, written_at__isnull=False, status__in=ANSWERED)
        self.rows = list(rows)
        self.first = Engagement.objects.filter(client=self.client).order_by("starts_on")[0].starts_on
        with scope([self.client.pk]):
            refresh(self.client.pk, now=now)

    def starts(self, quarter: int) -> date:
        return self.first + (quarter - 1) * QUARTER

    def report(self, name: str, **asked: Any) -> dict[str, Any]:
        with scope([self.client.pk]):
            return run(name, client=self.client, now=self.now, **asked)

    def between(self, since: int | None, until: int | None, event: str = "decided_at") -> list[Offer]:
        first = self.starts(since) if since else date.min
        last = self.starts(until) if until else date.max
        return [row for row in self.rows if first <= getattr(row, event).astimezone(self.zone).date() < last]


def hours(offer: Offer) -> float:
    return (offer.written_at - offer.verbal_approved_at).total_seconds() / 3600


def northbridge(now: datetime) -> Iterator[Pair]:
    raw = Raw("northbridge", now)
    no = [offer for offer in raw.rows if offer.status == "declined"]
    late = [offer for offer in raw.rows if hours(offer) > 72]
    total = raw.report("delay_curve")["total"]
    yield "declined", total["declined"], len(no)
    yield "late declines", total["share_of_declines_over_72"], sum(hours(offer) > 72 for offer in no) / len(no)
    yield "late offers", total["share_of_offers_over_72"], len(late) / len(raw.rows)
    yield "planted", (len(raw.rows), len(no), len(late)), (960, 211, 230)
    yield from spent_and_reviewed(raw)


def corvane(now: datetime) -> Iterator[Pair]:
    raw = Raw("corvane", now)
    for since, until, planted in ((None, 5, (1280, 1050)), (5, 7, (640, 576))):
        rows = raw.between(since, until)
        counted = (len(rows), sum(offer.status in YES for offer in rows))
        period = {"since": raw.starts(since) if since else None, "until": raw.starts(until)}
        total = raw.report("acceptance", **period)["total"]
        yield f"accepted until quarter {until}", (total["decided"], total["accepted"]), counted
        yield "planted", counted, planted
    countered = {counter.offer_id: counter for counter in CounterOffer.objects.filter(client=raw.client)}
    for since, until, planted_lost in ((None, 5, (200, 72)), (5, None, (196, 48))):
        rows = [offer for offer in raw.between(since, until) if offer.pk in countered]
        lost = sum(offer.status not in YES for offer in rows)
        period = {"since": raw.starts(since) if since else None, "until": raw.starts(until) if until else None}
        total = raw.report("counters", **period)["total"]
        yield f"dropouts from quarter {since}", (total["resolved"], total["dropouts"]), (len(rows), lost)
        yield "planted", (len(rows), lost), planted_lost
    total = raw.report("counters", since=raw.starts(5))["total"]
    yield "inside", (total["close_rate_inside"], total["close_rate_beyond"]), (108 / 128, 40 / 68)
    yield from spent_and_reviewed(raw)


def lumen(now: datetime) -> Iterator[Pair]:
    raw = Raw("lumen", now)
    for since, until, planted in ((None, 4, 96.0), (4, None, 33.6)):
        rows = raw.between(since, until, event="written_at")
        period = {"since": raw.starts(since) if since else None, "until": raw.starts(until) if until else None}
        answered = raw.report("delay_curve", **period)["total"]["offered"]
        yield f"answered from quarter {since}", answered, len(raw.between(since, until))
        yield "planted", round(mean(hours(offer) for offer in rows), 1), planted
    themes = dict(Loss.objects.filter(client=raw.client).values_list("offer_id", "theme"))
    cells = {(row["dim"], row["theme"]): row for row in raw.report("decline_lift", by="source_channel")["rows"]}
    cell = cells["Boardwalk Jobs", "compensation"]
    board = [offer for offer in raw.rows if offer.source_channel == "Boardwalk Jobs"]
    others = [offer for offer in raw.rows if offer.source_channel != "Boardwalk Jobs"]

    def lost(rows: list[Offer]) -> int:
        return sum(offer.status not in YES and themes.get(offer.pk) == "compensation" for offer in rows)

    counted = (len(board), lost(board), len(others), lost(others))
    yield "board", tuple(cell[name] for name in ("here_n", "here", "elsewhere_n", "elsewhere")), counted
    yield "planted", counted, (240, 30, 960, 96)
    yield "lift", round(cell["lift"], 12), 1.25
    yield "and may be chance", cell["flagged"], False


def spent_and_reviewed(raw: Raw) -> Iterator[Pair]:
    """What it cost to hire, and how the hires turned out."""
    today = raw.now.astimezone(raw.zone).date()
    booked = sum(cost.amount for cost in Cost.objects.filter(client=raw.client))
    hires = [offer for offer in raw.rows if offer.status == "joined" and offer.joined_on < today]
    total = raw.report("cost_per_hire")["total"]
    yield "hires", total["hires"], len(hires)
    yield "spend", total["spend"]["amount"], f"{booked:.2f}"
    yield "cost per hire", total["cost_per_hire"]["amount"], f"{booked / len(hires):.2f}"
    reviews = HireReview.objects.filter(client=raw.client).select_related("offer")
    scores = [mean(_parts(review, today)) for review in reviews if len(_parts(review, today)) > 1]
    found = raw.report("quality")["total"]["quality_of_hire_mean"]
    yield f"quality of hire at {raw.client.code}", round(found, 9), round(mean(scores), 9)


def _parts(review: HireReview, today: date) -> list[int]:
    """The parts of quality of hire that are known of somebody who joined at least 180 days ago, 0 to 100 each."""
    first, last, by = review.offer.joined_on, review.offer.left_on, review.productive_target_on
    found = [0 if last and (last - first).days <= 180 else 100]
    if review.manager_rating is not None:
        found.append(review.manager_rating)
    if by and (review.productive_on or by < today):
        found.append(100 if review.productive_on and review.productive_on <= by else 0)
    return found


def planted(now: datetime) -> Iterator[Pair]:
    """(what, what the report says or plain Python counts, what it has to be)."""
    yield from northbridge(now)
    yield from corvane(now)
    yield from lumen(now)
