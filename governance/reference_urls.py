"""Addresses of the pages about pay references: bringing files in, and comparing years."""

from django.urls import path

from governance.views import compare, imports, reference_exceptions

app_name = "references"
urlpatterns = [
    path("import/<slug:kind>/", imports.take_in, name="import"),
    path("exceptions/", reference_exceptions.exceptions, name="exceptions"),
    path("exceptions/<int:pk>/end/", reference_exceptions.end, name="exception-end"),
    path("compare/<slug:kind>/", compare.compare, name="compare"),
]
