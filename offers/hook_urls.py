"""Addresses that applicant tracking systems call."""

from django.urls import path

from offers.views import hooks

app_name = "hooks"
urlpatterns = [path("greenhouse/<str:client>/", hooks.greenhouse, name="greenhouse")]
