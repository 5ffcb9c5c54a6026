"""“What can I offer now?”: what a recruiter may grant, what these terms leave of it, and who is asked beyond it."""

from typing import Any

from governance.access import Role
from governance.programme import IncompleteProgramme
from offers.errors import OfferError
from offers.models import CounterOffer, Offer, OfferVersion
from offers.presentation import Pill
from offers.views.frame import Page
from offers.workflow.counter import leeway


def answer(offer: Offer, proposed: OfferVersion, page: Page) -> dict[str, Any] | None:
    """The context of templates/offers/leeway.html for terms that are being typed; None before any were approved."""
    try:
        found = leeway(offer, proposed, actor=page.user, now=page.now)
    except (IncompleteProgramme, OfferError):
        return None  # the standing beside it says what is missing
    if found is None:
        return None
    money, currency = page.voice.money, proposed.currency
    left = [
        ("Base", money(found.room.base_max, currency), found.room.limits[0].partition(": ")[2].rstrip(".")),
        ("Sign-on", money(found.room.sign_on_max, currency), ""),
        ("First-year cash, all moves together", money(found.room.cash_left, currency), ""),
    ]
    return {
        "none": not found.granted_by,
        "left": [(name, most, why) for name, most, why in left] if found.granted_by else [],
        "benefits": found.benefits,
        "pill": _pill(found.moves, found.verdict.inside),
        "reasons": found.verdict.reasons if found.moves else (),
        "granted_by": found.granted_by if found.moves and found.verdict.inside else "",
        "cash_after": money(found.after.cash_left, currency) if found.moves and found.verdict.inside else "",
        "asked": [step.title or Role(step.role).label if step.role else "a named person" for step in found.asked],
    }


def _pill(moves: bool, inside: bool) -> Pill:
    if not moves:
        return Pill("quiet", "The terms approved last")
    return Pill("ok", "Inside: approved at once") if inside else Pill("warn", "Beyond: goes to the approvers")


def rounds(offer: Offer, page: Page) -> list[dict[str, Any]]:
    """Every counter-offer of an offer as a round, newest first: whose bid, what was asked, and how it was answered."""
    rows = list(
        CounterOffer.objects.filter(offer=offer)
        .select_related("note", "settled__client")
        .order_by("countered_at", "pk")
    )
    money = page.voice.money
    return [
        {
            "title": f"Round {number}: {row.get_origin_display().lower()}",
            "asked": _amounts(money, row.currency, (("base", row.asked_base), ("sign-on", row.asked_sign_on))),
            "note": row.note.text if row.note else "",
            "at": page.voice.moment(row.countered_at),
            "settled": _settled(row, money),
            "pill": Pill("warn" if row.outcome == "open" else "quiet", row.get_outcome_display()),
        }
        for number, row in reversed(list(enumerate(rows, 1)))
    ]


def _settled(row: CounterOffer, money: Any) -> str:
    version: Any = row.settled
    if version is None:
        return ""
    inside: dict[bool | None, str] = {
        True: f", inside {row.granted_by}" if row.granted_by else ", inside the guardrail",
        False: ", beyond the guardrail",
    }
    amounts = (("base", version.base_annual), ("sign-on", version.sign_on or None))
    return f"{version}: {_amounts(money, version.currency, amounts)}{inside.get(row.inside_guardrail, '')}"


def _amounts(money: Any, currency: str, amounts: Any) -> str:
    return ", ".join(f"{name} {money(amount, currency)}" for name, amount in amounts if amount is not None)
