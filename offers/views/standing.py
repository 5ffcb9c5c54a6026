"""Standing as a page shows it: the range chart, the sentences, the rules that fired and whom they ask."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from governance import market
from governance.access import Role
from offers.models import OfferVersion
from offers.presentation import Voice, band_words, gap_words

AXIS = 600
SPREAD = ("lowest", "quarter", "median", "three_quarters", "highest")
Snapshot = Mapping[str, Any]


def panel(found: Snapshot, voice: Voice, *, note: str, divisor: int) -> dict[str, Any]:
    """The context of templates/offers/standing.html from what offers.standing.snapshot keeps."""
    return {
        "note": note,
        "chart": chart(found, voice, divisor) if _comparable(found) else None,
        "why": [_sentence(kind, text) for kind, text in found.get("sentences", [])] + _peers(found, voice),
        "position": _position(found, voice),
        "fired": [each for each in found.get("fired", []) if each["reason"]],
        "asked": [_asked(step) for step in found.get("asked", [])],
        "advice": [_asked(step) for step in found.get("advice", [])],
        "because": found.get("because", ""),
    }


def frozen(version: OfferVersion, voice: Voice) -> dict[str, Any]:
    """The panel of a submitted version: exactly what it was judged by."""
    submitted = version.submitted_at
    note = f"frozen {voice.day(submitted.astimezone(voice.zone))}, version {version.number}" if submitted else ""
    return panel(version.standing or _from_columns(version, voice), voice, note=note, divisor=version.hours_divisor)


def _from_columns(version: OfferVersion, voice: Voice) -> Snapshot:
    """What an imported version says of its standing: the columns, without the sentences of a review."""
    bad = "bad" if version.second_review else "ok"
    known = version.gap is not None
    sentences = [
        [bad if known else "warn", f"{gap_words(version, voice)} reference".replace("reference reference", "reference")]
    ]
    if version.band_position:
        sentences.append(
            [bad if version.band_position in ("below", "above", "off_step") else "ok", band_words(version)]
        )
    return {
        "currency": version.currency,
        "base": str(version.annual if version.annual is not None else version.base_annual),
        "sentences": [[kind, text[:1].upper() + text[1:]] for kind, text in sentences],
        "reference": {"amount": str(version.reference_amount), "percentile": version.reference_percentile}
        if version.reference_amount
        else None,
        "peers": {"count": version.peer_count or 0},
    }


def _sentence(kind: str, text: str) -> dict[str, str]:
    """The verdict for the pill; what stands in brackets or behind a semicolon goes beside it."""
    for mark in (" (", "; "):
        verdict, found, rest = text.partition(mark)
        if found:
            rest = rest.removesuffix(")") if mark == " (" else rest
            return {"kind": kind, "text": verdict, "detail": rest[:1].upper() + rest[1:]}
    return {"kind": kind, "text": text}


def _peers(found: Snapshot, voice: Voice) -> list[dict[str, str]]:
    peers = found.get("peers") or {}
    if not peers.get("median"):
        few = peers.get("count") or 0
        return [{"kind": "quiet", "text": "Too few peers to compare with", "detail": f"{few} known."}] if few else []
    base, median = Decimal(found["base"]), Decimal(peers["median"])
    share = (base - median) / median
    side = "below" if share < 0 else "above"
    text = f"{voice.distance(share)} {side} peer median" if round(share, 6) else "At peer median"
    lines = [{"kind": "warn" if abs(share) > Decimal("0.1") else "info", "text": text, "detail": _spread(found, voice)}]
    if peers.get("inversion"):
        settled = voice.money(Decimal(peers["settled_median"]), found["currency"])
        detail = f"Above {settled}, the median of those who have held the role for a year or longer."
        lines.append({"kind": "warn", "text": "Pay is inverted", "detail": detail})
    return lines


def _spread(found: Snapshot, voice: Voice) -> str:
    """How many peers of which sort, their middle half, and how many of them are paid less."""
    peers, currency = found["peers"], found["currency"]
    count, held = peers["count"], peers.get("incumbents", 0)
    sorts = f" ({held} in the role, {count - held} offers)" if held else " in 12 months"
    said = f"{count} peers{sorts}, median {voice.money(Decimal(peers['median']), currency)}"
    if "quarter" in peers:
        low, high = (voice.money(Decimal(peers[name]), currency) for name in ("quarter", "three_quarters"))
        said += f", half of them from {low} to {high}"
    return said + (f". This offer is above {peers['below']} of {count}." if "below" in peers else ".")


def _bracket(bracket: str | None) -> str:
    """ "p25 to p50", "below p10", "p90 or above"."""
    if not bracket:
        return ""
    if bracket.startswith("<"):
        return f"below {bracket[1:]}"
    return f"{bracket[2:]} or above" if bracket.startswith(">=") else bracket.replace("-", " to ")


def _position(found: Snapshot, voice: Voice) -> list[tuple[str, str]]:
    """The figures of the market view, each with its name; what is not known is left out."""
    bracket = found.get("bracket")
    said = f"at least {bracket.removeprefix('>=')}" if bracket and found.get("at_least") else _bracket(bracket)
    ratios = [
        (name, voice.number(Decimal(found[key]), 2))
        for name, key in (("Market ratio", "market_ratio"), ("Compa-ratio", "compa_ratio"))
        if found.get(key)
    ]
    penetration = found.get("range_penetration")
    within = [("Range penetration", voice.percent(Decimal(penetration)))] if penetration else []
    apart = found.get("gap")
    gap = [("Gap to reference", voice.distance(Decimal(apart), signed=True))] if apart else []
    cash = found.get("first_year_cash")
    total = [("First-year cash", voice.money(Decimal(cash), found["currency"]))] if cash else []
    return ([("Market bracket", said)] if bracket else []) + ratios + within + gap + total


def _asked(step: Mapping[str, Any]) -> dict[str, Any]:
    who = step["title"] or (Role(step["role"]).label if step["role"] else "A named person")
    return {
        "step": step["step"],
        "who": f"{who} (any {step['n']})" if step["n"] > 1 else who,
        "reason": step["reason"],
        "given": step["given"],
        "kept": step.get("kept", ""),
        "due": f"within {step['due_hours']} h",
    }


# --- the chart


def _comparable(found: Snapshot) -> bool:
    """True where there is anything that pay can be drawn against."""
    return bool(found.get("band") or found.get("reference") or _peer_points(found))


def chart(found: Snapshot, voice: Voice, divisor: int) -> dict[str, Any]:
    """The context of templates/partials/range_chart.html: full-time annual pay on one line, x from 0 to 600."""
    currency, base = found["currency"], Decimal(found["base"])
    band, reference, peers = _band(found, divisor), _reference(found), _peer_points(found)
    place = _scale([base, *band, *peers.values(), *([reference] if reference else [])])
    labels = [f"This offer {voice.money(base, currency)}"]
    drawn: dict[str, Any] = {
        "offer": _labelled(place(base), f"This offer {voice.money(base, currency)}") | {"kind": _worst(found)},
        "peers": _spread_of({name: place(point) for name, point in peers.items()}, found),
    }
    if band:
        low, middle, high = band
        drawn |= {"midpoint": place(middle) if low < high else None}
        text = f"Band {voice.money(low, currency)} to {voice.money(high, currency)}"
        # One label that starts with a band of the left half and ends with one of the right: it has the longer side.
        left = place(low) + place(high) < AXIS
        drawn["band"] = {"x1": place(low), "x2": place(high), "label": text, "left": left}
        labels.append(text)
    if reference:
        aged = f"p{found['reference']['percentile']}, aged" if found["reference"].get("percentile") else "aged"
        text = f"Reference {voice.money(reference, currency)} ({aged})"
        drawn["reference"] = _labelled(place(reference), text)
        labels.append(text)
    if peers:
        ends = " to ".join(voice.money(peers[name], currency) for name in ("lowest", "highest"))
        labels.append(f"{found['peers']['count']} peers from {ends}")
    return drawn | {"label": "; ".join(labels)}


def _band(found: Snapshot, divisor: int) -> tuple[Decimal, ...]:
    band = found.get("band")
    if not band:
        return ()
    return tuple(
        market.annual(Decimal(band[end]), band["period"], divisor) for end in ("minimum", "midpoint", "maximum")
    )


def _reference(found: Snapshot) -> Decimal | None:
    amount = (found.get("reference") or {}).get("amount")
    return Decimal(amount).quantize(Decimal(1)) if amount else None


def _peer_points(found: Snapshot) -> dict[str, Decimal]:
    peers = found.get("peers") or {}
    if not all(peers.get(key) for key in ("lowest", "median", "highest")):
        return {}
    return {key: Decimal(peers[key]) for key in SPREAD if peers.get(key)}


def _spread_of(x: dict[str, float], found: Snapshot) -> dict[str, Any] | None:
    """What the peers span, their middle half and their median, with their number where there is room beside it."""
    if not x:
        return None
    drawn: dict[str, Any] = {"x1": x["lowest"], "x2": x["highest"], "median": x["median"]}
    if "quarter" in x and "three_quarters" in x:
        drawn["half"] = {"x1": x["quarter"], "x2": x["three_quarters"]}
    text = f"{found['peers']['count']} peers"
    if x["lowest"] > AXIS / 6:
        drawn["label"] = {"x": 0, "text": text, "anchor": "start"}
    elif x["highest"] < AXIS * 5 / 6:
        drawn["label"] = {"x": AXIS, "text": text, "anchor": "end"}
    return drawn


def _scale(points: list[Decimal]) -> Any:
    low, high = min(points), max(points)
    room = (high - low) / 12 or low / 10 or Decimal(1)
    low, high = low - room, high + room
    return lambda amount: float((amount - low) / (high - low) * AXIS)


def _labelled(x: float, label: str) -> dict[str, Any]:
    return {"x": x, "label": label, "anchor": "start" if x < 110 else "end" if x > AXIS - 110 else "middle"}


def _worst(found: Snapshot) -> str:
    kinds = {kind for kind, _ in found.get("sentences", [])}
    return "bad" if "bad" in kinds else "warn" if "warn" in kinds else ""


def today(day: str, voice: Voice) -> str:
    """ "as of 24 Nov 2026, not yet frozen"."""
    return f"as of {voice.day(date.fromisoformat(day))}, not frozen yet"
