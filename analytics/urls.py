"""Addresses of insight. They carry a client's code, days, and names of reports and dimensions."""

from django.urls import path, re_path

from analytics.views import casebook, compare, insight, lens
from analytics.views.pages import PAGES

app_name = "insight"
urlpatterns = [
    path("", insight.scorecard, name="scorecard"),
    *(path(f"{page.slug}/", insight.topic, {"slug": page.slug}, name=page.slug) for page in PAGES),
    path("declines/", lens.declines, name="declines"),
    path("declines/send-back/", lens.send_back, name="send-back"),
    path("compare/", compare.compare, name="compare"),
    re_path(r"^compare\.(?P<form>csv|xlsx)$", compare.compare_file, name="compare-file"),
    path("casebook/", casebook.casebook, name="casebook"),
    re_path(r"^casebook\.(?P<form>csv|xlsx)$", casebook.export, name="casebook-export"),
    path("offers/", insight.behind, name="behind"),
    re_path(r"^(?P<report>[a-z_]+)\.(?P<form>csv|xlsx)$", insight.export, name="export"),
]
