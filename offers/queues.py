"""What waits, and what is stuck: the sets that pages, lists and the sidebar's numbers share."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.access import Role, clients_with
from governance.models import Delegation, Membership, User
from offers.lifecycle import LIVE
from offers.models import Advice, Approval, Clock, Decision, Escalation, Offer, OutboxMessage, VersionEditor
from offers.models.advice import BUSINESS
from offers.models.approvals import ApprovalStatus, ChainStatus
from offers.models.clocks import EscalationStatus
from offers.models.outbox import MailStatus

AT_RISK = timedelta(hours=8)


def waiting_for(user: User, now: datetime | None = None) -> QuerySet[Approval]:
    """Approvals that this person may decide now: asked of them, of their role or title, or of whom they stand in for.

    Not what they wrote or edited, nor what they, or others for them, have decided. The same people as those to whom
    offers.approvals.seat_of gives a seat, as one set.
    """
    answered = Decision.objects.filter(approval=OuterRef("pk"))
    mine = asked_of(user) & ~Exists(answered.filter(on_behalf_of=user))
    return Approval.objects.filter(
        mine | _asked_of_who_is_away(user, now or timezone.now()),
        ~Exists(VersionEditor.objects.filter(version=OuterRef("chain__version"), user=user)),
        ~Exists(answered.filter(user=user)),
        client__in=list(user.roles),
        status=ApprovalStatus.ASKED,
        chain__status=ChainStatus.RUNNING,
    )


def _asked_of_who_is_away(user: User, now: datetime) -> Q:
    """What asks somebody for whom the person stands in, who is no editor and was not answered for."""
    outer = OuterRef(OuterRef("pk"))
    active = Membership.objects.filter(client=OuterRef("client"), is_active=True, user__is_active=True)
    members = active.filter(user=OuterRef("from_user"))
    titled = active.filter(role=OuterRef(OuterRef("role")), title__iexact=OuterRef(OuterRef("title"))).exclude(title="")
    of_title = Q(Exists(titled.filter(user=OuterRef("from_user")))) | ~Exists(titled)
    spoken = Q(user=OuterRef("from_user")) | Q(on_behalf_of=OuterRef("from_user"))
    away = Delegation.objects.in_force(now).filter(
        Exists(members),
        ~Exists(VersionEditor.objects.filter(version=OuterRef(OuterRef("chain__version")), user=OuterRef("from_user"))),
        ~Exists(Decision.objects.filter(spoken, approval=outer)),
        to_user=user,
        client=OuterRef("client"),
    )
    by_name = Q(Exists(away.filter(from_user=OuterRef("person"))))
    of_role = Q(Exists(away.filter(of_title, Exists(members.filter(role=OuterRef(OuterRef("role")))))))
    of_manager = Q(Exists(away.filter(from_user=OuterRef("offer__hiring_manager"))))
    asks_manager = Q(role=Role.HIRING_MANAGER)
    return by_name | Q(person=None) & (asks_manager & of_manager | ~asks_manager & of_role)


def asked_of(user: User) -> Q:
    """What asks the very person, by name, role or title; no stand-ins, and whether or not they may answer."""
    holds = Membership.objects.filter(
        client=OuterRef("client"), role=OuterRef("role"), is_active=True, user__is_active=True
    )
    titled = holds.filter(title__iexact=OuterRef("title"))
    of_title = Q(title="") | Exists(titled.filter(user=user)) | ~Exists(titled)
    of_role = Q(person=None) & Q(Exists(holds.filter(user=user))) & of_title
    of_manager = Q(person=None, offer__hiring_manager=user)
    manager = Q(role=Role.HIRING_MANAGER)  # another team's manager is no substitute
    return manager & (Q(person=user) | of_manager) | ~manager & (Q(person=user) | of_role)


def advice_for(user: User, now: datetime | None = None) -> QuerySet[Advice]:
    """Undecided advice on live offers that this person may decide: of their own, all that their role decides, and that
    of whom they stand in for now.
    """
    mine = Q(offer__hiring_manager=user) | Q(
        client_id__in=[pk for pk, roles in user.roles.items() if roles & (BUSINESS - {Role.HIRING_MANAGER})]
    )
    for pk, roles in user.roles.items():
        mine |= Q(client_id=pk, final_role__in=roles)
    mine |= _advice_of_who_is_away(now or timezone.now(), user)
    waiting = Advice.objects.undecided().filter(mine, client_id__in=list(user.roles), offer__status__in=sorted(LIVE))
    return waiting.exclude(given_by=user)


def _advice_of_who_is_away(now: datetime, user: User) -> Q:
    """What somebody for whom the person stands in may decide and did not give."""
    away = Delegation.objects.in_force(now).filter(to_user=user, client=OuterRef("client"))
    away = away.exclude(from_user=OuterRef("given_by"))
    held = Membership.objects.filter(user=OuterRef("from_user"), client=OuterRef("client"), is_active=True)
    of_business = held.filter(role__in=sorted(BUSINESS - {Role.HIRING_MANAGER}))
    final = held.filter(role=OuterRef(OuterRef("final_role")))
    manager = Q(Exists(held.filter(role=Role.HIRING_MANAGER)), from_user=OuterRef("offer__hiring_manager"))
    return Q(Exists(away.filter(manager | Q(Exists(of_business)) | Q(Exists(final)))))


def stuck(user: User) -> QuerySet[Offer]:
    """Live offers of which a running clock has passed a threshold, with `threshold_hours`, the highest one passed."""
    return (
        Offer.objects.visible_to(user)
        .filter(status__in=sorted(LIVE))
        .annotate(threshold_hours=threshold_passed())
        .filter(threshold_hours__isnull=False)
    )


def threshold_passed() -> Subquery:
    """The highest threshold, in hours, of an offer's escalations that are not resolved; NULL for none."""
    unresolved = Escalation.objects.filter(offer=OuterRef("pk")).exclude(status=EscalationStatus.RESOLVED)
    return Subquery(unresolved.order_by().values("offer").annotate(hours=Max("threshold_hours")).values("hours"))


def level_passed() -> Subquery:
    """The highest level that an offer's unresolved escalations have told; NULL for none."""
    unresolved = Escalation.objects.filter(offer=OuterRef("pk")).exclude(status=EscalationStatus.RESOLVED)
    return Subquery(unresolved.order_by().values("offer").annotate(highest=Max("level")).values("highest"))


def on_board(user: User, now: datetime) -> QuerySet[Offer]:
    """Stuck offers, and those that a threshold or a target comes near within 8 hours, with what the board says of each.

    Annotates `threshold_hours` and `level`, the highest passed and unresolved; NULL where an offer is only at risk.
    """
    soon = Q(next_due_at__gt=now, next_due_at__lte=now + AT_RISK) | Q(target_at__gt=now, target_at__lte=now + AT_RISK)
    near = Clock.objects.running().filter(soon, offer=OuterRef("pk"), paused_at=None)
    rows = Offer.objects.visible_to(user).filter(status__in=sorted(LIVE))
    rows = rows.annotate(threshold_hours=threshold_passed(), level=level_passed())
    return rows.filter(Q(level__isnull=False) | Exists(near))


def unresolved() -> Prefetch:
    """Prefetches `unresolved`, what is escalated on an offer, newest first."""
    rows = Escalation.objects.exclude(status=EscalationStatus.RESOLVED).select_related("acknowledged_by")
    return Prefetch("escalations", rows.order_by("-flagged_at", "-pk"), to_attr="unresolved")


def due_within(user: User, now: datetime, hours: int) -> QuerySet[Clock]:
    """Running clocks of the person's offers whose target falls in the next hours, soonest first."""
    return Clock.objects.running().filter(
        offer__in=Offer.objects.visible_to(user).live(), target_at__gt=now, target_at__lte=now + timedelta(hours=hours)
    ).order_by("target_at")  # fmt: skip


def running_clocks() -> Prefetch:
    """Prefetches `running`, the clocks that run on an offer."""
    return Prefetch("clocks", Clock.objects.running(), to_attr="running")


def counts(user: User, now: datetime | None = None) -> dict[str, int]:
    """How much waits for the person, how much of theirs is stuck, and which mails failed, in one query.

    {"waiting", "stuck", "undelivered"}; the last for whoever may send a mail again.
    """
    me = User.objects.filter(pk=user.pk)
    mine = clients_with(user, "offers.change_outboxmessage")
    failed = OutboxMessage.objects.filter(client__in=mine, status=MailStatus.FAILED)
    counted = (waiting_for(user, now), advice_for(user, now), stuck(user), failed)
    waiting, advice, late, lost = me.values_list(*(_count(rows) for rows in counted)).get()
    return {"waiting": waiting + advice, "stuck": late, "undelivered": lost}


def _count(rows: QuerySet[Any]) -> Coalesce:
    one = rows.order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(one, output_field=IntegerField()), 0)
