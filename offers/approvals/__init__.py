"""The approval chain of a version: whom it asks, who is eligible, and what a decision does to it.

Called by offers.workflow inside its lock on the offer row; nothing here changes an offer's status.
"""

from offers.approvals.chain import (
    approved,
    ask_again,
    begin,
    involved,
    last_approved,
    resume,
    running,
    stop_running,
    taken_back,
)
from offers.approvals.deciding import Seat, could_decide, decide, hand_on, seat_of, skip
from offers.approvals.people import Case, editors_of, eligible, holders, owners_of_alarm, stand_ins
from offers.approvals.watch import alarm_orphans, tell_stand_ins

__all__ = [
    "Case",
    "Seat",
    "alarm_orphans",
    "approved",
    "ask_again",
    "begin",
    "could_decide",
    "decide",
    "editors_of",
    "eligible",
    "hand_on",
    "holders",
    "involved",
    "last_approved",
    "owners_of_alarm",
    "resume",
    "running",
    "seat_of",
    "skip",
    "stand_ins",
    "stop_running",
    "taken_back",
    "tell_stand_ins",
]
