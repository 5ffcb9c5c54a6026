"""Addresses of the panels that other pages show. They carry ids, codes and days only."""

from django.urls import path

from analytics.views import backtest, evidence

app_name = "panels"
urlpatterns = [
    path("panels/backtest/<int:pk>/", backtest.panel, name="backtest"),
    path("panels/closing/<int:pk>/", evidence.closing, name="closing"),
    path("panels/at-risk/", evidence.at_risk, name="at-risk"),
]
