"""Working time as data: a client's week, its holidays, and the days that differ."""

import re
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models

from governance.business_time import DAYS_OF, Calendar
from governance.history import tracked
from governance.models.base import ClientOwned
from governance.walls import TenantKey


@tracked()
class BusinessCalendar(ClientOwned):
    """The working week of a client or of one of its places, in one time zone."""

    name = models.CharField(max_length=80, default="Working week")
    zone = models.CharField("time zone", max_length=60)
    week = models.JSONField(help_text="When each weekday is open; a day without hours is closed.")
    overrides = models.JSONField(
        default=dict, blank=True, help_text="Days that differ, which beat the week and a holiday."
    )
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ("client", "name")
        constraints = (
            models.UniqueConstraint(fields=("client", "name"), name="calendar_name"),
            models.UniqueConstraint(
                fields=("client",),
                condition=models.Q(is_default=True),
                name="calendar_one_default",
                violation_error_message="Another calendar is this client's default already.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            Calendar(tz=self.zone, week={})
        except ValueError as error:
            raise ValidationError({"zone": str(error)}) from error
        try:
            self.engine(holidays=())
        except (ValueError, TypeError, AttributeError) as error:
            raise ValidationError({"week": f"This week cannot be read: {error}"}) from error

    def engine(self, holidays: Iterable[date] | None = None) -> Calendar:
        """The pure calendar of this row; reads the holidays unless they are given."""
        days = self.holidays.values_list("date", flat=True) if holidays is None else holidays
        return Calendar(
            tz=self.zone,
            week={day: [tuple(span) for span in spans] for day, spans in self.week.items()},
            holidays=set(days),
            overrides={
                date.fromisoformat(day): [tuple(span) for span in spans] for day, spans in self.overrides.items()
            },
        )


@tracked()
class Holiday(ClientOwned):
    """A closed day, copied into rows so that a library's update never moves a past due instant."""

    calendar = TenantKey(BusinessCalendar, models.CASCADE, related_name="holidays")
    country = models.CharField(max_length=2)
    subdivision = models.CharField(max_length=10, blank=True)
    date = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("date",)
        constraints = (
            models.UniqueConstraint(
                fields=("calendar", "country", "subdivision", "date"),
                name="holiday_once",
                violation_error_message="This calendar has a holiday on that date already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.date:%d %b %Y}"

    def clean(self) -> None:
        wrong = {}
        day: date | None = self.date  # none where the form has refused it
        if day is not None and day.year not in DAYS_OF:
            wrong["date"] = f"Give a day of the years {DAYS_OF[0]} to {DAYS_OF[-1]}."
        self.country = self.country.upper()
        if self.country and not re.fullmatch("[A-Z]{2}", self.country):
            wrong["country"] = "Give the two letters of the country, such as US."
        if wrong:
            raise ValidationError(wrong)
