"""Whose time it was: the parties that each statement of work names for the stages of an offer, ready for SQL. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from governance.access import Role
from governance.programme import Programme
from governance.sow import Document, in_force, party_of

# A column for each stage: its name in governance.sow, and the role that is asked in review.
STAGES: dict[str, tuple[str, str]] = {
    "drafting": ("draft", ""),
    "presenting": ("verbal_to_written", ""),
    "countered": ("negotiating", ""),
    **{f"by_{role.value}": ("in_review", role.value) for role in Role},
    "by_nobody": ("in_review", ""),
}
NO_ENGAGEMENT = 0
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def terms(programme: Programme) -> dict[str, list[Any]]:
    """Columns of one length: engagement (0: the requisition names none), since, until, and a party for each stage.

    The spans of an engagement are half-open and leave no instant out. One without any statement of work is not listed:
    it is what `usual` says.
    """
    found: dict[str, list[Any]] = {name: [] for name in ("engagement", "since", "until", *STAGES)}
    for engagement in sorted({each.engagement for each in programme.agreements} | {NO_ENGAGEMENT}):
        for since, until, document in _spans(programme, engagement or None):
            found["engagement"].append(engagement)
            found["since"].append(since)
            found["until"].append(until)
            for name, party in parties(document).items():
                found[name].append(party)
    return found


def parties(document: Document | None) -> dict[str, str]:
    """The party of every stage by this document; where there is none, the usual one."""
    return {name: party_of(stage, document, role=role) for name, (stage, role) in STAGES.items()}


def _spans(programme: Programme, engagement: int | None) -> Iterator[tuple[datetime, datetime, Document | None]]:
    """Between two instants at which another statement of work comes into force, the same one governs."""
    zone = ZoneInfo(programme.zone)
    cuts = {FIRST, LAST}
    for each in programme.agreements:
        ends = [each.valid_from] + ([each.valid_to + timedelta(days=1)] if each.valid_to else [])
        cuts |= {each.published_at, *(datetime(day.year, day.month, day.day, tzinfo=zone) for day in ends)}
    ordered = sorted(cuts)
    for since, until in pairwise(ordered):
        governing = in_force(programme.agreements, engagement, since, programme.zone)
        yield since, until, governing.document if governing else None
