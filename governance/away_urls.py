"""Addresses of absences: who stands in for whom."""

from django.urls import path

from governance.views import away

app_name = "away"
urlpatterns = [
    path("", away.absences, name="absences"),
    path("<int:pk>/end/", away.end, name="end"),
]
