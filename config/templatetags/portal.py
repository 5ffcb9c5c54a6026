"""Small helpers of the portal's templates."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.contrib.admin.helpers import AdminReadonlyField
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language

from config.portal import SECTIONS

register = template.Library()

CELL = re.compile(r'<(?P<tag>td|th)(?: class="(?P<classes>[^"]*)")?')
INNER_CAPITAL = re.compile(r"(?<=[^\s.?!:][\s-])[A-Z](?=[a-z])")
NAMES = {entry.target: entry.label for section in SECTIONS for entry in section.entries}
BARE_FIELD = re.compile(r"<(?:input|select|textarea)(?! type=\"hidden\")(?![^>]* aria-label=)")
FIGURES = (models.DecimalField, models.FloatField, models.IntegerField)


@register.filter
def share(value: float | Decimal, whole: float = 100) -> str:
    """A length on a drawing as SVG wants it, whatever the locale: 150 of 600 is "25.00%"; kept between 0 and 100."""
    return f"{min(max(float(value) / float(whole), 0.0), 1.0) * 100:.2f}%"


@register.filter
def span(band: Mapping[str, float | Decimal], whole: float = 100) -> str:
    """The width of {"x1", "x2"} as ``share`` writes it."""
    return share(band["x2"] - band["x1"], whole)  # type: ignore[operator]


@register.filter
def initials(name: str) -> str:
    """At most two letters for an avatar: "Dana Lee" is "DL", "dana.lee@example.org" is "dl"."""
    words = re.split(r"[\s._-]+", name.partition("@")[0])
    return "".join(word[0] for word in words[:2] if word)


@register.filter(is_safe=True)
@stringfilter
def sentence(words: str) -> str:
    """What a package writes In Title Case, as the portal does: "Two-Factor Sign-In" is "Two-factor sign-in"."""
    return INNER_CAPITAL.sub(lambda found: found[0].lower(), words)


@register.simple_tag
def list_name(opts: Any) -> str:
    """What the sidebar calls the list of a model, so that page, crumbs and menu agree; else the name of the model."""
    return NAMES.get(opts.label) or capfirst(opts.verbose_name_plural)


@register.filter
def lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]


@register.filter
def spoken(field: AdminReadonlyField) -> SafeString | str:
    """What a read-only field of the admin says, decimals as people write them: 106,800 and not 106800.0000."""
    name = str(field.field["field"])
    try:
        found = field.form.instance._meta.get_field(name)
        value = getattr(field.form.instance, name)
    except (FieldDoesNotExist, TypeError):
        return field.contents()
    if not isinstance(found, models.DecimalField) or value is None:
        return field.contents()
    return format_decimal(value, format="#,##0.####", locale=get_language() or "en")


@register.simple_tag
def list_rows(cl: ChangeList, headers: list[dict[str, Any]], results: Iterable[Any]) -> list[dict[str, Any]]:
    """The rows of a change list, [{"form", "cells": [html]}], every cell knowing its column.

    Figures (number fields, and what the admin names in ``numeric_columns``) get the class ``num`` in head and body;
    each cell carries ``data-label``, which a phone shows in place of the head.
    """
    figures = [_is_figure(cl, name) for name in cl.list_display]
    for header, figure in zip(headers, figures, strict=True):
        if figure:
            header["class_attrib"] = mark_safe(f'{header["class_attrib"][:-1]} num"')
    labels = ["" if name == "action_checkbox" else str(headers[i]["text"]) for i, name in enumerate(cl.list_display)]
    return [
        {
            "form": getattr(result, "form", None),
            "cells": [
                _cell(html, label, figure) for html, label, figure in zip_longest(result, labels, figures, fillvalue="")
            ],
        }
        for result in results
    ]


def _is_figure(cl: ChangeList, column: Any) -> bool:
    name = getattr(column, "__name__", column)
    if name in getattr(cl.model_admin, "numeric_columns", ()):
        return True
    try:
        field = cl.lookup_opts.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, FIGURES) and not field.choices


def _cell(html: str, label: str, figure: bool | str) -> SafeString:
    found = CELL.match(html)
    if found is None:
        return mark_safe(html)
    classes = f"{found['classes'] or ''}{' num' if figure else ''}"
    head = format_html('<{} class="{}" data-label="{}"', found["tag"], classes, capfirst(label))
    name = format_html(' aria-label="{}"', capfirst(label))
    return mark_safe(head + BARE_FIELD.sub(lambda field: field[0] + name, html[found.end() :]))
