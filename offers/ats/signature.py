"""How a web hook proves where it comes from: an HMAC of its body by a key that belongs to one client."""

import hmac
import re
from hashlib import sha256

from django.utils.crypto import salted_hmac

_HEADER = re.compile(r"sha256 ([0-9a-f]{64})")


def key_of(client_id: int) -> str:
    """The client's key, 64 hexadecimal signs, made from this installation's secret key: it is stored nowhere."""
    return salted_hmac("handoff.hook.greenhouse", str(client_id), algorithm="sha256").hexdigest()


def is_signed(body: bytes, header: str, client_id: int) -> bool:
    """Whether the header, “sha256 …”, is the HMAC of exactly these bytes by the client's key."""
    found = _HEADER.fullmatch(header.strip())
    expected = hmac.new(key_of(client_id).encode(), body, sha256).hexdigest()
    return found is not None and hmac.compare_digest(found[1], expected)
