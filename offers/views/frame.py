"""What every page shares: who may open it, the portal's frame around it, the offer it is about."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.programme import IncompleteProgramme
from governance.scoping import scoped
from offers.errors import NotReady, OfferError
from offers.models import Offer
from offers.presentation import Voice


class Page:
    """One request as the pages see it: the person, the instant, and how they are spoken to."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user
        self.now: datetime = timezone.now()
        self.voice = Voice.of(request, self.now)

    def show(self, template: str, title: str, status: int = 200, **context: Any) -> HttpResponse:
        """The template inside the portal's frame."""
        whole = {**admin.site.each_context(self.request), "title": title, "voice": self.voice, **context}
        return TemplateResponse(self.request, template, whole, status=status)


def portal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for members: others are led to the sign-in. The view gets a `Page` in place of the request."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return admin.site.admin_view(view_of_page)(request, *args, **kwargs)

    def view_of_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(Page(request), *args, **kwargs)

    return shown


def find_offer(page: Page, pk: int | str) -> Offer:
    """The offer, where the person may see it; a 404 for any other, whoever's it is."""
    return get_object_or_404(scoped(Offer.objects.for_list(), page.user), pk=pk)


def url_of(offer: Offer | int) -> str:
    """The workbench of an offer."""
    return reverse("admin:offers_offer_change", args=[offer.pk if isinstance(offer, Offer) else offer])


def role_of(offer: Offer) -> str:
    """ "Senior Risk Analyst, Charlotte": what the offer is for."""
    requisition = offer.requisition
    title = requisition.title or requisition.role_code or requisition.external_id
    return ", ".join(part for part in (title, requisition.location) if part)


def holder_of(offer: Offer) -> str:
    """Who has to act now: a person, or a role where several may."""
    return str(offer.holder) if offer.holder else offer.get_holder_role_display()


def refusal(error: OfferError | IncompleteProgramme) -> OfferError:
    """Whatever a verb refuses with, as one kind of error that a page can show."""
    return error if isinstance(error, OfferError) else NotReady(str(error), rule="rules in force")


REFUSALS = (OfferError, IncompleteProgramme)
