"""Greenhouse: offers as its Harvest API lists them and as its web hooks tell of them, into cells of an offers file.

An application is one candidate for one job, so it is one offer here; Greenhouse numbers each version of its terms anew.
What cannot be read for certain is not guessed: pay in words, a range or without a currency is no pay.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from governance.ingest.files import MAX_BYTES, MAX_ROWS, FileRefused

OPEN, ACCEPTED, DECLINED, DEPRECATED, DELETED = "open", "accepted", "declined", "deprecated", "deleted"
STATUSES = {
    "created": OPEN, "unresolved": OPEN, "sent": OPEN, "approved": OPEN, "accepted": ACCEPTED, "rejected": DECLINED,
    "declined": DECLINED, "deprecated": DEPRECATED,
}  # fmt: skip
PAY = ("salary", "base_salary", "annual_salary")
RANGES = ("salary_range", "pay_range")
TEMPORARY = ("contractor", "contract", "contingent", "temporary", "temp")
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
Json = Mapping[str, Any]


@dataclass(slots=True)
class Reading:
    """One version of an offer. `cells` are by column of an offers file; `sent` and `resolved` are days or instants.

    `unread` says why no pay could be read; empty where it is among the cells, or where the text speaks of none.
    """

    application: str
    version: int
    status: str
    sent: str = ""
    resolved: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    unread: str = ""
    flags: list[str] = field(default_factory=list)


class Unreadable(ValueError):
    """An offer that is not understood: the column it belongs to, and what is wrong."""

    def __init__(self, column: str, error: str) -> None:
        super().__init__(error)
        self.column = column


def load(path: Path) -> list[Any]:
    """What a file holds: a list of objects, or one alone. Raises FileRefused where it is no such JSON."""
    if not path.name.lower().endswith(".json"):
        raise FileRefused(f"{path.name} is no .json file.")
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(f"The file is larger than {MAX_BYTES // 10**6} MB.")
    return parse(path.read_bytes())


def parse(content: bytes) -> list[Any]:
    """JSON in UTF-8, decimal numbers exact. Raises FileRefused for anything else."""
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise FileRefused("The file is not UTF-8.") from None
    except RecursionError:
        raise FileRefused("The file is nested too deeply.") from None
    except ValueError as error:
        raise FileRefused(f"The file is no JSON: {error}.") from None
    objects = found if isinstance(found, list) else [found]
    if len(objects) > MAX_ROWS:
        raise FileRefused(f"The file has more than {MAX_ROWS:,} objects.")
    return objects


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def read(found: Any) -> Reading | None:
    """The offer that one object speaks of, None where it speaks of none. Raises Unreadable."""
    if not isinstance(found, Mapping):
        raise Unreadable("", "This is no object.")
    if "action" not in found or "payload" not in found:
        return _of_offer(found, found.get("status")) if _is_offer(found) else None
    payload = found["payload"] if isinstance(found["payload"], Mapping) else {}
    match found["action"]:
        case "offer_created" | "offer_approved" | "offer_updated":
            return _of_offer(payload, payload.get("offer_status"))
        case "offer_deleted":
            deleted = _of_offer(_inside(payload, "offer") or payload, "deprecated")
            deleted.status = DELETED
            return deleted
        case "hire_candidate":
            return _of_application(_inside(payload, "application"))
    return None


def _is_offer(found: Json) -> bool:
    return {"application_id", "version", "status"} <= found.keys()


def _inside(found: Json, name: str) -> Json:
    value = found.get(name)
    return value if isinstance(value, Mapping) else {}


def _of_offer(found: Json, status: Any) -> Reading:
    """An offer of the API's list, or of a web hook, where the same things have other names."""
    reading = Reading(
        application=_number(found.get("application_id"), "external_id"),
        version=int(_number(found.get("version", 1), "version")),
        status=_status(status),
        sent=_text(found.get("sent_at") or found.get("sent_on")),
        resolved=_text(found.get("resolved_at")),
    )
    reading.cells["requisition_ref"] = _number(found.get("job_id"), "requisition_ref")
    if found.get("candidate_id") is not None:
        reading.cells["candidate_ref"] = _number(found["candidate_id"], "candidate_ref")
    _opening(reading, found)
    _terms(reading, found)
    return reading


def _of_application(found: Json) -> Reading:
    """A hire: the application with its candidate, its job and the offer that was accepted."""
    offer, candidate, job = (_inside(found, name) for name in ("offer", "candidate", "job"))
    if not offer:
        raise Unreadable("external_id", "This hire names no offer.")
    reading = Reading(
        application=_number(found.get("id"), "external_id"),
        version=int(_number(offer.get("version", 1), "version")),
        status=ACCEPTED,
        sent=_text(offer.get("sent_at")),
        resolved=_text(offer.get("resolved_at")),
    )
    source = _inside(found, "source")
    reading.cells |= {
        "candidate_ref": _number(candidate.get("id"), "candidate_ref"),
        "requisition_ref": _number(job.get("id"), "requisition_ref"),
        "candidate_name": " ".join(filter(None, map(_text, (candidate.get("first_name"), candidate.get("last_name"))))),
        "source_channel": _text(source.get("public_name") or source.get("name")),
        "business_unit": _first_name(job.get("departments")),
        "location": _first_name(job.get("offices")),
        "requisition_opened_on": _text(job.get("open_date"))[:10],
        "applied_on": _text(found.get("applied_at"))[:10],
    }
    _opening(reading, found)
    _terms(reading, offer)
    _posted(reading, _inside(job, "custom_fields"))
    return reading


def _opening(reading: Reading, found: Json) -> None:
    reading.cells["opening_ref"] = _text(_inside(found, "opening").get("opening_id"))


def _terms(reading: Reading, found: Json) -> None:
    reading.cells["start_on"] = day(found.get("starts_at") or found.get("start_date"), "start_on")
    own = list(_fields(found))
    if any(name == "employment_type" and _text(value).lower() in TEMPORARY for name, value in own):
        reading.cells["employment_type"] = "contingent"
    for name, value in own:
        if name in PAY and value is not None:
            reading.unread = _pay(reading, value)
            if not reading.unread:
                return


def _fields(found: Json) -> Iterator[tuple[str, Any]]:
    """Custom fields by key, those first that say what kind they are of; their values are the same."""
    for group in ("keyed_custom_fields", "custom_fields"):
        for name, value in _inside(found, group).items():
            yield name, value["value"] if isinstance(value, Mapping) and "type" in value else value


def _pay(reading: Reading, value: Any) -> str:
    """Put base and currency among the cells; why not, where that cannot be done for certain."""
    if not isinstance(value, Mapping):
        return f"“{_text(value)[:40]}” is no amount with its currency, and is not guessed."
    if "min_value" in value or "max_value" in value:
        return "This is a range, and not what was offered."
    amount, currency = (_plain(_either(value, *names)) for names in (("value", "amount"), ("currency", "unit")))
    if not amount or not currency:
        return "This names no amount, or no currency."
    reading.cells |= {"base_salary": amount, "currency": currency}
    return ""


def _either(value: Json, *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _posted(reading: Reading, fields: Json) -> None:
    """The job's posted range, where it is in the currency of the offer; its bounds may be text."""
    found = next((value for name, value in _fields({"custom_fields": fields}) if name in RANGES), None)
    if not isinstance(found, Mapping):
        return
    if _plain(_either(found, "unit", "currency")) != reading.cells.get("currency"):
        reading.flags.append("posted_range_in_other_currency")
        return
    bounds = {"posted_min": found.get("min_value"), "posted_max": found.get("max_value")}
    reading.cells |= {column: _plain(value) for column, value in bounds.items() if value is not None}


def day(value: Any, column: str) -> str:
    """A day as 2013-04-15; web hooks write 04/15/2013, month first. Raises Unreadable for anything else."""
    text = _text(value)
    american = _AMERICAN.fullmatch(text)
    if american:
        month, of_month, year = american.groups()
        return f"{year}-{int(month):02}-{int(of_month):02}"
    if text and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?", text):
        raise Unreadable(column, f"“{text[:40]}” is no day as 2013-04-15 or 04/15/2013.")
    return text[:10]


def _status(value: Any) -> str:
    found = STATUSES.get(_text(value).lower())
    if found is None:
        raise Unreadable("outcome", f"“{_text(value)[:40]}” is none of {', '.join(STATUSES)}.")
    return found


def _number(value: Any, column: str) -> str:
    """One of Greenhouse's own numbers, as text."""
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,18}", str(value)):
        raise Unreadable(column, "Greenhouse's own number is missing here.")
    return str(value)


def _plain(value: Any) -> str:
    """A number in plain digits without zeros behind the point, or text as it is."""
    text = _text(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = f"{value:f}"
    if re.fullmatch(r"[0-9]+\.[0-9]+", text):
        text = text.rstrip("0").rstrip(".")
    return text


def _first_name(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else None
    return _text(first.get("name")) if isinstance(first, Mapping) else ""


def _text(value: Any) -> str:
    """A value as text: empty for none, and for what is no single value."""
    return "" if value is None or isinstance(value, Mapping | list) else str(value).strip()
