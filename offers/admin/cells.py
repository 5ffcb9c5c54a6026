"""Cells that speak to their reader: times in their zone, relative with the exact one on hover."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.scoping import ScopedAdmin
from offers.views.frame import Page


class Spoken(ScopedAdmin):
    """A list whose rows carry `voice`, the reader's."""

    def get_changelist_instance(self, request: Any) -> Any:
        found, voice = super().get_changelist_instance(request), Page(request).voice
        for row in found.result_list:
            row.voice = voice
        return found


def when(name: str, description: str) -> Callable[[Any], SafeString | str]:
    """A column of the instant in field `name`, sorted by it."""

    @admin.display(description=description, ordering=name)
    def cell(row: Any) -> SafeString | str:
        instant = getattr(row, name)
        if instant is None:
            return "–"
        said = row.voice.moment(instant)
        return format_html('<time datetime="{}" title="{}">{}</time>', said.iso, said.exact, said.text)

    cell.__name__ = name
    return cell
