"""Who may decide: whoever an approval names, without editors of the version, and whoever stands in for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from governance import ladder
from governance.access import Role
from governance.programme import Programme
from offers.models import Approval, Decision, Offer, OfferVersion


class Case(NamedTuple):
    """What every step is judged by: the offer under its lock, the rules and people in force, the version's editors."""

    offer: Offer
    programme: Programme
    editors: frozenset[int]
    now: datetime

    def eligible(self, approval: Approval) -> list[int]:
        return eligible(approval, self.offer, self.programme, self.editors)


def editors_of(version: OfferVersion) -> list[int]:
    return list(version.editors.values_list("user_id", flat=True))


def holders(approval: Approval, offer: Offer, programme: Programme) -> list[int]:
    """Everybody whom this approval names, editors included: the person, the offer's manager, or a role's holders."""
    active = {member.user for member in programme.members}
    named = approval.person_id
    if approval.role == Role.HIRING_MANAGER:
        named = named or offer.hiring_manager_id
        return [named] if named in active else []  # another team's manager is no substitute
    if named:
        return [named] if named in active else []
    return programme.holders(approval.role, approval.title)


def eligible(approval: Approval, offer: Offer, programme: Programme, editors: Iterable[int]) -> list[int]:
    """Whose decision it is: the holders, without whoever wrote or edited this version."""
    barred = set(editors)
    return [user for user in holders(approval, offer, programme) if user not in barred]


def stand_ins(people: Iterable[int], case: Case) -> dict[int, int]:
    """Who stands in now for these people: {stand-in: whom for}. No editor of the version stands in for anybody."""
    own = list(people)
    barred = {*case.editors, *own}
    found: dict[int, int] = {}
    for user in own:
        stand_in = case.programme.stand_in_of(user, case.now)
        if stand_in is not None and stand_in not in barred:
            found.setdefault(stand_in, user)
    return found


def lacks_people(approval: Approval, case: Case, decisions: Iterable[Decision] = ()) -> bool:
    """True where fewer different persons can be expected to answer than are missing: of who is away, who stands in."""
    spoken = {user for each in decisions for user in (each.user_id, each.on_behalf_of_id)}
    missing = approval.n - sum(each.verdict == Decision.Verdict.APPROVED for each in decisions)
    programme, now = case.programme, case.now
    left = [user for user in case.eligible(approval) if user not in spoken]
    present = {programme.stand_in_of(user, now) if programme.is_away(user, now) else user for user in left}
    return len(present - {None, *case.editors, *spoken}) < missing


def owners_of_alarm(programme: Programme, now: datetime) -> list[int]:
    """Who hears that an approval cannot be asked: the highest escalation level, else administrators.

    Of those who work here; whoever stands in hears for who is away.
    """
    active = {member.user for member in programme.members}
    found: list[int] = []
    if programme.path:
        levels = programme.path.document["levels"]
        for owner in ladder.owners(programme.path.document, len(levels)):
            found += programme.holders(owner["role"]) if "role" in owner else []
            found += [owner["person"]] if owner.get("person") in active else []
    found = found or programme.holders(Role.ADMINISTRATOR)
    return list(dict.fromkeys(programme.stand_in_of(user, now) or user for user in found))
