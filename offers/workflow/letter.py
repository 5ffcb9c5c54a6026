"""The written offer: extending it stops the verbal-to-written clock and starts the candidate's time to answer."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from governance.business_time import Calendar, add_business_time, is_open
from governance.models import User
from governance.programme import Programme
from offers import approvals, clocks, overrides
from offers.errors import BadInput, NotReady, OfferError
from offers.lifecycle import Status
from offers.models import Clock, Letter, Offer, OfferVersion
from offers.models.clocks import ClockKind
from offers.overrides import Suspicion
from offers.workflow import advice, mover

SUSPECTED = "A suspected override is opened."
DEFAULT_WORKING_DAYS = 5


class _NotAsApproved(Exception):
    """What reached the candidate is not what was approved: it is refused, and kept as a suspected override."""

    def __init__(self, error: OfferError, found: Suspicion) -> None:
        super().__init__(str(error))
        self.error, self.found = error, found


def extend(
    offer_id: int, *, actor: User, now: datetime, at: datetime | None = None, letter_base: Decimal | None = None,
    letter_sign_on: Decimal | None = None,
) -> Offer:  # fmt: skip
    """Record that the letter of the approved version reached the candidate (at `at`, or now).

    The last day to answer is the version's; without one, the working days that the service level gives. A letter that
    lies before the approval, or says another base (by the version's period) or sign-on, is refused and leaves a
    suspected override.
    """
    said = {"base": letter_base, "sign_on": letter_sign_on}
    try:
        return _extend(offer_id, actor=actor, now=now, when=mover.instant(at, now=now, field="extended_at"), said=said)
    except _NotAsApproved as refused:
        with mover.acting(offer_id, "report_override", actor=actor, now=now) as (offer, programme, _):
            overrides.suspect(offer, [refused.found], programme, version=offer.version, now=now)
        raise refused.error from None


def _extend(offer_id: int, *, actor: User, now: datetime, when: datetime, said: dict[str, Any]) -> Offer:
    with mover.acting(offer_id, "extend", actor=actor, now=now) as (offer, programme, _):
        version = _approved_version(offer, when)
        if error := held_back(offer, now=now, at=when):
            raise error
        _check_letter(version, said)
        expires_at = _expiry(version, when, programme)
        if offer.letter and offer.letter.revoked_at is None:
            offer.letter.revoked_at = when
            offer.letter.save(update_fields=["revoked_at"])
        letter = Letter.objects.create(
            client_id=offer.client_id, offer=offer, version=version, extended_at=when, extended_by=actor,
            expires_at=expires_at,
        )  # fmt: skip
        clocks.stop(offer, [ClockKind.VERBAL_TO_WRITTEN, ClockKind.CANDIDATE_RESPONSE], now=when)
        _start_response(offer, letter, programme)
        written = {} if offer.written_at else {"written_at": when}
        return mover.move(offer, "extend", Status.EXTENDED, now=now, letter=letter, **written)


def held_back(offer: Offer, *, now: datetime, at: datetime | None = None) -> NotReady | None:
    """Why the letter of the newest version may not go out (now, or at that instant); None where it may. Two queries."""
    chain = approvals.approved(offer.version)
    if chain and approvals.taken_back(chain):
        return NotReady(
            "The hiring manager has corrected the verbal approval by which this version was approved.",
            rule="the manager's step",
            next_step="Prepare a next version and submit it: the manager is asked then.",
        )
    return advice.held_back(offer, now=now, at=at)


def _approved_version(offer: Offer, when: datetime) -> OfferVersion:
    """The newest version, whose approvals all held by then."""
    chain = approvals.approved(offer.version)
    if offer.version is None or chain is None or chain.ended_at is None:
        raise NotReady("This version was not approved.", rule="a letter renders only from an approved version")
    if found := overrides.too_early(where="letter", sent_at=when, approved_at=chain.ended_at):
        error = BadInput(
            f"The letter lies before the approval of {chain.ended_at:%d %b %Y at %H:%M} UTC. {SUSPECTED}",
            field="extended_at",
            rule="a letter follows approval",
        )
        raise _NotAsApproved(error, found)
    return offer.version


def _check_letter(version: OfferVersion, said: dict[str, Any]) -> None:
    found = overrides.compare(version, said, where="letter")
    if found is None:
        return
    one = found.differences[0]
    error = BadInput(
        f"The letter says {one['found']} as {one['term']}; {one['approved']} was approved. {SUSPECTED}",
        field="letter_base" if said["base"] not in (None, version.base) else "letter_sign_on",
        rule="a letter renders only from an approved version",
        next_step="Send the approved letter, or revise the offer to what was sent and have that approved.",
    )
    raise _NotAsApproved(error, found)


def prolong(offer_id: int, *, actor: User, now: datetime, until: date) -> Offer:
    """Give the candidate a later last day to answer; it must lie after today and before the start."""
    with mover.acting(offer_id, "prolong", actor=actor, now=now) as (offer, programme, _):
        letter: Any = offer.letter
        ends = _end_of_day(mover.coming(until, now=now, field="until"), programme.zone)
        if ends <= now or (letter.expires_at and ends <= letter.expires_at):
            raise BadInput("The new last day must lie after the present one and after today.", field="until")
        start = letter.version.start_on
        if start and until >= start:
            raise BadInput(f"The last day to answer must lie before the start, {start:%d %b %Y}.", field="until")
        letter.expires_at = ends
        letter.save(update_fields=["expires_at"])
        for clock in Clock.objects.running().filter(offer=offer, kind=ClockKind.CANDIDATE_RESPONSE):
            clocks.answer_due(clock, ends, programme)
            clock.save(update_fields=["target_at", "elapsed_target_at", "remind_at"])
        return mover.move(offer, "prolong", Status(offer.status), now=now)


def _start_response(offer: Offer, letter: Letter, programme: Programme) -> None:
    cycle = offer.clocks.filter(kind=ClockKind.CANDIDATE_RESPONSE).count() + 1
    clock = clocks.build(
        offer, ClockKind.CANDIDATE_RESPONSE, programme, started_at=letter.extended_at, target_hours=0, cycle=cycle
    )
    clocks.answer_due(clock, letter.expires_at, programme)
    clock.save()


def _expiry(version: OfferVersion, when: datetime, programme: Programme) -> datetime:
    """The end of the last day to answer. By default that is some working days on, and in any case before the start."""
    last_day = version.expires_on or _default_last_day(version.start_on, when, programme)
    mover.coming(last_day, now=when, field="expires_on")
    ends = _end_of_day(last_day, programme.zone)
    if ends <= when:
        raise BadInput(
            f"The candidate could not answer: the last day, {last_day:%d %b %Y}, has passed.",
            field="expires_on",
            next_step="Revise the offer and give a later day, or a later start.",
        )
    return ends


def _default_last_day(start: date | None, when: datetime, programme: Programme) -> date:
    days = DEFAULT_WORKING_DAYS
    if programme.service_level:
        days = int(programme.service_level.document["candidate_response"]["working_days"])
    day = _working_day(when, days, programme.calendar, programme.zone)
    return min(day, start - timedelta(days=1)) if start else day


def _working_day(when: datetime, days: int, calendar: Calendar, zone: str) -> date:
    """The local date `days` working days after the day of `when`; a working day is one with any open time."""
    day = when.astimezone(ZoneInfo(zone)).date()
    while days:
        day += timedelta(days=1)
        days -= _is_working(day, calendar, zone)
    return day


def _is_working(day: date, calendar: Calendar, zone: str) -> bool:
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    opens = midnight if is_open(midnight, calendar) else add_business_time(midnight, timedelta(0), calendar)
    return opens.astimezone(ZoneInfo(zone)).date() == day


def _end_of_day(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
