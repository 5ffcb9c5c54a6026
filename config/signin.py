"""Sign-in: by e-mail, for people whom an administrator has made. Nobody signs up.

Whoever wants a second step has an authenticator app and recovery codes. What they are made from is kept encrypted, so
that the database alone lets nobody pass it.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse


class MemberBackend(AuthenticationBackend):
    """Checks the password; what a person may do comes from their memberships (governance/access.py)."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()


class ClosedAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondStepAdapter(DefaultMFAAdapter):
    def build_totp_svg(self, url: str) -> str:
        """As an element of the page itself: a picture by its data would need a wider policy."""
        import qrcode  # draws nothing but this one page
        from qrcode.image.svg import SvgPathImage

        drawn: bytes = qrcode.make(url, image_factory=SvgPathImage).to_string()
        return drawn.decode()

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ImproperlyConfigured(
                "A second step was kept under another SECRET_KEY: name that one in SECRET_KEY_FALLBACKS."
            ) from None


def _cipher() -> MultiFernet:
    """Encrypts by the newest secret key, and still reads what an earlier one encrypted."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(f"second step {key}".encode()).digest())) for key in keys])


def closed(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """No page: an administrator gives a person's address, where mails with pay, codes and links that decide go."""
    raise Http404
