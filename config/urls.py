"""Addresses of the portal."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.signin import closed
from config.zone import zone

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door, the portal's own

handler500 = "governance.api.problems.server_error"

urlpatterns = [
    path("account/email/", closed),
    path("account/confirm-email/", closed),
    path("account/confirm-email/<str:key>/", closed),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("account/zone/", zone, name="account_zone"),
    path("account/two-step/", include("allauth.mfa.urls")),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("insight/", include("analytics.panel_urls")),
    path("offers/", include("offers.urls")),
    path("policies/", include("governance.urls")),
    path("references/", include("governance.reference_urls")),
    path("away/", include("governance.away_urls")),
    path("statements/", include("governance.sow_urls")),
    path("insight/", include("analytics.urls")),
    path("hooks/", include("offers.hook_urls")),
]
