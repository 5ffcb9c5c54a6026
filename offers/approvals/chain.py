"""The chain of a version: its steps in their order, from the first that is asked to the end."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef

from governance import ladder
from governance.policy import Requirement
from offers import clocks, outbox
from offers.approvals.people import Case, lacks_people, owners_of_alarm, stand_ins
from offers.around import verbally_covered
from offers.models import Approval, ApprovalChain, Clock, Decision, Offer, OfferVersion, VerbalApproval
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.models.clocks import ClockKind, StopReason
from offers.models.outbox import MailKind
from offers.standing import Assessment

OPEN = (ApprovalStatus.WAITING, ApprovalStatus.ASKED)
STANDS = (ChainStatus.RUNNING, ChainStatus.APPROVED)


def begin(
    offer: Offer, version: OfferVersion, found: Assessment, *, now: datetime
) -> tuple[ApprovalChain, list[Approval]]:
    """Make the chain that the policy asks of this version and ask its first step; one that asks nobody is approved."""
    evaluation = found.evaluation
    done = evaluation.asks_nobody
    chain = ApprovalChain.objects.create(
        client_id=offer.client_id,
        offer=offer,
        version=version,
        policy_id=version.policy_id,
        status=ChainStatus.APPROVED if done else ChainStatus.RUNNING,
        because=evaluation.because[:400],
        started_at=now,
        ended_at=now if done else None,
    )
    case = Case(offer, found.programme, frozenset(found.editors), now)
    steps = [_approval(chain, step, now=now) for step in evaluation.steps]
    first = min((each.step for each in steps if each.status == ApprovalStatus.WAITING), default=None)
    asked = [each for each in steps if each.step == first and each.status == ApprovalStatus.WAITING]
    _ask(asked, case)
    Approval.objects.bulk_create(steps)
    _announce(asked, case)
    return chain, asked


def _approval(chain: ApprovalChain, step: Requirement, *, now: datetime) -> Approval:
    status = ApprovalStatus.KEPT if step.kept else ApprovalStatus.GIVEN if step.given else ApprovalStatus.WAITING
    return Approval(
        client_id=chain.client_id,
        offer_id=chain.offer_id,
        chain=chain,
        step=step.step,
        role=step.role,
        title=step.title,
        person_id=step.person,
        n=step.n,
        due_hours=step.due_hours,
        rules=list(step.rules),
        reason=step.reason,
        status=status,
        decided_at=None if status == ApprovalStatus.WAITING else now,
        kept_from_id=step.kept_from,
        kept_why=step.kept[:400],
    )


def _ask(turn: Iterable[Approval], case: Case) -> None:
    """Mark these approvals, unsaved, as asked now; too few to decide raise the alarm. Nothing approves by itself."""
    offer, programme, _, now = case
    for approval in turn:
        people = case.eligible(approval)
        approval.status, approval.asked_at = ApprovalStatus.ASKED, now
        approval.due_at = ladder.target(approval.due_hours, offer.priority, now, programme.calendar).contractual_at
        approval.of = len(people) if approval.n > 1 else None
        approval.alarm = lacks_people(approval, case)


def _announce(asked: list[Approval], case: Case, *, spoken: Iterable[int] = ()) -> None:
    """Start the step clocks, mail whoever may decide and has not `spoken` yet, and whoever hears the alarms."""
    offer, programme, _, now = case
    Clock.objects.bulk_create(
        [
            clocks.build(
                offer, ClockKind.APPROVAL_STEP, programme,
                started_at=now, target_hours=approval.due_hours, approval=approval,
            )
            for approval in asked
        ]
    )  # fmt: skip
    silent = set(spoken)
    for approval in asked:
        tell(approval, case, [user for user in case.eligible(approval) if user not in silent])
        if approval.alarm:
            raise_alarm(approval, case)


def tell(approval: Approval, case: Case, people: list[int], *, turn: str = "") -> None:
    """Mail these people, and who stands in for them, that it waits; the same turn of the same approval once."""
    cause, ids = f"approval-{approval.pk}{turn}", {"approval": approval.pk}
    if people:
        outbox.queue(MailKind.APPROVAL_ASKED, case.offer, people, cause=cause, now=case.now, ids=ids)
    for user, of in stand_ins(people, case).items():
        found = {**ids, "for": of}
        outbox.queue(MailKind.APPROVAL_ASKED, case.offer, [user], cause=cause, now=case.now, ids=found)


def taken_back(chain: ApprovalChain) -> list[Approval]:
    """What was given by a verbal approval that its manager has corrected since, and that no other covers now.

    A version that a guardrail granted stands on the approvals of the one before it.
    """
    corrected = VerbalApproval.objects.filter(offer=chain.offer_id, corrected_at__isnull=False)
    if not corrected.exists():
        return []
    asked = ApprovalChain.objects.filter(Exists(Approval.objects.filter(chain=OuterRef("pk"))), offer=chain.offer_id)
    grounds = asked.filter(version__number__lte=chain.version.number, status__in=STANDS).select_related("version")
    found = grounds.order_by("-version__number").first()
    if found is None:
        return []
    by = corrected.filter(corrected_at__gte=found.started_at).values("approved_by")
    given = found.approvals.filter(status=ApprovalStatus.GIVEN, person__in=by)
    return [each for each in given if not verbally_covered(found.version, each.person_id)]


def ask_again(given: list[Approval], case: Case) -> None:
    """Ask the manager after all, beside whoever is asked already."""
    _ask(given, case)
    for approval in given:
        approval.decided_at = None
        approval.save(update_fields=["status", "asked_at", "due_at", "of", "alarm", "decided_at"])
    _announce(given, case)


def raise_alarm(approval: Approval, case: Case) -> None:
    """Tell the owners that nobody can answer; each time anew that it comes to that."""
    owners, ids = owners_of_alarm(case.programme, case.now), {"approval": approval.pk}
    cause = f"alarm-{approval.pk}-{case.now:%y%m%d%H%M%S}"
    outbox.queue(MailKind.NOBODY_ELIGIBLE, case.offer, owners, cause=cause, now=case.now, ids=ids)


def record(
    approval: Approval, user: int, verdict: str, *, now: datetime, note: int | None = None, behalf: int | None = None
) -> Decision:
    return Decision.objects.create(
        client_id=approval.client_id, approval=approval, user_id=user, on_behalf_of_id=behalf, verdict=verdict,
        note_id=note, decided_at=now,
    )  # fmt: skip


def close(approval: Approval, status: ApprovalStatus, *, now: datetime) -> None:
    """One step is over; its clock stops."""
    approval.status, approval.decided_at = status, now
    approval.save(update_fields=["status", "decided_at"])
    clocks.stop_approvals([approval], now=now)


def advance(chain: ApprovalChain, case: Case) -> None:
    """Go on to the next step that is still to be asked; after the last, the chain is approved."""
    while left := list(chain.approvals.filter(status__in=OPEN).order_by("step", "pk")):
        turn = [each for each in left if each.step == left[0].step]
        spoken = _spoken(chain)
        if not any(_count_spoken(each, spoken, case) for each in turn):
            break
    else:
        end(chain, ChainStatus.APPROVED, now=case.now)
        return
    new = [each for each in turn if each.status == ApprovalStatus.WAITING]
    if new:
        _ask(new, case)
        Approval.objects.bulk_update(new, ["status", "asked_at", "due_at", "of", "alarm"])
        _announce(new, case, spoken=spoken)


def _count_spoken(approval: Approval, spoken: dict[int, Decision], case: Case) -> bool:
    """One person is asked once in a chain: where a step lacks others, the yes of whoever has approved in it counts.

    True where that completes the step.
    """
    decided = {user for each in approval.decisions.all() for user in (each.user_id, each.on_behalf_of_id)}
    people = [user for user in case.eligible(approval) if user not in decided]
    missing = approval.n - approval.decisions.filter(verdict=Decision.Verdict.APPROVED).count()
    others = sum(user not in spoken for user in people)
    said = {spoken[user].user_id: spoken[user] for user in people if user in spoken}  # one voice a person
    counted = list(said.values())[: max(missing - others, 0)]
    for yes in counted:
        record(approval, yes.user_id, Decision.Verdict.APPROVED, now=case.now, behalf=yes.on_behalf_of_id)
    if len(counted) < missing:
        return False
    close(approval, ApprovalStatus.APPROVED, now=case.now)
    return True


def _spoken(chain: ApprovalChain) -> dict[int, Decision]:
    """Everybody who has said yes in this chain, by themselves or through a stand-in, with that decision."""
    found: dict[int, Decision] = {}
    for each in _yeses(chain):
        found.setdefault(each.on_behalf_of_id or each.user_id, each)
    for each in list(found.values()):
        found.setdefault(each.user_id, Decision(user_id=each.user_id))
    return found


def _yeses(chain: ApprovalChain) -> Iterable[Decision]:
    return Decision.objects.filter(approval__chain=chain, verdict=Decision.Verdict.APPROVED).order_by("user_id", "pk")


def involved(chain: ApprovalChain) -> list[int]:
    """Whoever has approved in this chain, or had it done for them: they hear of a rejection."""
    return list(_spoken(chain))


def end(chain: ApprovalChain, status: ChainStatus, *, now: datetime) -> None:
    """End the chain: what is still open of it is not needed any more, and its clocks stop."""
    chain.status, chain.ended_at = status, now
    chain.save(update_fields=["status", "ended_at"])
    left = list(chain.approvals.filter(status__in=OPEN))
    if left:
        clocks.stop_approvals(left, now=now, why=StopReason.VOID)
        Approval.objects.filter(pk__in=[each.pk for each in left]).update(status=ApprovalStatus.VOID)


def running(offer: Offer) -> ApprovalChain | None:
    """The chain that is running on this offer, if any."""
    return ApprovalChain.objects.select_related("version").filter(offer=offer, status=ChainStatus.RUNNING).first()


def approved(version: OfferVersion | None) -> ApprovalChain | None:
    """The chain by which this version was approved, if it was."""
    return ApprovalChain.objects.filter(version=version, status=ChainStatus.APPROVED).first()


def last_approved(offer: Offer) -> OfferVersion | None:
    """The newest version of the offer that was approved, if any."""
    chains = ApprovalChain.objects.filter(offer=offer, status=ChainStatus.APPROVED)
    newest = chains.select_related("version").order_by("-version__number").first()
    return newest.version if newest else None


def stop_running(offer: Offer, status: ChainStatus, *, now: datetime) -> None:
    """End the running chain, if there is one."""
    chain = running(offer)
    if chain is not None:
        end(chain, status, now=now)


def resume(offer: Offer, *, ended_at: datetime) -> None:
    """Let the chain that was stopped at that instant, with the offer, run on where it stood."""
    for chain in ApprovalChain.objects.filter(offer=offer, ended_at=ended_at, status=ChainStatus.VOID):
        stopped = chain.approvals.filter(status=ApprovalStatus.VOID)
        stopped.filter(asked_at=None).update(status=ApprovalStatus.WAITING)
        stopped.update(status=ApprovalStatus.ASKED)
        chain.status, chain.ended_at = ChainStatus.RUNNING, None
        chain.save(update_fields=["status", "ended_at"])
