"""What happened to one row, read from its events: when, who, on whose behalf, by which action, and what differed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from pghistory.core import event_models

from governance.models.base import MoneyField, PercentField
from governance.models.identity import User
from governance.money import NONE, format_money, format_percent

TITLES = {"insert": "Added", "update": "Changed", "delete": "Deleted"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One column before and after, as people read it; both empty where only the fact of a change is said."""

    label: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One event. `who` is “Handoff” for its own work; `reason` is a code."""

    at: datetime
    who: str
    on_behalf_of: str
    title: str
    action: str
    reason: str
    differences: tuple[Difference, ...]


def changes_of(row: models.Model) -> list[Change]:
    """Every event of the row, newest first; nothing where the model keeps none. Two queries."""
    model = _event_model(type(row))
    if model is None:
        return []
    events = list(model._default_manager.filter(pgh_obj_id=row.pk).order_by("pgh_id"))
    names = _names(events)
    found = [_change(row, before, event, names) for before, event in zip([None, *events], events, strict=False)]
    return found[::-1]


@cache
def _event_model(model: type[models.Model]) -> Any:
    return next(iter(event_models(tracks_model=model)), None)


def _names(events: Iterable[Any]) -> dict[Any, str]:
    contexts = [event.pgh_context or {} for event in events]
    ids = {context[key] for context in contexts for key in ("actor", "on_behalf_of") if context.get(key)}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def _change(row: models.Model, before: Any, event: Any, names: dict[Any, str]) -> Change:
    context = event.pgh_context or {}
    return Change(
        at=event.pgh_created_at,
        who=names.get(context.get("actor"), "Handoff") if context else "Outside Handoff",
        on_behalf_of=names.get(context.get("on_behalf_of"), ""),
        title=TITLES.get(event.pgh_label, event.pgh_label),
        action=context.get("action", ""),
        reason=context.get("reason", ""),
        differences=_differences(row, before, event) if event.pgh_label == "update" and before else (),
    )


def _differences(row: models.Model, before: Any, after: Any) -> tuple[Difference, ...]:
    kept = [field for field in row._meta.concrete_fields if hasattr(after, field.attname)]
    changed = [field for field in kept if getattr(before, field.attname) != getattr(after, field.attname)]
    return tuple(
        Difference(capfirst(str(field.verbose_name)))
        if isinstance(field, models.ForeignKey | models.JSONField)
        else Difference(capfirst(str(field.verbose_name)), _shown(field, before), _shown(field, after))
        for field in changed
    )


def _shown(field: Any, event: Any) -> str:
    value = getattr(event, field.attname)
    if value in (None, "", []):
        return NONE
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    match value:
        case bool():
            return "Yes" if value else "No"
        case Decimal() if isinstance(field, MoneyField):
            return format_money(value, getattr(event, "currency", ""))
        case Decimal():
            return format_percent(value) if isinstance(field, PercentField) else f"{value.normalize():f}"
        case datetime():
            return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case date():
            return formats.date_format(value)
        case list():
            return ", ".join(map(str, value))
    return str(value)
