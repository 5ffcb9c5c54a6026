"""What people do with an approval that is asked: decide it, for themselves or who is away, hand it on, or skip it."""

from typing import NamedTuple

from django.db.models import Q

from governance.models import Note, User
from offers.approvals.chain import advance, close, end, raise_alarm, record, tell
from offers.approvals.people import Case, holders, lacks_people
from offers.errors import AlreadyDecided, BadInput, NotReady, NotYours
from offers.models import Approval, Decision
from offers.models.approvals import ApprovalStatus, ChainStatus

NOTHING_LEFT = "Nothing is left to decide here."


class Seat(NamedTuple):
    """Whose decision a person makes: their own, or that of who is away (a user id)."""

    on_behalf_of: int | None = None


def seat_of(approval: Approval, actor: User, case: Case) -> Seat:
    """As whom this person may decide now.

    Raises AlreadyDecided where the approval is not asked any more or was answered for this person, NotReady where it is
    not its turn, NotYours where the person may not decide it.
    """
    check_open(approval, actor)
    if actor.pk in case.editors:
        raise NotYours(
            "You wrote or changed this version, so somebody else approves it.",
            rule="separation of duties",
            next_step="It waits for another holder of the role.",
        )
    held = holders(approval, case.offer, case.programme)
    if actor.pk in held:
        return Seat()
    away = [user for user in held if case.programme.stand_in_of(user, case.now) == actor.pk]
    if not away:
        raise NotYours(f"This waits for {approval.asks}, not for you.", next_step="Only whoever is asked can decide.")
    free = [user for user in away if user not in case.editors]
    if not free:
        raise NotYours(
            "Whoever you stand in for wrote or changed this version, so you cannot approve it for them.",
            rule="separation of duties",
            next_step="It waits for another holder of the role.",
        )
    spoken = _answered(approval)
    left = [user for user in free if user not in spoken]
    if not left:
        raise AlreadyDecided("Whoever you stand in for has decided on this already.", next_step=NOTHING_LEFT)
    return Seat(left[0])


def _answered(approval: Approval) -> set[int | None]:
    return {user for each in approval.decisions.all() for user in (each.user_id, each.on_behalf_of_id)}


def check_open(approval: Approval, actor: User) -> None:
    """Raise AlreadyDecided or NotReady where there is nothing for this person to answer now."""
    chain = approval.chain
    if approval.status == ApprovalStatus.ASKED and chain.status == ChainStatus.RUNNING:
        mine = Q(user=actor) | Q(on_behalf_of=actor)
        own = approval.decisions.select_related("user").filter(mine).first()
        if own is not None:
            who = "You have" if own.user_id == actor.pk else f"{own.user} has, on your behalf,"
            raise AlreadyDecided(f"{who} decided on this already; it waits for others.")
        return
    if approval.status == ApprovalStatus.WAITING and chain.status == ChainStatus.RUNNING:
        raise NotReady("It is not its turn yet.", next_step="You will get a mail when it is.")
    spoken = Decision.objects.select_related("user").order_by("-decided_at", "-pk")
    last = spoken.filter(approval=approval).first()
    if last is None and chain.status in (ChainStatus.REJECTED, ChainStatus.RETURNED):
        last = spoken.filter(approval__chain=chain).first()
    if last is None:
        raise AlreadyDecided("This approval is not needed any more: the terms or the offer have changed.")
    did = {"returned": "sent this back", "skipped": "skipped this"}.get(last.verdict, f"{last.verdict} this")
    raise AlreadyDecided(
        f"{last.user} has {did} on {last.decided_at:%d %b %Y at %H:%M} UTC.",
        next_step=NOTHING_LEFT,
    )


def decide(approval: Approval, seat: Seat, verdict: str, case: Case, *, actor: User, note: Note | None) -> ChainStatus:
    """Record one person's decision, in the seat that `seat_of` gave, and say how the chain stands after it."""
    note_id = note.pk if note else None
    record(approval, actor.pk, verdict, note=note_id, now=case.now, behalf=seat.on_behalf_of)
    verdicts = list(approval.decisions.values_list("verdict", flat=True))
    yes, no = verdicts.count(Decision.Verdict.APPROVED), verdicts.count(Decision.Verdict.REJECTED)
    if verdict == Decision.Verdict.RETURNED:
        close(approval, ApprovalStatus.RETURNED, now=case.now)
        end(approval.chain, ChainStatus.RETURNED, now=case.now)
    elif yes >= approval.n:
        close(approval, ApprovalStatus.APPROVED, now=case.now)
        advance(approval.chain, case)
    elif no and (approval.of is None or approval.of - no < approval.n):
        close(approval, ApprovalStatus.REJECTED, now=case.now)
        end(approval.chain, ChainStatus.REJECTED, now=case.now)
    return ChainStatus(approval.chain.status)


def skip(approval: Approval, case: Case, *, actor: User, note: Note | None) -> list[int]:
    """Go on without this step; gives whoever was asked and is passed over. Raises NotYours for an editor."""
    check_open(approval, actor)
    if actor.pk in case.editors:
        raise NotYours(
            "You wrote or changed this version, so you cannot skip an approval of it.",
            rule="separation of duties",
            next_step="Ask another administrator of this client.",
        )
    passed = holders(approval, case.offer, case.programme)
    passed += [user for each in passed if (user := case.programme.stand_in_of(each, case.now))]
    record(approval, actor.pk, Decision.Verdict.SKIPPED, note=note.pk if note else None, now=case.now)
    close(approval, ApprovalStatus.SKIPPED, now=case.now)
    advance(approval.chain, case)
    return [user for user in dict.fromkeys(passed) if user != actor.pk]


def hand_on(approval: Approval, to: User, case: Case, *, actor: User) -> None:
    """Give what is asked to one other person in the same role; the clock of the step runs on, and they get a mail.

    Raises BadInput for somebody who could not decide it, NotYours for an editor or for oneself.
    """
    _check_hand_on(approval, to, case, actor)
    before = approval.person_id
    approval.person, approval.alarm = to, False
    approval.alarm = lacks_people(approval, case)
    approval.save(update_fields=["person", "alarm"])
    tell(approval, case, [to.pk], turn=f"-from-{before or approval.role}-{case.now:%y%m%d%H%M%S}")
    if approval.alarm:
        raise_alarm(approval, case)


def _check_hand_on(approval: Approval, to: User, case: Case, actor: User) -> None:
    check_open(approval, actor)
    if approval.n > 1:
        raise NotReady(
            f"This takes {approval.n} of several people, so it is given to nobody alone.",
            next_step="Give the role to one more person under People.",
        )
    if actor.pk in case.editors or actor.pk == to.pk:
        raise NotYours(
            "You wrote or changed this version, so you do not choose who approves it."
            if actor.pk in case.editors
            else "Nobody gives an approval to themselves.",
            rule="separation of duties",
            next_step="Ask another HR business partner, account director or administrator.",
        )
    if case.programme.stand_in_of(to.pk, case.now) == actor.pk:
        raise NotYours(
            f"You stand in for {to} now, so this would come back to you.",
            rule="separation of duties",
            next_step="Choose somebody who is there, or ask another to hand it on.",
        )
    if to.pk in case.editors:
        raise BadInput(f"{to} wrote or changed this version.", rule="separation of duties", field="to")
    if to.pk == approval.person_id:
        raise BadInput(f"It waits for {to} already.", field="to")
    if to.pk not in could_decide(approval, case):
        raise BadInput(
            f"{to} does not hold the role that is asked.",
            next_step="Choose somebody active in the same role at this client.",
            field="to",
        )


def could_decide(approval: Approval, case: Case) -> list[int]:
    """Whom it could be given to: active members in the role that is asked, or that the person named holds; no editor.

    A title narrows whom the policy asks, not who may stand in where a person gives a reason.
    """
    programme = case.programme
    roles = {approval.role} if approval.role else programme.roles_of(approval.person_id)
    found = dict.fromkeys(member.user for member in programme.members if member.role in roles)
    return [user for user in found if user not in case.editors and user != approval.person_id]
