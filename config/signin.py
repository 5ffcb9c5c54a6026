"""Sign-in: by e-mail, for people whom an administrator has made. Nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import Http404, HttpRequest, HttpResponse


class MemberBackend(AuthenticationBackend):
    """Checks the password; what a person may do comes from their memberships (governance/access.py)."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()


class ClosedAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def closed(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """No page: an administrator gives a person's address, where mails with pay, codes and links that decide go."""
    raise Http404
