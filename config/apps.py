"""The portal itself as an app (its commands and static files), and Django's admin with Handoff's own site."""

from django.apps import AppConfig, apps
from django.contrib.admin.apps import AdminConfig

LIBRARY_LISTS = (
    "account.EmailAddress",
    "auth.Group",
    "mfa.Authenticator",
)  # of no client, so of nobody's business here


class PortalConfig(AppConfig):
    name = "config"
    label = "portal"


class PortalAdminConfig(AdminConfig):
    default_site = "config.portal.HandoffAdminSite"

    def ready(self) -> None:
        super().ready()
        from django.contrib.admin import site

        site.unregister([apps.get_model(label) for label in LIBRARY_LISTS])
