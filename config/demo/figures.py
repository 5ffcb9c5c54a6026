"""What the database holds, in the figures with which `demo` ends."""

from typing import Any

from django.db.models import Count, F

from governance.models import Client
from offers.lifecycle import LIVE
from offers.models import Escalation, Offer, OutboxMessage
from offers.models.outbox import MailStatus

YES = ("accepted", "joined", "reneged")
NO = ("declined", "expired", "withdrawn")
ALWAYS = ("24", "48", "72")


def figures() -> dict[str, Any]:
    """Totals of the clients in scope; the rate of acceptance is a share, 0 to 1, and None without answers."""
    sent = OutboxMessage.objects.filter(status=MailStatus.SENT).count()
    failed = OutboxMessage.objects.filter(status=MailStatus.FAILED).count()
    live = Offer.objects.filter(status__in=LIVE)
    return {
        "offers": Offer.objects.count(),
        "open": live.count(),
        "flagged": {hours: flagged().get(hours, 0) for hours in ALWAYS},
        "mails_sent": sent,
        "mails_failed": failed,
        "needs_second_review": live.filter(version__second_review=True).count(),
        "acceptance_rate": acceptance_rate(),
        "clients": list(Client.objects.order_by("code").values_list("code", flat=True)),
    }


def flagged() -> dict[str, int]:
    """Escalations by threshold in hours, lowest first."""
    rows = Escalation.objects.order_by("threshold_hours").values_list("threshold_hours").annotate(n=Count("pk"))
    return {str(hours): n for hours, n in rows}


def acceptance_rate() -> float | None:
    """Letters whose first final answer was yes, of all that were answered; internal and contingent ones apart."""
    answered = (
        Offer.objects.filter(written_at__isnull=False, status__in=YES + NO)
        .exclude(candidate_type="internal")
        .exclude(requisition__employment_type="contingent")
    )
    total = answered.count()
    return round(answered.filter(status__in=YES).count() / total, 4) if total else None


def mails_by_role() -> dict[str, int]:
    """Sent mails by the role in which their reader is a member, most first; several roles count for each."""
    rows = (
        OutboxMessage.objects.filter(status=MailStatus.SENT, user__memberships__client=F("client"))
        .values_list("user__memberships__role")
        .annotate(n=Count("pk", distinct=True))
    )
    return dict(sorted(rows, key=lambda row: -row[1]))
