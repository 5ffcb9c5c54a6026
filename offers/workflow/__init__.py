"""The verbs of an offer: the only place that changes its status. One private mover, one public verb an action.

Every verb takes ids or an offer's id, `actor` and `now`; it locks the offer row first, checks the table of
offers/lifecycle.py, its guards and the person's role, and writes status, history, clocks and mail in one transaction.
Errors are of offers.errors and say what happened, which rule, what next.
"""

from offers.workflow.advice import advise, decide_advice
from offers.workflow.after_start import leave, rate, review_hire, take_back_leaving
from offers.workflow.answer import accept, cancel, decline, expire, explain, reopen, rescind, undo, withdraw
from offers.workflow.counter import counter, settle, stand
from offers.workflow.details import save_details
from offers.workflow.drafting import draft_offer, record_verbal_approval, record_verbal_offer, revise, save_terms
from offers.workflow.letter import extend, prolong
from offers.workflow.mover import blocked, possible
from offers.workflow.override import confirm_override, report_override, resolve_override
from offers.workflow.review import approve, decide, reassign, recall, reject, send_back, skip, submit
from offers.workflow.start import join, renege, set_contingency
from offers.workflow.verbal import confirm_verbal_approval, correct_verbal_approval

__all__ = [
    "accept",
    "advise",
    "approve",
    "blocked",
    "cancel",
    "confirm_override",
    "confirm_verbal_approval",
    "correct_verbal_approval",
    "counter",
    "decide",
    "decide_advice",
    "decline",
    "draft_offer",
    "expire",
    "explain",
    "extend",
    "join",
    "leave",
    "possible",
    "prolong",
    "rate",
    "reassign",
    "recall",
    "record_verbal_approval",
    "record_verbal_offer",
    "reject",
    "renege",
    "reopen",
    "report_override",
    "rescind",
    "resolve_override",
    "review_hire",
    "revise",
    "save_details",
    "save_terms",
    "send_back",
    "set_contingency",
    "settle",
    "skip",
    "stand",
    "submit",
    "take_back_leaving",
    "undo",
    "withdraw",
]
