"""What the keys of a report's rows are called on a page: people by name, codes in words; files keep the keys."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.reports.frame import ADDRESSES
from analytics.views.wording import ORIGINS, REFERENCE, THEMES
from governance.access import Role
from governance.models import User
from governance.models.base import Priority
from governance.models.identity import DeliveryModel, FeeModel
from offers.models.intake import CandidateType, EmploymentType

STEP = re.compile(r"[0-9]{3}-([0-9]{3})?|0-24|24-48|48-72|72-96|96-")
CODES: dict[str, dict[str, str]] = {
    "role": dict(Role.choices),
    "priority": dict(Priority.choices),
    "employment_type": dict(EmploymentType.choices),
    "candidate_type": dict(CandidateType.choices),
    "delivery_model": dict(DeliveryModel.choices),
    "fee_model": dict(FeeModel.choices),
    "reference": REFERENCE,
    "theme": THEMES,
    "origin": ORIGINS,
}


@dataclass(frozen=True, slots=True)
class Keys:
    """The words for the keys of one dimension. `names` are people's, by their address."""

    by: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def said(self, key: str) -> str:
        """Names, themes, origins, codes and steps of hours in words, and something to read where nothing is known."""
        return " · ".join(self._part(part) or "not given" for part in key.split(" / "))

    def under(self, key: str) -> str:
        """The address of somebody who is called by name: two may share one."""
        return key if key in self.names else ""

    def _part(self, part: str) -> str:
        return self.names.get(part) or CODES.get(self.by, {}).get(part) or _hours(part)


def keys_of(by: str, rows: Iterable[Mapping[str, Any]], name: str = "key") -> Keys:
    """The words for these rows' keys; at most one query, for the names of people."""
    if by not in ADDRESSES:
        return Keys(by)
    return Keys(by, names_of(row.get(name) for row in rows))


def names_of(addresses: Iterable[str | None]) -> dict[str, str]:
    """Who is behind these addresses, where that is known, in one query."""
    known = User.objects.filter(email__in={each for each in addresses if each}).exclude(name="")
    return dict(known.values_list("email", "name"))


def _hours(key: str) -> str:
    """ "000-012" is 0 to 12 h, "120-" or "96-" are so many and more."""
    if STEP.fullmatch(key):
        first, _, last = key.partition("-")
        return f"{int(first)} to {int(last)} h" if last else f"{int(first)} h and more"
    return key
