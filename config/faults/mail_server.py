"""What befalls the mail server, or is answered by it."""

from datetime import timedelta

from django.test.utils import override_settings
from django.utils import timezone

from config.embedded.processes import free_port
from config.faults.case import Outcome, case, each_once, told
from config.faults.stage import Stage
from offers.delivery import deliver
from offers.models import OutboxMessage
from offers.models.outbox import MailKind, MailStatus


@case
def smtp_down(stage: Stage) -> Outcome:
    """SMTP down for an hour, a pass each minute. Nothing is lost or given up; each mail once when it is back."""
    stage.letters(3)
    start, failed = timezone.now(), 0
    with override_settings(EMAIL_PORT=free_port()):
        for minute in range(60):
            failed += deliver(now=start + timedelta(minutes=minute)).failed
    later = start + timedelta(minutes=80)
    deliver(now=later)
    found, held = each_once(stage, 3)
    return found, held and failed == 0


@case
def smtp_hangs(stage: Stage) -> Outcome:
    """SMTP accepts and says nothing. A pass ends after one time-out, with the others put back; each once after."""
    stage.letters(3)
    stage.sink.hold = "RCPT"
    before = stage.sink.connections
    with override_settings(EMAIL_TIMEOUT=1):
        result = deliver()
    waited = stage.sink.connections - before  # each waits for an answer of its own
    stage.sink.release()
    stage.retries_due()
    deliver()
    found, held = each_once(stage, 3)
    return f"{waited} time-out; {found}", held and result.retrying == 3 and waited == 1


@case
def later_451(stage: Stage) -> Outcome:
    """451, try later. Tried again, and then sent once."""
    stage.letters(3)
    stage.sink.reply = lambda address: "451 later"
    first = deliver()
    stage.sink.reply = lambda address: "250 OK"
    stage.retries_due()
    deliver()
    found, held = each_once(stage, 3)
    return found, held and first.retrying == 3


@case
def refused_550(stage: Stage) -> Outcome:
    """550, no such mailbox. Failed for good, kept in sight, and the next level is told."""
    (mail,) = stage.letters(1)
    stage.sink.reply = lambda address: "550 unknown" if address == mail.address else "250 OK"
    deliver()
    mail.refresh_from_db()
    told_of = OutboxMessage.objects.filter(kind=MailKind.UNDELIVERED)
    names = set(told_of.values_list("user__email", "status"))
    held = mail.status == MailStatus.FAILED and bool(names) and {status for _, status in names} == {"sent"}
    return f"{told(stage)}; told: {len(names)}", held and stage.history_agrees()


@case
def one_of_three(stage: Stage) -> Outcome:
    """One recipient of three refused, on one connection. The other two get theirs once, the third is failed."""
    refused = stage.letters(3)[1]
    stage.sink.reply = lambda address: "550 unknown" if address == refused.address else "250 OK"
    result = deliver()
    escalations = OutboxMessage.objects.filter(kind=MailKind.ESCALATION)
    states = sorted(escalations.values_list("status", flat=True))
    arrived = {str(mail["To"]) for mail in stage.sink.messages}
    held = states == ["failed", "sent", "sent"] and refused.address not in arrived and result.failed == 1
    return told(stage), held and set(stage.sink.copies.values()) == {1}
