"""One cell of a file: from its text to a value, or a refusal in words. Pure."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from governance.money import DECIMALS

Parse = Callable[[str], Any]

# Of CLDR's territories, those that are no country of ISO 3166: reserved codes, unions, and ZZ for an unknown one.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
COUNTRIES = frozenset(code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))) - _NO_COUNTRY
CURRENCIES = frozenset(list_currencies()) - {"XXX", "XTS"}

_PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_OFFSET = re.compile(r"Z|[+-][0-9]{2}:?[0-9]{2}")
_SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})


class Bad(ValueError):
    """A cell that is refused; its text says what is wrong and what would be right."""


def clean(raw: str) -> str:
    """The cell's text without space around it, in one Unicode form; a sheet's error value is refused."""
    text = unicodedata.normalize("NFC", raw.strip())
    if text in _SHEET_ERRORS:
        raise Bad(f"The sheet shows the error {text} here.")
    return text


def text(most: int, *, lines: bool = False) -> Parse:
    """Text of at most so many characters, on one line unless `lines`."""

    def parse(cell: str) -> str:
        if len(cell) > most:
            raise Bad(f"At most {most} characters; these are {len(cell)}.")
        if any(unicodedata.category(char) == "Cc" and not (lines and char in "\r\n\t") for char in cell):
            raise Bad("A control character, such as a line break, stands inside it.")
        return cell

    return parse


def choice(*known: str) -> Parse:
    """One of these words, whatever its capitals."""

    def parse(cell: str) -> str:
        if cell.lower() not in known:
            raise Bad(f"“{cell}” is not one of {', '.join(known)}.")
        return cell.lower()

    return parse


def yes_or_no(cell: str) -> bool:
    return bool(choice("yes", "no")(cell) == "yes")


def whole(least: int, most: int) -> Parse:
    """A whole number between the two, both inside."""

    def parse(cell: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", cell) or not least <= int(cell) <= most:
            raise Bad(f"“{cell}” is not a whole number from {least} to {most}.")
        return int(cell)

    return parse


def day(cell: str) -> date:
    """YYYY-MM-DD, a day that exists."""
    if not _DATE.fullmatch(cell):
        raise Bad(f"“{cell}” is not a date as YYYY-MM-DD.")
    try:
        return _not_ancient(date.fromisoformat(cell), cell)
    except Bad:
        raise
    except ValueError:
        raise Bad(f"There is no such date as {cell}.") from None


def instant(cell: str) -> datetime:
    """ISO 8601 date and time with its offset from UTC; the value is UTC."""
    found = _INSTANT.match(cell)
    offset = cell[found.end() :] if found else ""
    if found and not offset:
        raise Bad(f"“{cell}” has no offset; write the time as 2026-03-02T09:00:00-05:00, or with Z for UTC.")
    if not found or not _OFFSET.fullmatch(offset):
        raise Bad(f"“{cell}” is not a date and time with offset, such as 2026-03-02T09:00:00-05:00.")
    try:
        return _not_ancient(datetime.fromisoformat(cell), cell).astimezone(UTC)
    except Bad:
        raise
    except (ValueError, OverflowError):
        raise Bad(f"There is no such date and time as {cell}.") from None


def _not_ancient(found: Any, cell: str) -> Any:
    if found.year < 1900:
        raise Bad(f"The year of {cell} looks like a slip.")
    return found


def plain(cell: str) -> Decimal:
    """Plain digits with at most one point, as amounts are written: nothing else is guessed."""
    if not _PLAIN.fullmatch(cell):
        raise Bad(
            f"“{cell}” is not an amount in plain digits with at most one point: no sign, separator, symbol or exponent."
        )
    if len(cell.partition(".")[0]) > 12:
        raise Bad("More than 12 digits before the point.")
    return Decimal(cell)


def above_zero(parse: Parse) -> Parse:
    """As `parse`, but zero is refused."""

    def positive(cell: str) -> Any:
        found = parse(cell)
        if not found:
            raise Bad("Zero is no value here.")
        return found

    return positive


def ratio(*, most: int, places: int) -> Parse:
    """A plain decimal number up to `most`, with at most so many decimals."""

    def parse(cell: str) -> Decimal:
        if not _PLAIN.fullmatch(cell):
            raise Bad(f"“{cell}” is not a number in plain digits with at most one point.")
        found = Decimal(cell)
        if found > most:
            raise Bad(f"{cell} is more than {most}.")
        if len(cell.partition(".")[2]) > places:
            raise Bad(f"At most {places} decimals.")
        return found

    return parse


def currency(cell: str) -> str:
    if cell not in CURRENCIES:
        raise Bad(f"“{cell}” is no currency; write the three capital letters of ISO 4217, such as USD.")
    return cell


def country(cell: str) -> str:
    if cell not in COUNTRIES:
        raise Bad(f"“{cell}” is no country; write the two capital letters of ISO 3166, such as US.")
    return cell


def email(cell: str) -> str:
    """An address, in small letters."""
    try:
        validate_email(cell)
    except ValidationError:
        raise Bad(f"“{cell}” is not an e-mail address.") from None
    return text(254)(cell).lower()


def too_many_decimals(amount: Decimal, code: str) -> str | None:
    """What is wrong with an amount that is finer than its currency; None where nothing is."""
    places = DECIMALS.get(code, 2)
    given = -int(amount.as_tuple().exponent)
    if given <= places:
        return None
    allowed = "no decimals" if places == 0 else f"at most {places} decimals"
    return f"{amount:f} has {given} decimal{'s' if given > 1 else ''}; {code} has {allowed}."


# --- names of columns

_BEFORE = "current|previous|prev|prior|last|former|past|present|existing|recent|history|historic|old|before|now|today"
_PAY = "salar|pay|wage|comp|ctc|income|earn|remuneration|package|base|bonus|rate|ote|cash|money"
_BEFORE += "|aktuell|bisher|derzeit|jetzig|letzt|vorherig|actuel|precedent|dernier|obecn|poprzedn|ostatni|dotychczas"
_PAY += "|gehalt|gehalter|lohn|verdienst|vergutung|entgelt|bezuge|salaire|pensja|wynagrodzen|zarobk"
_PRIOR = re.compile(f"({_BEFORE}).*({_PAY})|({_PAY}).*({_BEFORE})")
_EARNED = re.compile("earned|earns|earnings|payslip|paystub|payhistory|w2form|p60")


def looks_like_prior_pay(column: str) -> bool:
    """True for a name such as current_salary, lastPay or salary-history: what a candidate earns or earned."""
    name = re.sub("[^a-z0-9]", "", unicodedata.normalize("NFKD", column.lower()))
    return bool(_PRIOR.search(name) or _EARNED.search(name))
