"""Addresses of governance's own endpoints, under /api/v1/."""

from django.urls import path

from governance.api import market, pay

urlpatterns = [
    path("bands", pay.Bands.as_view(), name="bands"),
    path("bands/<int:pk>", pay.Band.as_view(), name="band"),
    path("benchmarks", pay.Benchmarks.as_view(), name="benchmarks"),
    path("benchmarks/<int:pk>", pay.BenchmarkRow.as_view(), name="benchmark"),
    path("market-position", market.MarketPosition.as_view(), name="market-position"),
]
