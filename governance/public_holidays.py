"""Public holidays as the holidays library lists them, copied into a calendar's rows.

A copy, because what is due was promised by it: a newer library moves nothing, and people change the rows as they like.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import holidays
from babel import Locale
from django.db import transaction

from governance.history import because
from governance.models import BusinessCalendar, Holiday, User

YEARS_MOST = 10


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """A day off in a country, or in one subdivision of it ("" where it is the whole country's)."""

    date: date
    name: str
    country: str
    subdivision: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking days into a calendar does: days that are new, rows that would be named anew, rows that stay."""

    new: list[PublicHoliday]
    renamed: list[tuple[Holiday, str]]
    kept: list[Holiday]


def countries() -> list[tuple[str, str]]:
    """(code, name) of each country that the library knows, by name."""
    known = holidays.list_supported_countries(include_aliases=False)
    names = Locale("en").territories
    return sorted(((code, names.get(code, code)) for code in known), key=lambda pair: pair[1])


def subdivisions(country: str) -> list[tuple[str, str]]:
    """(code, name) of each state, province or region whose own days the library knows, by code."""
    codes = holidays.list_supported_countries(include_aliases=False).get(country, [])
    if not codes:
        return []
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    return [(code, f"{aliases[code][0]} ({code})" if aliases.get(code) else code) for code in sorted(codes)]


def listed(country: str, years: Iterable[int], subdivision: str = "") -> list[PublicHoliday]:
    """The days off of these years by date, in English where there is a translation; none of an unknown country."""
    if country not in holidays.list_supported_countries():
        return []
    years = list(years)
    national = _read(country, years, "")
    found = _read(country, years, subdivision) if subdivision else national
    return [
        PublicHoliday(day, name[:120], country, "" if day in national else subdivision)
        for day, name in sorted(found.items())
    ]


def _read(country: str, years: list[int], subdivision: str) -> dict[date, str]:
    part = subdivision or None
    try:
        return dict(holidays.country_holidays(country, subdiv=part, years=years, language="en_US"))
    except NotImplementedError:  # no such translation
        return dict(holidays.country_holidays(country, subdiv=part, years=years))


def plan(calendar: BusinessCalendar, found: Iterable[PublicHoliday]) -> Plan:
    """Hold the library's days against the calendar's own, day by day. A day that is closed already stays one row."""
    there: dict[date, list[Holiday]] = {}
    for row in calendar.holidays.all():
        there.setdefault(row.date, []).append(row)
    result = Plan([], [], [])
    for day in found:
        rows = there.get(day.date, [])
        same = next((row for row in rows if row.country == day.country), None)
        if not rows:
            result.new.append(day)
        elif same and same.name != day.name:
            result.renamed.append((same, day.name))
        else:
            result.kept.append(rows[0])
    return result


def take_in(
    calendar: BusinessCalendar, found: Iterable[PublicHoliday], *, days: Collection[date], rename: bool, actor: User
) -> tuple[int, int]:
    """Add those of the library's days that were chosen, and name rows as it does where asked: (added, renamed).

    Nothing is taken away, and no clock moves by it.
    """
    with transaction.atomic(), because(actor=actor.pk, action="calendar.holidays"):
        BusinessCalendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)
        made = plan(calendar, found)
        new = Holiday.objects.bulk_create(
            Holiday(
                client_id=calendar.client_id, calendar=calendar, date=day.date, name=day.name, country=day.country,
                subdivision=day.subdivision,
            )
            for day in made.new
            if day.date in days
        )  # fmt: skip
        renamed = made.renamed if rename else []
        for row, name in renamed:
            row.name = name
        Holiday.objects.bulk_update([row for row, _ in renamed], ["name"])
    return len(new), len(renamed)
