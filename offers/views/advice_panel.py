"""How advice is said: what was recommended, what speaks for it, what was decided, and what happened then."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.urls import reverse

from offers.lifecycle import LIVE, Status
from offers.models import Advice, Loss, Offer
from offers.models.advice import AdviceDecision
from offers.presentation import Pill, Voice, span
from offers.queues import advice_for
from offers.views.frame import Page, role_of

TONES = {AdviceDecision.ADJUSTED: "ok", AdviceDecision.ACCEPTED_RISK: "warn", AdviceDecision.REFUSED: "bad"}
ENDED_WELL = (Status.ACCEPTED, Status.JOINED, Status.RENEGED)


def panel(offer: Offer, page: Page) -> dict[str, Any] | None:
    """The advice on an offer for its workbench, newest first; None for people who may not read it."""
    if not page.user.has_perm("offers.view_advice", offer):
        return None
    rows = Advice.objects.filter(offer=offer).select_related("given_by", "version", "reason")
    return {
        "rows": [
            {
                "url": reverse("offers:advice", args=[row.pk]),
                "title": recommended(row, page.voice),
                "detail": f"“{row.reason.text}”" if row.reason else "",
                "at": page.voice.moment(row.given_at),
                "pills": pills(row, page.voice),
            }
            for row in rows
        ],
        "cases_url": reverse("offers:cases", args=[offer.pk]),
    }


def waiting(page: Page, most: int = 200) -> list[dict[str, Any]]:
    """Advice that the person may decide, in one query: what holds a letter first, the oldest first."""
    rows = advice_for(page.user, page.now).select_related(
        "offer__client", "offer__requisition", "offer__candidate__person"
    )
    return [
        {
            "url": reverse("offers:advice", args=[row.pk]),
            "title": f"{role_of(row.offer)}, {row.offer.candidate.display_name}",
            "meta": f"{row.offer} · {recommended(row, page.voice)} · {page.voice.moment(row.given_at).text}",
            "pills": pills(row, page.voice),
        }
        for row in rows.order_by(F("holds_until").asc(nulls_last=True), "given_at", "pk")[:most]
    ]


def recommended(row: Advice, voice: Voice) -> str:
    """ "Base 104,000 USD, sign-on 5,000 USD"."""
    pairs = (("base", row.recommended_base), ("sign-on", row.recommended_sign_on))
    said = ", ".join(f"{name} {voice.money(amount, row.currency)}" for name, amount in pairs if amount is not None)
    return said[:1].upper() + said[1:] or "Better terms"


def pills(row: Advice, voice: Voice) -> list[Pill]:
    """How it stands: what was decided, and whether the letter waits for it."""
    if row.decision:
        return [Pill(TONES[AdviceDecision(row.decision)], row.get_decision_display())]
    if row.held(voice.now) and row.holds_until:
        return [Pill("bad", f"Holds the letter, {span(row.holds_until - voice.now)} left")]
    return [Pill("warn", "With the final authority" if row.passed_on_at else "Not decided yet")]


def happened(offer: Offer, loss: Loss | None) -> Pill:
    """What happened then: "Signed after 22 h", "Lost on day 6: competing offer"."""
    letter, ended = offer.letter, offer.decided_at
    since = letter.extended_at if letter else offer.verbal_approved_at
    took = ended - since if ended and since else None
    if offer.status in ENDED_WELL:
        return Pill("ok", f"Signed after {span(took)}" if took is not None else "Signed")
    if offer.status in LIVE:
        return Pill("info", "Still open")
    why = f": {loss.get_theme_display().lower()}" if loss and loss.theme else ""
    on_day = f" on day {_day(took)}" if took is not None and took > timedelta() else ""
    return Pill("bad", f"{offer.get_status_display()}{on_day}{why}")


def _day(took: timedelta) -> int:
    return round(took / timedelta(days=1))


def facts(row: Advice, voice: Voice) -> list[tuple[str, str]]:
    """The evidence in words, as it stood: [(name, what it said)]."""
    found: Mapping[str, Any] = row.evidence
    if not found:
        return []
    said = [("Offered base", _money(found.get("base"), row, voice))]
    reference = found.get("reference")
    if reference:
        gap = Decimal(found["gap"]) if found.get("gap") else None
        side = "" if gap is None else f", {voice.distance(gap)} {'below' if gap < 0 else 'above'}"
        label = reference.get("label") or ""
        said.append(("Reference", f"{_money(reference['amount'], row, voice)}{side} ({label})"))
    else:
        said.append(("Reference", "unknown"))
    peers = found.get("peers") or {}
    if peers.get("median"):
        said.append(("Peers", f"median {_money(peers['median'], row, voice)}, {peers['count']} in 12 months"))
    else:
        said.append(("Peers", "too few to compare"))
    if found.get("expectation"):
        said.append(("Stated expectation", _money(found["expectation"], row, voice)))
    return said


def outcome_rows(row: Advice, voice: Voice) -> list[dict[str, str]]:
    """How comparable offers ended: title, where they stood, n, rate and its interval, or that they are too few."""
    return [
        {
            "title": each["title"],
            "stood": each["stood"],
            "n": "too few" if each.get("too_few") else f"{each['accepted']} of {each['n']}",
            "rate": "–" if each.get("too_few") else _percent(each["rate"], voice),
            "interval": ""
            if each.get("too_few")
            else f"{_percent(each['low'], voice)} to {_percent(each['high'], voice)}",
        }
        for each in (row.evidence or {}).get("outcomes", [])
    ]


def _money(amount: Any, row: Advice, voice: Voice) -> str:
    return voice.money(Decimal(amount), row.currency) if amount else "–"


def _percent(share: float, voice: Voice) -> str:
    return voice.percent(Decimal(str(round(share, 3))))
