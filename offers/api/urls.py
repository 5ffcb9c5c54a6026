"""Addresses of the work, under /api/v1/."""

from django.urls import path

from offers.api import lists, offers
from offers.api.actions import VIEWS
from offers.api.check import Check

urlpatterns = [
    path("offers", offers.Offers.as_view(), name="offers"),
    path("offers/<int:pk>", offers.OneOffer.as_view(), name="offer"),
    path("offers/<int:pk>/check", Check.as_view(), name="offer-check"),
    *(path(f"offers/<int:pk>/{name}", view.as_view(), name=f"offer-{name}") for name, view in VIEWS.items()),
    path("requisitions", lists.Requisitions.as_view(), name="requisitions"),
    path("requisitions/<int:pk>", lists.RequisitionRow.as_view(), name="requisition"),
    path("candidates", lists.Candidates.as_view(), name="candidates"),
    path("candidates/<int:pk>", lists.CandidateRow.as_view(), name="candidate"),
    path("approvals", lists.Approvals.as_view(), name="approvals"),
    path("clocks", lists.Clocks.as_view(), name="clocks"),
    path("escalations", lists.Escalations.as_view(), name="escalations"),
]
