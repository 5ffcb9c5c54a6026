"""A panel: shown inside another page, which fetches it by its address, or by itself to whoever opens the address."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from offers.views.frame import Page

HEADER = "X-Panel"  # what config/static/handoff/js/panels.js sends


def show(page: Page, template: str, title: str, back: tuple[str, str] = ("", ""), **context: Any) -> HttpResponse:
    """The template alone for a page that fetches it, else inside the portal's frame.

    `back` is the page it belongs to, as address and words, for whoever has opened the panel by itself.
    """
    if HEADER in page.request.headers:
        return TemplateResponse(page.request, template, {"voice": page.voice, "title": title, **context})
    return page.show("analytics/panels/page.html", title, panel=template, back=back, **context)
