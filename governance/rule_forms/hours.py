"""Opening hours: the seven days of a week, and the dates that differ from it."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.business_time import DAYS_OF, WEEKDAYS, Calendar
from governance.rule_forms.base import DocumentForm, group_of
from governance.rule_words import DAYS

NAMES = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
_TIME = re.compile(r"([01]?[0-9]|2[0-4])[:.]?([0-5][0-9])?")
DOUBLE = "This date stands here twice: put all its hours into one row."


class ClockField(forms.CharField):
    """A time of day as HH:MM, up to 24:00, which no time field of a browser can say. Takes 9, 9:00 and 0900 too."""

    def __init__(self, **kwargs: Any) -> None:
        look = {"inputmode": "numeric", "autocomplete": "off", "size": 5, "class": "clock", "placeholder": "–"}
        super().__init__(required=False, max_length=5, widget=forms.TextInput(look), **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        found = _TIME.fullmatch(text)
        clock = f"{int(found[1]):02}:{found[2] or '00'}" if found else ""
        if not found or clock > "24:00":
            raise ValidationError(f"“{text}” is no time: write 09:00, or 24:00 for the day's end.")
        return clock


class _Spans(DocumentForm):
    """Rows of spans: `stem` names the row, and each of its spans is two clock times."""

    def spans(self, stem: str, label: str, *, least: int) -> None:
        for number in range(self.count(rf"{stem}_([0-9]{{1,3}})_from", spare=1, least=least)):
            self.fields[f"{stem}_{number}_from"] = ClockField(label=f"{label}, open from, {number + 1}")
            self.fields[f"{stem}_{number}_to"] = ClockField(label=f"{label}, open until, {number + 1}")

    def pairs(self, stem: str) -> list[tuple[str, str]]:
        starts = [name for name in self.fields if re.fullmatch(rf"{stem}_[0-9]+_from", name)]
        return [(name, f"{name.removesuffix('_from')}_to") for name in starts]

    def cells(self, stem: str) -> list[tuple[Any, Any]]:
        return [(self[opens], self[closes]) for opens, closes in self.pairs(stem)]

    def read(self, stem: str) -> list[list[str]]:
        values = [(self.cleaned_data[opens], self.cleaned_data[closes]) for opens, closes in self.pairs(stem)]
        return [list(pair) for pair in values if any(pair)]

    def check_spans(self, stem: str) -> None:
        """Every span whole and forward, and none over another."""
        for opens, closes in self.pairs(stem):
            first, last = self.cleaned_data[opens], self.cleaned_data[closes]
            if bool(first) != bool(last):
                self.mark(closes if first else opens, "Say both: from when, and until when.")
            elif first and last <= first:
                self.mark(closes, "It ends before it has begun: split a night in two at 24:00.")
        if not any(name in self.marked for pair in self.pairs(stem) for name in pair):
            self._check_overlaps(stem)

    def _check_overlaps(self, stem: str) -> None:
        try:
            Calendar(tz="UTC", week={"mon": self.read(stem)})
        except ValueError as error:
            rows = sorted(
                (self.cleaned_data[opens], opens) for opens, _ in self.pairs(stem) if self.cleaned_data[opens]
            )
            words = str(error).partition(": ")[2] or str(error)
            self.mark(rows[-1][1], words[:1].upper() + words[1:])


def _initial_spans(stem: str, spans: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, span in enumerate(spans if isinstance(spans, list | tuple) else ()):
        opens, closes = span if isinstance(span, list | tuple) and len(span) == 2 else ("", "")
        found |= {f"{stem}_{number}_from": opens, f"{stem}_{number}_to": closes}
    return found


class WeekForm(_Spans):
    """`{"mon": [["09:00", "12:00"], …]}`; a day without hours is closed."""

    template = "governance/documents/week.html"

    @staticmethod
    def initial_of(document: Any) -> dict[str, Any]:
        return {
            name: value
            for day in WEEKDAYS
            for name, value in _initial_spans(day, group_of(document).get(day)).items()
        }  # fmt: skip

    def build(self) -> None:
        for day in WEEKDAYS:
            self.spans(day, DAYS[day], least=2)

    def check_rows(self, found: dict[str, Any]) -> None:
        for day in WEEKDAYS:
            self.check_spans(day)
        if not self.marked and not self.document():
            self.mark("mon_0_from", "Open at least one day of the week.")

    def document(self) -> dict[str, Any]:
        return {day: spans for day in WEEKDAYS if (spans := self.read(day))}

    def days(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        return [(DAYS[day], self.cells(day)) for day in WEEKDAYS]


class OverridesForm(_Spans):
    """`{"2026-12-24": [["09:00", "12:00"]]}`; a date without hours is closed, holiday or not."""

    template = "governance/documents/overrides.html"

    @staticmethod
    def initial_of(document: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, (day, spans) in enumerate(sorted(group_of(document).items())):
            found |= {f"day_{number}_date": day, **_initial_spans(f"day_{number}", spans)}
        return found

    def build(self) -> None:
        there = {name.split("_")[1] for name in self.kept if name.endswith("_date")}
        self.rows = range(self.count(r"day_([0-9]{1,3})_date", spare=3))
        for number in self.rows:
            label = f"Day {number + 1}"
            self.fields[f"day_{number}_date"] = forms.DateField(
                label=f"{label}, date", required=False,
                widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            )  # fmt: skip
            self.spans(f"day_{number}", label, least=2)
            if str(number) in there or f"day_{number}_kept" in self.names:
                self.fields[f"day_{number}_kept"] = forms.BooleanField(
                    required=False, widget=forms.HiddenInput, initial=True
                )
                self.fields[f"day_{number}_remove"] = forms.BooleanField(label=f"{label}, remove", required=False)

    def check_rows(self, found: dict[str, Any]) -> None:
        seen: set[date] = set()
        for number in self.rows:
            if found.get(f"day_{number}_remove"):
                continue
            day = found[f"day_{number}_date"]
            if day and day.year not in DAYS_OF:
                self.mark(f"day_{number}_date", f"Give a day of the years {DAYS_OF[0]} to {DAYS_OF[-1]}.")
            if day in seen:
                self.mark(f"day_{number}_date", DOUBLE)
            seen |= {day} if day else set()
            self.check_spans(f"day_{number}")
            if not day and self.read(f"day_{number}"):
                self.mark(f"day_{number}_date", "Say which day has these hours.")

    def document(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            day.isoformat(): self.read(f"day_{number}")
            for number in self.rows
            if (day := given[f"day_{number}_date"]) and not given.get(f"day_{number}_remove")
        }

    def lines(self) -> Iterable[tuple[Any, list[tuple[Any, Any]], Any, Any]]:
        for number in self.rows:
            kept, remove = f"day_{number}_kept", f"day_{number}_remove"
            ends = (self[kept], self[remove]) if kept in self.fields else ("", "")
            yield (self[f"day_{number}_date"], self.cells(f"day_{number}"), *ends)
