"""A rule as the page draws it: cells with label, value and what is wrong, and what the buttons of the form do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.builder import vocabulary
from governance.builder.codec import field_at, fields_of, fields_of_asks
from governance.policy_schema import CONDITIONS, ROLES, Problem

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One input. `options` make it a list to choose from; `keyboard` is what a phone offers."""

    name: str
    label: str
    value: str
    error: str = ""
    options: Options = field(default_factory=list)
    groups: list[tuple[str, Options]] = field(default_factory=list)
    help: str = ""
    keyboard: str = "text"
    focus: bool = False

    @property
    def id(self) -> str:
        return f"id_{self.name}"


class Sheet:
    """The cells of one rule. `holders` counts {role: people}, `names` are {user id: name} of the client."""

    def __init__(
        self,
        rule: Mapping[str, Any],
        *,
        names: Mapping[int, str],
        holders: Mapping[str, int],
        problems: Iterable[Problem] = (),
        focus: str = "",
    ) -> None:
        self.rule, self.names, self.holders, self.focus = rule, names, holders, focus
        self.values = fields_of(rule) if "when" in rule else {"title": rule.get("title", "")} | fields_of_asks(rule)
        self.faults: dict[str, list[str]] = {}
        self.summary: list[tuple[str, str]] = []
        for each in problems:
            name, message = field_at(each.path), plain(each)
            self.faults.setdefault(name, []).append(message.rpartition("\u0000")[2])
            self.summary.append((f"id_{name}", message.replace("\u0000", "")))

    def cell(self, name: str, label: str, **more: Any) -> Cell:
        fault = " ".join(self.faults.get(name, ()))
        return Cell(name, label, self.values.get(name, ""), fault, focus=name == self.focus, **more)

    @property
    def title(self) -> Cell:
        hint = "What pages and mails call it. Left empty: made of its conditions." if "when" in self.rule else ""
        return self.cell("title", "Title", help=hint)

    @property
    def short_name(self) -> Cell:
        hint = "What history and comparisons know the rule by. Left empty: made of its title."
        return self.cell("id", "Short name", help=hint)

    @property
    def mode(self) -> Cell:
        return self.cell("mode", "In what order", options=list(vocabulary.MODE_WORDS.items()))

    @property
    def given(self) -> str:
        return self.values.get("given", "")

    @property
    def when_error(self) -> str:
        return " ".join(self.faults.get("when", ()))

    @property
    def ask_error(self) -> str:
        return " ".join(self.faults.get("ask", ()))

    @property
    def items(self) -> list[dict[str, Any]]:
        """The conditions: [{number, at, group, alternatives: [{at, test, cells, given}]}]."""
        return [
            {
                "at": i,
                "number": i + 1,
                "group": "any" in item,
                "alternatives": [self._condition(i, k, each) for k, each in enumerate(item.get("any", [item]))],
            }
            for i, item in enumerate(self.rule.get("when", ()))
        ]

    def _condition(self, i: int, k: int, condition: Mapping[str, Any]) -> dict[str, Any]:
        at = f"when-{i}-{k}-"
        kind = CONDITIONS.get(condition.get("test", ""))
        keys = (*kind.needs, *kind.may_have) if kind else ()
        label = f"Condition {i + 1}" + (f", alternative {k + 1}" if k else "")
        return {
            "at": k,
            "test": self.cell(f"{at}test", label, groups=vocabulary.choices()),
            "cells": [self._number(at, key, key in (kind.needs if kind else ())) for key in keys],
            "given": self.values.get(f"{at}given", ""),
            "given_name": f"{at}given",
        }

    def _number(self, at: str, key: str, needed: bool) -> Cell:
        label = vocabulary.LABELS[key] + ("" if needed or key != "percent" else " (optional)")
        if key == "side":
            return self.cell(at + key, label, options=list(vocabulary.SIDE_WORDS.items()))
        keyboard = {"currency": "text", "months": "numeric"}.get(key, "decimal")
        return self.cell(at + key, label, keyboard=keyboard)

    @property
    def asks(self) -> list[dict[str, Any]]:
        """Whom it asks: [{number, at, who, title, n, standard, critical}]."""
        return [self._ask(i, f"ask-{i}-") for i in range(len(self.rule.get("ask", ())))]

    def _ask(self, i: int, at: str) -> dict[str, Any]:
        due = "Hours of its own"
        return {
            "at": i,
            "number": i + 1,
            "who": self.cell(f"{at}who", f"Ask {i + 1}", groups=self._people(self.values.get(f"{at}who", ""))),
            "more": [
                self.cell(f"{at}title", "Title (optional)", help="Such as CFO: only who holds it."),
                self.cell(f"{at}n", "How many must approve", keyboard="numeric", help="Left empty: one."),
                self.cell(f"{at}standard", f"{due}, standard", keyboard="numeric", help="Left empty: the policy's."),
                self.cell(f"{at}critical", f"{due}, critical", keyboard="numeric"),
            ],
        }

    def _people(self, chosen: str) -> list[tuple[str, Options]]:
        roles = [
            (f"role:{role}", f"{words[0].upper()}{words[1:]} ({self._held(role)})") for role, words in ROLES.items()
        ]
        people = [
            (f"person:{pk}", name) for pk, name in sorted(self.names.items(), key=lambda pair: pair[1].casefold())
        ]
        if chosen and chosen not in dict(roles + people):
            people.append((chosen, "Somebody who is not here any more"))
        return [("A role", roles), ("One person", people)]

    def _held(self, role: str) -> str:
        return str(self.holders.get(role, 0) or "nobody yet")


def plain(problem: Problem) -> str:
    """A problem as the builder says it: what a list offers is not spelt out. A NUL parts the place from the fault."""
    where, fault = _parted(problem.message)
    if problem.path.endswith("test"):
        fault = "choose what to test from the list."
    elif problem.path.startswith("ask[") and problem.path.endswith("]"):
        fault = "choose a role or a person."
    return f"{where}: \u0000{fault[:1].upper()}{fault[1:]}"


def _parted(message: str) -> tuple[str, str]:
    """Place and fault of "Rule 3 “Sign-on: high”, condition 1: the percentage is missing."; titles may hold colons."""
    head, quote, tail = message.rpartition("”") if message.startswith("Rule ") and "”" in message else ("", "", message)
    if quote and ": " not in tail:  # the last quotation is part of the fault
        head, quote, tail = message.partition("”")
    where, _, fault = tail.partition(": ")
    return head + quote + where, fault


# --- the buttons of the form


def changed(rule: dict[str, Any], do: str) -> tuple[dict[str, Any], str]:
    """The rule after a button of the form, unsaved, and the name of the field to go on with."""
    verb, *places = do.split(":")
    at = [int(place) for place in places if place.isdecimal() and len(place) < 4]
    when, ask = rule.get("when", []), rule["ask"]
    match verb, at:
        case "add-condition", []:
            when.append({"test": ""})
            return rule, f"when-{len(when) - 1}-0-test"
        case "add-alternative", [i] if i < len(when):
            alternatives = when[i].get("any", [when[i]])
            when[i] = {"any": [*alternatives, {"test": ""}]}
            return rule, f"when-{i}-{len(alternatives)}-test"
        case "remove-condition", [i, k] if i < len(when):
            _without_condition(when, i, k)
            return rule, "title" if not when else f"when-{min(i, len(when) - 1)}-0-test"
        case "add-ask", []:
            ask.append({})
            return rule, f"ask-{len(ask) - 1}-who"
        case "remove-ask", [i] if i < len(ask):
            del ask[i]
            return rule, f"ask-{min(i, len(ask) - 1)}-who" if ask else "mode"
        case "ask-up", [i] if 0 < i < len(ask):
            ask[i - 1], ask[i] = ask[i], ask[i - 1]
            return rule, f"ask-{i - 1}-who"
        case "fill", [i, k]:
            return rule, f"when-{i}-{k}-test"
    return rule, ""


def _without_condition(when: list[Any], i: int, k: int) -> None:
    left = [each for n, each in enumerate(when[i].get("any", [when[i]])) if n != k]
    when[i : i + 1] = [left[0]] if len(left) == 1 else [{"any": left}] if left else []
