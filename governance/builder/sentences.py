"""A policy in sentences, with people by name. Pure; `names` is {user id: name}. A faulty draft is said to be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.builder.vocabulary import MANAGER_WORDS
from governance.policy_schema import DEFAULT_DUE, describe, describe_ask, validate

Names = Mapping[int, str]
GONE = "somebody who has left"
UNREADABLE = "This rule is not complete yet."


def who(ask: Mapping[str, Any], names: Names) -> str:
    """Whom an ask names: "Ada Lund", "the CFO", "2 of the finance leaders"."""
    return names.get(ask["person"], GONE) if "person" in ask else describe_ask(ask)


def asking(rule: Mapping[str, Any], names: Names) -> str:
    """The first half of a rule's sentence: "Ask the account director, then the HR business partner"."""
    if not rule["ask"]:
        return "Ask nobody else"
    mode = rule.get("mode", "sequential")
    people = [who(ask, names) + own_hours(ask) for ask in rule["ask"]]
    advice = " for advice" if mode == "advice" else ""
    return f"Ask {(', then ' if mode == 'sequential' else ' and ').join(people)}{advice}"


def own_hours(ask: Mapping[str, Any]) -> str:
    due = ask.get("due")
    return f" (within {due['standard']} h, critical {due['critical']} h)" if due else ""


def conditions(rule: Mapping[str, Any]) -> list[str]:
    """Each of the conditions that must all hold: ["pay is inside the band", "either … or …"]."""
    return [f"{'either ' if len(item.get('any', ())) > 1 else ''}{describe(item)}" for item in rule["when"]]


def rule_sentence(rule: Any, names: Names) -> str:
    """ "Ask the finance leader when first-year cash is over 200,000 USD." """
    if not readable(rule):
        return UNREADABLE
    return f"{asking(rule, names)} when {', and '.join(conditions(rule))}."


def otherwise_sentence(document: Mapping[str, Any], names: Names) -> str:
    """Who is asked about an offer that no rule speaks for."""
    rest = document.get("otherwise")
    if rest is None:
        return "Where no rule asks anybody, nobody is asked."
    if not readable({"id": "x", "title": "x", "when": [{"test": "always"}], **rest} if _mapping(rest) else rest):
        return UNREADABLE
    return f"{asking(rest, names)} about every offer that no rule covers."


def settings(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The policy's own settings in words: [(name, value)]."""
    due = document.get("due") if _mapping(document.get("due")) else DEFAULT_DUE
    kept = "Kept where no tested value got worse" if document.get("delta_aware") else "Asked again after every change"
    manager = document.get("manager_step", "verbal_counts")
    return [
        ("Name", str(document.get("name", ""))),
        ("Hiring manager", MANAGER_WORDS.get(manager, "?") if isinstance(manager, str) else "?"),
        ("Approvals of changed terms", kept),
        ("Due after", f"{due.get('standard')} h, critical hires {due.get('critical')} h" if due else ""),
    ]


def readable(rule: Any) -> bool:
    """True where the rule by itself is sound."""
    return not validate({"schema": 1, "name": "x", "rules": [rule]})


def _mapping(value: Any) -> bool:
    return isinstance(value, Mapping)
