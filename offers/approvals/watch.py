"""What changes around approvals while they wait: people leave or go away, come back, or stand in for somebody."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction

from governance.history import because
from governance.programme import load_many
from offers.approvals.chain import raise_alarm, tell
from offers.approvals.people import Case, lacks_people, stand_ins
from offers.models import Approval, Offer, OutboxMessage
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.models.outbox import MailKind


def alarm_orphans(*, now: datetime) -> int:
    """Raise the alarm where too few can answer any more, because people have left or went away; says how many.

    Where there are enough again, the alarm ends and they get a mail. Looks at the clients in scope. An offer that
    somebody works on at this moment is left for the next pass.
    """
    raised = 0
    with transaction.atomic(), because(actor=None, action="approval.alarm"):
        for approval, case in _cases(now, _changed(now)):
            approval.alarm = not approval.alarm
            approval.save(update_fields=["alarm"])
            if approval.alarm:
                raise_alarm(approval, case)
                raised += 1
            else:
                tell(approval, case, case.eligible(approval))
    return raised


def tell_stand_ins(*, now: datetime) -> int:
    """Mail whoever stands in by now, and was not told of it, about what waits; says of how many approvals."""
    found = [(each, case, _stand_ins(each, case)) for each, case in _cases(now)]
    keys = {f"{MailKind.APPROVAL_ASKED}:approval-{each.pk}:{user}" for each, _, users in found for user in users}
    if not keys:
        return 0
    told = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    new = [
        (each, case)
        for each, case, users in found
        if any(f"{MailKind.APPROVAL_ASKED}:approval-{each.pk}:{user}" not in told for user in users)
    ]
    with transaction.atomic():
        for approval, case in new:
            tell(approval, case, case.eligible(approval))  # who was told already is not told again
    return len(new)


def _stand_ins(approval: Approval, case: Case) -> Iterable[int]:
    spoken = {user for each in approval.decisions.all() for user in (each.user_id, each.on_behalf_of_id)}
    return stand_ins([user for user in case.eligible(approval) if user not in spoken], case).keys() - spoken


def _changed(now: datetime) -> list[int]:
    """The offers with an approval whose alarm is not as it should be."""
    return [
        each.offer_id
        for each, case in _cases(now)
        if lacks_people(each, case, list(each.decisions.all())) != each.alarm
    ]


def _cases(now: datetime, locked: list[int] | None = None) -> Iterator[tuple[Approval, Case]]:
    """Every approval that is asked, with its case; of these offers alone, their rows locked, where they are given."""
    asked = Approval.objects.filter(status=ApprovalStatus.ASKED, chain__status=ChainStatus.RUNNING)
    if locked is not None:
        free = Offer.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=locked)
        asked = asked.filter(offer__in=list(free.order_by("pk").values_list("pk", flat=True)))
    rows = asked.select_related("offer", "chain__version").prefetch_related("chain__version__editors", "decisions")
    found = list(rows.order_by("offer_id", "pk"))
    programmes = load_many({approval.client_id for approval in found}) if found else {}
    for approval in found:
        editors = frozenset(editor.user_id for editor in approval.chain.version.editors.all())
        case = Case(approval.offer, programmes[approval.client_id], editors, now)
        if locked is None or lacks_people(approval, case, list(approval.decisions.all())) != approval.alarm:
            yield approval, case
