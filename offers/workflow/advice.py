"""Advice and challenges: the provider says what would close, the business decides, and no letter waits for long."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from governance.access import Role
from governance.delegation import stand_ins
from governance.history import because
from governance.models import User
from governance.programme import Programme, load_many
from governance.sow import final_authority
from offers import outbox, sow
from offers.errors import AlreadyDecided, BadInput, NotInThisState, NotReady, NotYours
from offers.evidence import evidence
from offers.lifecycle import LIVE, Status
from offers.models import Advice, Offer, OfferVersion
from offers.models.advice import BUSINESS, AdviceDecision
from offers.models.outbox import MailKind
from offers.workflow import mover

MOST_HOURS = {"standard": 8, "critical": 2}


def advise(
    offer_id: int, *, actor: User, now: datetime, reason: str, base: Decimal | None = None,
    sign_on: Decimal | None = None, hold: bool = False,
) -> Advice:  # fmt: skip
    """Advise that the newest terms are too low, and what would close: base full-time a year, sign-on, or both.

    With `hold` it is a challenge: the letter waits for the decision, at most 8 hours (critical 2); then the final
    authority of the SOW is asked and the letter may go. A version is challenged once. The evidence is kept with it.
    """
    if not reason.strip():
        raise BadInput("Say why: the business decides by it.", field="reason")
    with mover.acting(offer_id, "advise", actor=actor, now=now, comment=reason) as (offer, programme, note):
        version = _version_to_advise_on(offer, hold=hold)
        _check_recommended(version, base, sign_on)
        advice = Advice.objects.create(
            client_id=offer.client_id, offer=offer, version=version, given_at=now, given_by=actor,
            currency=version.currency, recommended_base=base, recommended_sign_on=sign_on, reason=note,
            evidence=evidence(version, base=base, now=now),
            holds_until=now + hold_of(offer, programme) if hold else None,
        )  # fmt: skip
        to = [offer.hiring_manager_id, *programme.holders(Role.HR_PARTNER)]
        to += stand_ins(programme, [user for user in to if user], now=now)
        _tell(MailKind.ADVICE, advice, offer, to, now=now)
        return advice


def hold_of(offer: Offer, programme: Programme) -> timedelta:
    """How long a challenge holds this offer: as the service level says, and never longer than the rule allows."""
    most = MOST_HOURS[offer.priority]
    rule = programme.service_level
    agreed = rule.document.get("challenge", {}).get(offer.priority, most) if rule else most
    return timedelta(hours=min(int(agreed), most))


def _version_to_advise_on(offer: Offer, *, hold: bool) -> OfferVersion:
    version = offer.version
    if offer.status not in LIVE or version is None:
        raise NotInThisState(f"This offer is {offer.get_status_display().lower()}: its terms move no more.")
    if Advice.objects.undecided().filter(offer=offer).exists():
        raise NotReady(
            "Advice on this offer waits for a decision already.",
            next_step="Wait for it, or ask for it.",
        )
    if not hold:
        return version
    if offer.status == Status.EXTENDED and offer.letter is not None and offer.letter.version_id == version.pk:
        raise NotInThisState("The letter of these terms is out: it cannot be held.", next_step="Advise without a hold.")
    if Advice.objects.filter(version=version, holds_until__isnull=False).exists():
        raise NotReady(
            "This version was challenged already.",
            rule="one challenge a version",
            next_step="Advise without a hold.",
        )
    return version


def _check_recommended(version: OfferVersion, base: Decimal | None, sign_on: Decimal | None) -> None:
    pairs = (("base", base, version.base_annual), ("sign_on", sign_on, version.sign_on))
    given = [(field, amount, now) for field, amount, now in pairs if amount is not None]
    if not given:
        raise BadInput("Recommend a base, a sign-on, or both.", field="base")
    for field, amount, offered in given:
        if amount < offered:
            raise BadInput("Advice that an offer is too low recommends no less than it offers.", field=field)
    if all(amount == offered for _, amount, offered in given):
        raise BadInput("These are the terms that the offer has already.", field=given[0][0])


def decide_advice(advice_id: int, decision: str, *, actor: User, now: datetime, comment: str = "") -> Advice:
    """Record what the business decided: adjusted, accepted_risk or refused. It may be changed until the letter is out.

    The hold ends with it. "Adjusted" means these terms: their letter waits until a next version holds better ones.
    """
    if decision not in AdviceDecision.values:
        raise BadInput("Say adjusted, accepted_risk or refused.", field="decision")
    if decision != AdviceDecision.ADJUSTED and not comment.strip():
        raise BadInput("Say why: the answer is kept beside the evidence.", field="comment")
    offer_id = Advice.objects.filter(pk=advice_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotYours("There is no such advice among yours.")
    given: dict[str, Any] = {"actor": actor, "now": now, "reason": decision, "comment": comment}
    with mover.acting(offer_id, "decide_advice", **given) as (offer, programme, note):
        advice = Advice.objects.select_related("version").get(pk=advice_id)
        behalf = _check_may_decide(advice, offer, actor, programme, now)
        _check_open(advice, offer)
        advice.decision, advice.decided_at, advice.decided_by, advice.decided_how = decision, now, actor, note
        why: dict[str, Any] = {"reason": decision, "note": note.pk if note else None, "on_behalf_of": behalf}
        with because(actor=actor.pk, action="offer.decide_advice", **why):
            advice.save(update_fields=["decision", "decided_at", "decided_by", "decided_how"])
        people = [advice.given_by_id, offer.recruiter_id, offer.coordinator_id]
        to = [user for user in people if user != actor.pk]
        _tell(MailKind.ADVICE_DECIDED, advice, offer, to, now=now, turn=f"-{now.timestamp():.0f}")
        return advice


def _check_may_decide(advice: Advice, offer: Offer, actor: User, programme: Programme, now: datetime) -> int | None:
    """For whom the person decides, None for themselves. Raises NotYours."""
    if advice.given_by_id == actor.pk:
        raise NotYours("You gave this advice, so somebody else decides on it.", rule="separation of duties")
    seats = seats_of(advice, offer, actor.pk, programme, now)
    if not seats:
        role, title = _final(offer, programme)
        raise NotYours(
            "Your role does not decide on advice.",
            next_step=f"The hiring manager, an HR business partner, a talent leader or the final authority does: "
            f"{title or Role(role).label.lower()}.",
        )
    return seats[0]


def seats_of(advice: Advice, offer: Offer, user: int, programme: Programme, now: datetime) -> list[int | None]:
    """As whom a user may decide: None for themselves, else whom they stand in for; [] where they may not.

    Nobody decides on advice that they gave, or that whoever they stand in for gave.
    """
    if advice.given_by_id == user:
        return []
    if _is_of_business(offer, user, programme):
        return [None]
    away = [each.user for each in programme.away if programme.stand_in_of(each.user, now) == user]
    return [each for each in away if each != advice.given_by_id and _is_of_business(offer, each, programme)]


def _is_of_business(offer: Offer, user: int, programme: Programme) -> bool:
    """True for the offer's own manager, HR, the talent leader, and the final authority of the SOW."""
    roles = programme.roles_of(user)
    own = Role.HIRING_MANAGER in roles and offer.hiring_manager_id == user
    return own or bool(roles & (BUSINESS - {Role.HIRING_MANAGER})) or _final(offer, programme)[0] in roles


def _check_open(advice: Advice, offer: Offer) -> None:
    if offer.status not in LIVE:
        raise NotInThisState(f"The offer is {offer.get_status_display().lower()}: nothing is left to decide.")
    out = offer.letter is not None and offer.letter.version_id == advice.version_id
    if advice.decision and (out or offer.version_id != advice.version_id):
        raise AlreadyDecided(f"This was decided already: {advice.get_decision_display().lower()}.")


def _final(offer: Offer, programme: Programme) -> tuple[str, str]:
    agreement = sow.agreement_of(offer, programme)
    return final_authority(agreement.document if agreement else None)


def held_back(offer: Offer, *, now: datetime, at: datetime | None = None) -> NotReady | None:
    """Why the letter of the newest version may not go out (now, or at that instant); None where it may. One query."""
    rows = Advice.objects.filter(offer=offer, version=offer.version_id).order_by("pk")
    return next((error for row in rows if (error := _stands_against(row, at=at or now, now=now))), None)


def _stands_against(advice: Advice, *, at: datetime, now: datetime) -> NotReady | None:
    if advice.decision == AdviceDecision.ADJUSTED:
        return NotReady(
            "The business decided to adjust these terms, and this version still holds the old ones.",
            rule="advice that was taken",
            next_step="Prepare a next version; or let the business accept the risk instead.",
        )
    if advice.held(now) or advice.held(at):
        return NotReady(
            f"The provider challenges these terms as too low: the letter waits for the business's decision until "
            f"{advice.holds_until:%d %b %Y, %H:%M} UTC at most.",
            rule="a challenge holds the letter for at most 8 hours, critical 2",
            next_step="Ask the hiring manager or the HR business partner to decide on the advice.",
        )
    return None


def pass_on_challenges(*, now: datetime) -> int:
    """Tell the final authority of every challenge whose hold is over undecided; says how many. The letter may go.

    Looks at the clients in scope. Each is locked by its offer first, and passed on once.
    """
    due = list(Advice.objects.to_pass_on(now).order_by("holds_until").values_list("pk", "offer_id", "client_id"))
    programmes = load_many({client for _, _, client in due})
    return sum(_pass_on(pk, offer_id, programmes[client], now=now) for pk, offer_id, client in due)


def _pass_on(advice_id: int, offer_id: int, programme: Programme, *, now: datetime) -> bool:
    with transaction.atomic(), because(actor=None, action="offer.pass_on_challenge"):
        offer = mover.lock(offer_id)
        advice = Advice.objects.to_pass_on(now).filter(pk=advice_id).first()
        if advice is None or offer.status not in LIVE:
            Advice.objects.filter(pk=advice_id).update(passed_on_at=now)
            return False
        role, title = _final(offer, programme)
        people = programme.holders(role, title) or programme.holders(Role.HR_PARTNER)
        advice.passed_on_at, advice.final_role = now, role
        advice.save(update_fields=["passed_on_at", "final_role"])
        _tell(MailKind.CHALLENGE_FINAL, advice, offer, people or programme.holders(Role.ADMINISTRATOR), now=now)
        return True


def _tell(
    kind: MailKind, advice: Advice, offer: Offer, to: Sequence[int | None], *, now: datetime, turn: str = ""
) -> None:
    outbox.queue(kind, offer, to, cause=f"advice-{advice.pk}{turn}", now=now, ids={"advice": advice.pk})
