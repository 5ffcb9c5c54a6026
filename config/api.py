"""Addresses of the API: each app's endpoints under /api/v1/, their description and its page beside them."""

from django.urls import include, path, re_path

from governance.api.schema import Docs, Nowhere, Schema

v1 = [
    path("", include("governance.api.urls")),
    path("", include("offers.api.urls")),
    path("", include("analytics.api")),
    re_path("", Nowhere.as_view()),
]

urlpatterns = [
    path("v1/", include((v1, "api"))),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(url_name="api-schema"), name="api-docs"),
]
