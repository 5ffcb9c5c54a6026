"""What a case is called where its offer may not be: the same every time, and nobody can go back from it."""

import base64

from django.utils.crypto import salted_hmac

SIGNS = 6


def pseudonym(client_id: int, offer_id: int) -> str:
    """Six capital letters or digits for an offer of a client, by this installation's secret key."""
    digest = salted_hmac("handoff.case", f"{client_id}:{offer_id}", algorithm="sha256").digest()
    return base64.b32encode(digest).decode()[:SIGNS]
