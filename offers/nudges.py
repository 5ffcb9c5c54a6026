"""A nudge: somebody asks whoever holds an offer to move it, by mail, at most once an hour an offer."""

from datetime import datetime

from governance.delegation import stand_ins
from governance.models import User
from offers import outbox
from offers.errors import AlreadyDecided, NotInThisState, NotReady
from offers.lifecycle import LIVE
from offers.models import Offer, OutboxMessage
from offers.models.outbox import MailKind
from offers.workflow import mover


def nudge(offer_id: int, *, actor: User, now: datetime) -> Offer:
    """Mail the holder, or who stands in, or everybody in the role that holds it. Never the one who asks."""
    with mover.acting(offer_id, "nudge", actor=actor, now=now) as (offer, programme, _):
        if offer.status not in LIVE:
            raise NotInThisState(f"This offer is {offer.get_status_display().lower()}: nobody has to move it.")
        if paused := offer.clocks.running().filter(paused_at__isnull=False).first():
            raise NotInThisState(f"It is paused: {paused.get_pause_reason_display()}.", next_step="Resume it first.")
        holders = [offer.holder_id] if offer.holder_id else programme.holders(offer.holder_role)
        people = [user for user in holders if not programme.is_away(user, now)]
        people += stand_ins(programme, holders, now=now)
        others = [user for user in people if user != actor.pk]
        if not others:
            raise NotReady("You hold it yourself, or nobody does.", next_step="Do the next step, or hand it over.")
        cause = f"offer-{offer.pk}-{now:%Y%m%d%H}"
        if OutboxMessage.objects.filter(key__startswith=f"{MailKind.NUDGE}:{cause}:").exists():
            raise AlreadyDecided("Its holder was nudged within this hour.")
        outbox.queue(MailKind.NUDGE, offer, others, cause=cause, now=now, ids={"by": actor.pk})
        return offer
