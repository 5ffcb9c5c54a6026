"""Amounts as people read them, in the reader's own way of writing numbers."""

from decimal import Decimal

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_decimal, get_currency_precision
from django.utils.translation import get_language, to_locale

NONE = "–"
# ISO 4217 minor units other than 2. (CLDR's figures, which babel has, are those of cash and differ.)
_MINOR_UNITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {code: places for places, codes in _MINOR_UNITS.items() for code in codes.split()}


def format_money(amount: Decimal | None, currency: str, locale: str | None = None) -> str:
    """ "95,000 USD", in German "95.000 USD".

    The code stands behind the amount, never a sign: half a dozen currencies write "$". Without `locale` the language of
    the request decides. None is a dash.
    """
    return NONE if amount is None else f"{format_amount(amount, currency, locale)}\u00a0{currency}"


def format_amount(amount: Decimal | None, currency: str, locale: str | None = None, *, cents: bool = False) -> str:
    """The figure alone, for a column whose currency stands beside it.

    Decimals only where there are any, then those of the currency or more; with `cents` always, so that pay by the hour
    lines up in a column.
    """
    if amount is None:
        return NONE
    found = _locale(locale)
    whole = amount == amount.to_integral_value() and not cents
    shown = amount.normalize()
    places = 0 if whole else max(get_currency_precision(currency), -int(shown.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(amount, format=pattern, locale=found))


def format_percent(value: Decimal | None) -> str:
    """A percent field as people write it: Decimal("3.5000") is "3.5 %"."""
    return NONE if value is None else f"{value.normalize():f}\u00a0%"


def money_json(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    """{"amount": "95000.00", "currency": "USD"}: the currency's decimals, or more where there are more."""
    if amount is None:
        return None
    exact = amount.normalize()
    places = max(DECIMALS.get(currency, 2), -int(exact.as_tuple().exponent))
    return {"amount": f"{exact:.{places}f}", "currency": currency}


def _locale(name: str | None) -> Locale:
    try:
        return Locale.parse(to_locale(name or get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
