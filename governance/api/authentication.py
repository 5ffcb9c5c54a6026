"""Who asks: a token, or somebody who has signed in to the portal."""

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from governance import tokens

SCHEMES = (b"bearer", b"token")


class TokenExpired(AuthenticationFailed):
    default_code = "token_expired"


class TokenAuthentication(BaseAuthentication):
    """Authorization: Bearer TOKEN. The person has their roles at the token's client alone."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in SCHEMES:
            return None
        text = parts[1].decode("ascii", "replace") if len(parts) == 2 else ""
        try:
            token = tokens.find(text, now=timezone.now())
        except tokens.Expired as error:
            raise TokenExpired(f"This token was good until {error.at:%d %B %Y, %H:%M} UTC.") from None
        if token is None:
            raise AuthenticationFailed("This token is not known, was revoked, or its person works here no more.")
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"
