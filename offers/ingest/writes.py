"""Writing what an offers file leads to: every table at once, in the order of who points at whom."""

from dataclasses import dataclass, field

import pgtrigger
from django.db import connection
from django.db.models import Count, F, Model, Q

from governance.ingest.kinds import Batch
from governance.ingest.report import silent
from governance.ingest.upsert import change, create, new_ids
from governance.models import Note
from governance.programme import load
from offers import clocks
from offers.ingest.intake import Intake
from offers.lifecycle import LIVE, Status
from offers.models import Clock, Letter, Loss, Offer, OfferVersion, Override, Requisition, VerbalApproval
from offers.models.clocks import ClockKind
from offers.models.intake import RequisitionStatus
from offers.overrides import tell

# An offer points at its version and letter, and they at it: these keys are looked at when all of them are there.
POINTERS = ", ".join(f"offers_offer_{name}_id_same_client" for name in ("version", "first_approved", "letter"))


@dataclass(slots=True)
class Writes:
    """New rows and changed ones, collected while the rows of the file are compared."""

    intake: Intake
    offers: list[Offer] = field(default_factory=list)
    versions: list[OfferVersion] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    verbals: list[VerbalApproval] = field(default_factory=list)
    changed_offers: list[Offer] = field(default_factory=list)
    changed_versions: list[OfferVersion] = field(default_factory=list)
    changed_letters: list[Letter] = field(default_factory=list)
    changed_notes: list[Note] = field(default_factory=list)
    changed_losses: list[Loss] = field(default_factory=list)
    changed_verbals: list[VerbalApproval] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    dropped_losses: list[Loss] = field(default_factory=list)
    followed: list[Offer] = field(default_factory=list)  # whose clocks must follow what changed

    def write(self, batch: Batch) -> None:
        """Changed offers before new ones, so that one which ended makes room for the next of its candidate."""
        self.intake.write(batch)
        for model, rows in ((Offer, self.offers), (OfferVersion, self.versions), (Letter, self.letters)):
            for pk, row in zip(new_ids(model, len(rows)), rows, strict=True):
                row.pk = pk
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {POINTERS} DEFERRED")
            self._write_rows(batch)
            cursor.execute(f"SET CONSTRAINTS {POINTERS} IMMEDIATE")
        self._open_overrides(batch)
        self._run_clocks()
        self._recount()

    def _open_overrides(self, batch: Batch) -> None:
        """What the file says went out and was not approved here; whoever judges it is told."""
        create(self.overrides, progress=batch.progress)
        if self.overrides:
            programme = load(batch.client.pk)
            for override in self.overrides:
                tell(override, override.offer, programme, now=batch.now)

    def _write_rows(self, batch: Batch) -> None:
        say = batch.progress
        create(self.notes, progress=say)
        # The state machine knows the moves of people in Handoff; what happened elsewhere need not have taken each step.
        with pgtrigger.ignore("offers.Offer:status_moves"):
            change(self.changed_offers, _all_but(Offer, "external_id", "imported", "created_at"), progress=say)
        create(self.offers, progress=say)
        change(self.changed_versions, _all_but(OfferVersion, "offer", "number", "created_at"), progress=say)
        create(self.versions, progress=say)
        change(self.changed_letters, ["version", "extended_at", "expires_at", "revoked_at"], progress=say)
        create(self.letters, progress=say)
        change(self.changed_losses, _all_but(Loss, "offer"), progress=say)
        create(self.losses, progress=say)
        change(self.changed_notes, ["text"], progress=say)
        change(self.changed_verbals, ["approved_at"], progress=say)
        create(self.verbals, progress=say)
        Loss.objects.filter(pk__in=[loss.pk for loss in self.dropped_losses]).delete()
        Note.objects.filter(pk__in=[loss.verbatim_id for loss in self.dropped_losses if loss.verbatim_id]).delete()

    def _run_clocks(self) -> None:
        kept = Clock.objects.filter(offer__in=[offer.pk for offer in self.followed])
        there = {(clock.offer_id, clock.kind): clock for clock in kept}
        for offer in self.followed:
            _follow(offer, there.get((offer.pk, ClockKind.VERBAL_TO_WRITTEN)))
        touched = [*self.offers, *self.followed]
        clocks.start_verbal_clocks(
            [
                offer
                for offer in touched
                if offer.status == Status.DRAFT and (offer.pk, ClockKind.VERBAL_TO_WRITTEN) not in there
            ]
        )
        _start_answers(
            [
                offer
                for offer in touched
                if offer.status == Status.EXTENDED and (offer.pk, ClockKind.CANDIDATE_RESPONSE) not in there
            ]
        )

    def _recount(self) -> None:
        """A requisition whose openings are all accepted is filled; one that lost an acceptance is open again."""
        touched = Requisition.objects.filter(
            pk__in=[each.pk for each in self.intake.requisitions.values()], evergreen=False
        ).annotate(taken=Count("offers", filter=Q(offers__status__in=[Status.ACCEPTED, Status.JOINED])))
        full, room = touched.filter(taken__gte=F("openings")), touched.filter(taken__lt=F("openings"))
        full.filter(status=RequisitionStatus.OPEN).update(status=RequisitionStatus.FILLED)
        room.filter(status=RequisitionStatus.FILLED).update(status=RequisitionStatus.OPEN)


def _all_but(model: type[Model], *kept: str) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name not in ("id", "client", *kept)]


def _follow(offer: Offer, clock: Clock | None) -> None:
    """Stop what the file says has ended, each at its own instant; correct a clock whose start was given wrong."""
    if offer.written_at:
        clocks.stop(offer, [ClockKind.VERBAL_TO_WRITTEN], now=offer.written_at)
    if offer.status not in LIVE and offer.decided_at:
        clocks.stop_all(offer, now=offer.decided_at)
    elif clock and clock.stopped_at is None and offer.verbal_approved_at not in (None, clock.started_at):
        right = clocks.build(
            offer, ClockKind.VERBAL_TO_WRITTEN, load(offer.client_id), started_at=offer.verbal_approved_at
        )
        for name in ("started_at", "target_at", "elapsed_target_at", "due_instants"):
            setattr(clock, name, getattr(right, name))
        clock.next_due_at = clock.upcoming
        clock.save()


def _start_answers(offers: list[Offer]) -> None:
    """The candidate's time to answer, where the letter has a last day; its reminders go to the recruiter."""
    answering = [(offer, offer.letter) for offer in offers if offer.letter and offer.letter.expires_at]
    if not answering:
        return
    programme = load(offers[0].client_id)
    started = []
    for offer, letter in answering:
        clock = clocks.build(
            offer, ClockKind.CANDIDATE_RESPONSE, programme, started_at=letter.extended_at, target_hours=0
        )
        clocks.answer_due(clock, letter.expires_at, programme)
        started.append(clock)
    create(started, progress=silent)
