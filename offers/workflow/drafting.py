"""Preparing an offer: the draft, its terms, and the two verbal yeses that come before the letter."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from governance.access import Role, roles_at
from governance.history import because
from governance.models import User
from governance.programme import Programme, load
from offers import clocks, lifecycle, outbox, sow
from offers.around import openings_left
from offers.errors import BadInput, NotReady, NotYours
from offers.lifecycle import Status
from offers.models import Candidate, Offer, OfferVersion, Requisition, VerbalApproval, VerbalOffer, VersionEditor
from offers.models.clocks import ClockKind
from offers.models.events import Answer, Means
from offers.models.intake import RequisitionStatus
from offers.models.offer import VerbalBasis
from offers.models.outbox import MailKind
from offers.models.version import TERM_FIELDS
from offers.workflow import mover

LATE = timedelta(hours=24)
MOST = Decimal(10) ** 12  # twelve digits before the point: what a money column takes
NEVER_NEGATIVE = (
    "guaranteed_bonus", "sign_on", "equity_value", "relocation", "cash_allowances", "target_bonus_pct", "leave_days",
    "home_days",
)  # fmt: skip


def draft_offer(
    *, requisition: Requisition, candidate: Candidate, external_id: str, actor: User, now: datetime,
    terms: Mapping[str, Any], **fields: Any,
) -> Offer:  # fmt: skip
    """Start an offer with its first version. Refused where the requisition is closed or has no opening left."""
    if not roles_at(actor, requisition.client_id) & mover.PREPARERS:
        raise NotYours("Your role may not draft an offer.", next_step="Ask a coordinator or recruiter of this client.")
    if candidate.client_id != requisition.client_id:
        raise BadInput("There is no such candidate at this client.", field="candidate")
    check_names(terms)
    with transaction.atomic(), because(actor=actor.pk, action="offer.draft"):
        requisition = lock_requisition(requisition.pk)
        programme = load(requisition.client_id)
        agreement = programme.agreement(requisition.engagement_id, now)
        sow.require(requisition, "first_draft", programme.roles_of(actor.pk), agreement)
        fields.setdefault("recruiter", requisition.recruiter)
        fields.setdefault("hiring_manager", requisition.hiring_manager)
        fields.setdefault("priority", requisition.priority)
        offer = Offer(
            client=requisition.client, requisition=requisition, candidate=candidate, external_id=external_id,
            created_at=now, moved_at=now, **fields,
        )  # fmt: skip
        offer.holder = offer.recruiter or actor
        check_opening(offer)
        clean(offer, exclude=["version", "letter"])
        offer.save()
        version = _new_version(offer, 1, {"currency": requisition.currency, **terms}, now=now)
        VersionEditor.objects.create(client_id=offer.client_id, version=version, user=actor)
        offer.version = version
        offer.save(update_fields=["version"])
        return offer


def lock_requisition(requisition_id: int) -> Requisition:
    """The requisition, its row locked, so that openings are counted by one verb at a time; locked after the offer."""
    locked = Requisition.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("client").get(pk=requisition_id)


def check_opening(offer: Offer) -> None:
    """Refuse an offer whose requisition is closed or has no opening left for it."""
    check_room(offer, openings_left(offer))


def check_room(offer: Offer, left: int | None) -> None:
    """The same where the openings are counted already: `left`, this offer not counted; None: they do not count."""
    requisition = offer.requisition
    if requisition.status in (RequisitionStatus.CANCELLED, RequisitionStatus.ON_HOLD):
        raise NotReady(
            f"Requisition {requisition.external_id} is {requisition.get_status_display().lower()}.",
            next_step="Reopen it, or choose another.",
        )
    if left is not None and left < 1:
        raise NotReady(
            f"Requisition {requisition.external_id} has no opening left: {requisition.openings} in all, each with an "
            "offer that is live or accepted.",
            rule="openings",
            next_step="End one of them, add an opening, or allow over-offering on the requisition.",
        )


def save_terms(version_id: int, terms: Mapping[str, Any], *, actor: User, now: datetime) -> OfferVersion:
    """Change the newest version while it is not submitted; whoever changes it becomes one of its editors."""
    check_names(terms)
    offer_id = OfferVersion.objects.filter(pk=version_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotYours("There is no such version among yours.")
    with mover.acting(offer_id, "terms", actor=actor, now=now) as (offer, _, _):
        version = offer.version
        if offer.status not in lifecycle.LIVE:
            raise NotReady(f"This offer is {offer.get_status_display().lower()}: its terms stay as they are.")
        if version is None or version.pk != version_id or version.is_frozen:
            raise NotReady("These terms are frozen: they were submitted.", next_step="Revise the offer to change them.")
        change_terms(version, terms, actor=actor)
        return version


def change_terms(version: OfferVersion, terms: Mapping[str, Any], *, actor: User) -> None:
    """Write these terms into a version that is not submitted, inside a verb that holds the lock."""
    changed = [name for name in TERM_FIELDS if name in terms and getattr(version, name) != terms[name]]
    if not changed:
        return
    for name in changed:
        setattr(version, name, terms[name])
    clean(version)
    version.save(update_fields=changed)
    VersionEditor.objects.get_or_create(client_id=version.client_id, version=version, user=actor)


def check_names(terms: Mapping[str, Any]) -> None:
    """Refuse a term that no offer has, instead of losing it."""
    if strange := sorted(set(terms) - set(TERM_FIELDS)):
        raise BadInput(f"An offer has no term “{strange[0]}”.", field=strange[0])


def _new_version(offer: Offer, number: int, terms: Mapping[str, Any], *, now: datetime) -> OfferVersion:
    version = OfferVersion(client=offer.client, offer=offer, number=number, created_at=now, **terms)
    clean(version)
    version.save()
    return version


def next_version(
    offer: Offer, *, now: datetime, actor: User | None = None, terms: Mapping[str, Any] | None = None
) -> OfferVersion:
    """Prepare the version after the newest: its terms with these changes, its editors and the actor, if any."""
    last = offer.version
    if last is None:
        raise NotReady("This offer has no terms yet.")
    version = _new_version(offer, last.number + 1, {**last.terms(), **(terms or {})}, now=now)
    keep_editors(last, version)
    if actor:
        VersionEditor.objects.get_or_create(client_id=offer.client_id, version=version, user=actor)
    return version


def keep_editors(before: OfferVersion, version: OfferVersion) -> None:
    """Whoever wrote the terms that a version begins with is one of its editors too."""
    users = before.editors.order_by("user_id").values_list("user_id", flat=True)
    found = [VersionEditor(client_id=version.client_id, version=version, user_id=user) for user in users]
    VersionEditor.objects.bulk_create(found, ignore_conflicts=True)


def revise(offer_id: int, *, actor: User, now: datetime) -> Offer:
    """Prepare a next version. From approved the offer goes back to draft; a letter that is out stays out."""
    with mover.acting(offer_id, "revise", actor=actor, now=now) as (offer, _, _):
        target = Status.DRAFT if offer.status == Status.APPROVED else Status.EXTENDED
        return mover.move(offer, "revise", target, now=now, version=next_version(offer, now=now, actor=actor))


def record_verbal_approval(
    offer_id: int, *, actor: User, now: datetime, at: datetime | None = None, by: User | None = None,
    means: str = Means.CALL, base: Decimal | None = None, first_year_total: Decimal | None = None, reason: str = "",
) -> VerbalApproval:  # fmt: skip
    """Record the hiring manager's yes to these terms (or to the amounts given, full-time yearly and first-year cash).

    A base alone was said of the terms as they stand: its first-year cash is theirs at that base.

    The first one starts the verbal-to-written clock at its own instant. A future instant is refused; one more than 24 h
    back needs a reason. The manager gets a mail to confirm or correct it.
    """
    when = mover.instant(at, now=now, field="approved_at")
    if now - when > LATE and not reason.strip():
        raise BadInput("More than 24 hours back: say why it is entered late.", field="reason")
    if means not in Means.values:
        raise BadInput(f"Say by what means: {', '.join(Means.values)}.", field="means")
    for field, amount in (("base", base), ("first_year_total", first_year_total)):
        mover.check_amount(amount, field=field)
    with mover.acting(offer_id, "verbal_approval", actor=actor, now=now, comment=reason) as (offer, programme, note):
        version = _terms_to_speak_of(offer)
        manager = by.pk if by else offer.hiring_manager_id
        if manager is None or Role.HIRING_MANAGER not in programme.roles_of(manager):
            raise BadInput("Name the hiring manager of this client who said yes.", field="approved_by")
        said = version.base_annual if base is None else base
        verbal = VerbalApproval.objects.create(
            client_id=offer.client_id, offer=offer, approved_at=when, approved_by_id=manager, means=means,
            recorded_at=now, recorded_by=actor, reason=note,
            currency=version.currency, base=said,
            first_year_total=version.first_year_cash_at(said) if first_year_total is None else first_year_total,
        )  # fmt: skip
        _first_yes(offer, verbal, programme)
        ids = {"verbal_approval": verbal.pk}
        outbox.queue(MailKind.VERBAL_CONFIRM, offer, [manager], cause=f"verbal-{verbal.pk}", now=now, ids=ids)
        return verbal


def _first_yes(offer: Offer, verbal: VerbalApproval, programme: Programme) -> None:
    """The first yes starts the clock; an offer that names no manager takes the one who said it."""
    changed: dict[str, Any] = {}
    if offer.hiring_manager_id is None:
        changed["hiring_manager_id"] = verbal.approved_by_id
    if offer.verbal_approved_at is None:
        changed |= {"verbal_approved_at": verbal.approved_at, "verbal_basis": VerbalBasis.RECORDED}
        if offer.written_at is None:
            clocks.start(offer, ClockKind.VERBAL_TO_WRITTEN, programme, started_at=verbal.approved_at)
    if changed:
        for name, value in changed.items():
            setattr(offer, name, value)
        offer.save(update_fields=list(changed))


def _terms_to_speak_of(offer: Offer) -> OfferVersion:
    if offer.status not in lifecycle.LIVE or offer.version is None:
        raise NotReady(f"This offer is {offer.get_status_display().lower()}: there is nothing to say yes to.")
    return offer.version


def record_verbal_offer(
    offer_id: int, *, actor: User, now: datetime, at: datetime | None = None, answer: str = Answer.THINKING,
    note: str = "",
) -> VerbalOffer:  # fmt: skip
    """Record that the candidate was told, and the answer."""
    when = mover.instant(at, now=now, field="made_at")
    if answer not in Answer.values:
        raise BadInput("Say yes, no, thinking or asks_more.", field="answer")
    with mover.acting(offer_id, "verbal_offer", actor=actor, now=now, comment=note) as (offer, _, kept):
        _terms_to_speak_of(offer)
        told = VerbalOffer.objects.create(
            client_id=offer.client_id, offer=offer, made_at=when, made_by=actor, answer=answer, note=kept
        )
        if offer.verbal_offer_at is None:
            offer.verbal_offer_at = when
            offer.save(update_fields=["verbal_offer_at"])
        return told


def clean(row: Offer | OfferVersion, exclude: list[str] | None = None) -> None:
    """Raise BadInput naming the first field that cannot be taken."""
    try:
        row.full_clean(exclude=exclude, validate_unique=True, validate_constraints=True)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BadInput(messages[0], field=_checked(row) if name == NON_FIELD_ERRORS else name) from error
    if not isinstance(row, OfferVersion):
        return
    if max(row.base_annual, row.first_year_cash) >= MOST:
        raise BadInput("A year of this is more than twelve digits before the point.", field="base")
    for field, day in (("start_on", row.start_on), ("expires_on", row.expires_on)):
        if day:
            mover.coming(day, now=row.created_at, field=field)


def _checked(row: Offer | OfferVersion) -> str:
    """Which field a check of the database over the whole row is about; "" where it is about none alone."""
    if not isinstance(row, OfferVersion):
        return ""
    if row.base <= 0:
        return "base"
    if not 0 < row.fte <= 1:
        return "fte"
    return next((name for name in NEVER_NEGATIVE if getattr(row, name) < 0), "expires_on")
