"""How overrides are said: the pills of one, and the panel of an offer's page."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from offers.models import Offer, Override
from offers.models.override import OverrideStatus, Severity
from offers.presentation import Pill
from offers.views.frame import Page


def pills(row: Override) -> list[Pill]:
    """How it stands: what has become of it, and whether it holds the letter back."""
    if row.resolution:
        tone = "quiet" if row.resolution == "unfounded" else "ok"
        return [Pill(tone, row.get_resolution_display())]
    state = Pill("bad" if row.status == OverrideStatus.CONFIRMED else "warn", row.get_status_display())
    return [state, Pill("bad", "Holds the letter")] if row.severity == Severity.SEVERE else [state]


def panel(offer: Offer, page: Page) -> list[dict[str, Any]]:
    """Every override of an offer for its workbench, newest first; nothing for people who may not read the register."""
    if not page.user.has_perm("offers.view_override", offer):
        return []
    rows: Iterable[Override] = Override.objects.filter(offer=offer).select_related("who")
    return [
        {
            "title": row.get_kind_display(),
            "url": reverse("offers:override", args=[row.pk]),
            "detail": "; ".join(
                [*([str(row.who)] if row.who else []), *(f"{each['term']} {each['found']}, approved {each['approved']}"
                                                         for each in row.differences)]
            ) or row.get_found_by_display(),
            "at": page.voice.moment(row.found_at),
            "pills": pills(row),
        }
        for row in rows
    ]  # fmt: skip
