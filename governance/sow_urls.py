"""Addresses of statements of work and of the readiness check."""

from django.urls import path

from governance.views import readiness, sow

app_name = "sow"
urlpatterns = [
    path("new/", sow.start, name="start"),
    path("schema.json", sow.schema, name="schema"),
    path("readiness/", readiness.overview, name="readiness"),
    path("readiness/<int:pk>/", readiness.engagement, name="readiness-of"),
    path("<int:pk>/", sow.overview, name="sow"),
    path("<int:pk>/document.json", sow.document, name="document"),
    path("<int:pk>/edit/", sow.edit, name="edit"),
    path("<int:pk>/revise/", sow.revise, name="revise"),
    path("<int:pk>/publish/", sow.publish, name="publish"),
    path("<int:pk>/compare/", sow.compare, name="compare"),
]
