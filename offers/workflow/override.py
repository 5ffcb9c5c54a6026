"""The register of overrides: anybody who works with an offer reports, whoever judges confirms and resolves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from governance.models import User
from offers import approvals, outbox, overrides
from offers.errors import AlreadyDecided, BadInput, NotReady, NotYours
from offers.models import Offer, OfferVersion, Override
from offers.models.outbox import MailKind
from offers.models.override import OverrideKind, OverrideStatus, Resolution, Severity
from offers.workflow import mover
from offers.workflow.mover import Acting


def report_override(
    offer_id: int, *, actor: User, now: datetime, kind: str, statement: str, severity: str = Severity.MINOR,
    who: User | None = None, at: datetime | None = None,
) -> Override:  # fmt: skip
    """Report a way around the process as suspected: what happened in words, who did it where that is known, found when.

    Those who judge overrides get a mail; a severe one holds the letter back until it is resolved.
    """
    when = mover.instant(at, now=now, field="found_at")
    for field, value, known in (("kind", kind, OverrideKind.values), ("severity", severity, Severity.values)):
        if value not in known:
            raise BadInput(f"Say one of: {', '.join(known)}.", field=field)
    if not statement.strip():
        raise BadInput("Say what happened, in a sentence or two.", field="statement")
    with mover.acting(offer_id, "report_override", actor=actor, now=now, comment=statement) as (offer, programme, note):
        if who is not None and not programme.roles_of(who.pk):
            raise BadInput(f"{who} does not work for {offer.client}.", field="who")
        override = Override.objects.create(
            client_id=offer.client_id, offer=offer, kind=kind, severity=severity, who=who, found_at=when,
            reported_by=actor, statement=note, version=approvals.last_approved(offer),
        )  # fmt: skip
        overrides.tell(override, offer, programme, now=now)
        return override


def confirm_override(override_id: int, *, actor: User, now: datetime, severity: str = "") -> Override:
    """Say that it did happen; `severity` corrects how grave it is."""
    if severity and severity not in Severity.values:
        raise BadInput(f"Say one of: {', '.join(Severity.values)}.", field="severity")
    with _judging(override_id, "confirm_override", actor=actor, now=now) as (override, _):
        if override.status == OverrideStatus.CONFIRMED and severity in ("", override.severity):
            raise AlreadyDecided("This override is confirmed already.", next_step="It waits to be resolved.")
        if override.status != OverrideStatus.CONFIRMED:
            override.status, override.confirmed_at, override.confirmed_by = OverrideStatus.CONFIRMED, now, actor
        override.severity = severity or override.severity
        override.save(update_fields=["status", "confirmed_at", "confirmed_by", "severity"])
        return override


def resolve_override(override_id: int, *, actor: User, now: datetime, resolution: str, how: str = "") -> Override:
    """Put it right: ratified by a version approved since, retracted, disclosed, or found to be unfounded.

    All but a ratification need `how`. What was ratified, retracted or disclosed is confirmed by that. Whoever reported
    it is told.
    """
    if resolution not in Resolution.values:
        raise BadInput(f"Say one of: {', '.join(Resolution.values)}.", field="resolution")
    if resolution != Resolution.RATIFIED and not how.strip():
        raise BadInput("Say how: what was taken back, told to whom, or why there is nothing in it.", field="how")
    given = {"reason": resolution, "comment": how}
    with _judging(override_id, "resolve_override", actor=actor, now=now, **given) as (override, acting):
        if resolution == Resolution.RATIFIED:
            override.ratified_by = _ratifying(override)
        if resolution != Resolution.UNFOUNDED and override.status != OverrideStatus.CONFIRMED:
            override.status, override.confirmed_at, override.confirmed_by = OverrideStatus.CONFIRMED, now, actor
        override.resolution, override.resolved_at, override.resolved_by = resolution, now, actor
        override.resolved_how = acting.note
        override.save()
        if override.reported_by_id not in (None, actor.pk):
            ids, cause = {"override": override.pk}, f"override-{override.pk}"
            to = [override.reported_by_id]
            outbox.queue(MailKind.OVERRIDE_RESOLVED, acting.offer, to, cause=cause, now=now, ids=ids)
        return override


def _ratifying(override: Override) -> OfferVersion:
    version = approvals.last_approved(override.offer)
    if version is None or version.submitted_at is None or version.submitted_at <= override.found_at:
        raise NotReady(
            "No version was submitted and approved since this was found, so nothing ratifies it.",
            rule="an override is ratified by a new version",
            next_step="Revise the offer to the terms that were given, and have them approved; then ratify.",
        )
    return version


@contextmanager
def _judging(
    override_id: int, action: str, *, actor: User, now: datetime, reason: str = "", comment: str = ""
) -> Iterator[tuple[Override, Acting]]:
    offer_id = Override.objects.filter(pk=override_id).values_list("offer_id", flat=True).first()
    if offer_id is None:
        raise NotYours("There is no such override among yours.")
    with mover.acting(offer_id, action, actor=actor, now=now, reason=reason, comment=comment) as acting:
        override = Override.objects.select_related("offer").get(pk=override_id)
        if override.who_id == actor.pk:
            raise NotYours(
                "This names you, so somebody else judges it.", rule="separation of duties",
                next_step="Ask another of: account director, HR business partner, talent leader.",
            )  # fmt: skip
        if not override.is_open:
            raise AlreadyDecided(
                f"This was resolved as {override.get_resolution_display().lower()}.",
                next_step="Report again if it happened again.",
            )
        yield override, acting


def may_judge(offer: Offer, actor: User) -> bool:
    """Whether a role of the person at this client confirms and resolves overrides."""
    return mover.may(offer, "resolve_override", actor)
