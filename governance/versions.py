"""The numbering of versioned rules, and where a first version starts from."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from governance.models import Client
from governance.models.rules import VersionedRule

TEMPLATE = Path(__file__).parent / "data" / "balanced.json"


def starting_document(key: str) -> Any:
    """The document that the starting template holds under this key, to begin a first version with."""
    return json.loads(TEMPLATE.read_text(encoding="utf-8"))[key]


def next_number(model: type[VersionedRule], client: Client | int, name: str) -> int:
    """The number of the version after the newest of this name at the client; 1 for a new name."""
    newest = model.objects.filter(client=client, name=name).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


@transaction.atomic
def next_version(rule: VersionedRule) -> tuple[VersionedRule, bool]:
    """An editable copy of the version under the next number, and True; the draft that is there already, and False.

    Raises IntegrityError where somebody else makes one at the same moment.
    """
    model = type(rule)
    draft = model.objects.filter(client=rule.client_id, name=rule.name, published_at=None).order_by("-version").first()
    if draft:
        return draft, False
    number = next_number(model, rule.client_id, rule.name)
    return model.objects.create(client_id=rule.client_id, name=rule.name, version=number, document=rule.document), True
