"""A rule as the fields of a form and back, exactly: what is left blank is left out, and what is wrong stays as typed.

Pure. A rule goes through `policy_schema.validate` as a form writes it, so the form knows no second set of limits.
Names: "title", "mode"; "when-0-1-percent" is the percentage of alternative 1 of condition 0, "ask-2-who" the role or
person of ask 2. A hidden "given" keeps the keys that a document spells out although they say the default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.policy_schema import CONDITIONS

DEFAULTS = {"mode": "sequential", "side": "either"}
HOURS = ("standard", "critical")
_INDEX = re.compile(r"(when|ask)-([0-9]{1,3})(?:-([0-9]{1,3}))?-")
_PLACE = re.compile(r"(when|ask)\[(\d+)\](?:\.any\[(\d+)\])?\.?(.*)")


# --- reading a form


def rule_of(data: Mapping[str, str]) -> dict[str, Any]:
    """The rule that a form holds: numbers that cannot be read stay text, for `validate` to name."""
    rule: dict[str, Any] = {"when": [_item(data, i) for i in _indices(data, "when")], **asks_of(data)}
    for key in ("id", "title"):
        if text := _text(data, key):
            rule[key] = text
    return rule


def asks_of(data: Mapping[str, str]) -> dict[str, Any]:
    """Whom a form asks, and in what order: all that "otherwise" has beside its title."""
    found: dict[str, Any] = {"ask": [_ask(data, f"ask-{i}-") for i in _indices(data, "ask")]}
    _spell(found, data, "", "mode")
    return found


def _item(data: Mapping[str, str], i: int) -> dict[str, Any]:
    inner = sorted({int(m[3]) for m in _matches(data, "when") if int(m[2]) == i and m[3]})
    found = [_condition(data, f"when-{i}-{k}-") for k in inner]
    if len(found) == 1 and _text(data, f"when-{i}-group") != "any":
        return found[0]
    return {"any": found}


def _condition(data: Mapping[str, str], at: str) -> dict[str, Any]:
    test = _text(data, f"{at}test")
    found: dict[str, Any] = {"test": test}
    if test not in CONDITIONS:
        return found
    for key in (*CONDITIONS[test].needs, *CONDITIONS[test].may_have):
        text = _text(data, at + key)
        if key == "side":
            _spell(found, data, at, key)
        elif text:
            found[key] = _whole(text) if key == "months" else text.upper() if key == "currency" else text
    return found


def _ask(data: Mapping[str, str], at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kind, _, value = _text(data, f"{at}who").partition(":")
    if value:
        found[kind] = _whole(value) if kind == "person" else value
    if title := _text(data, f"{at}title"):
        found["title"] = title
    if n := _text(data, f"{at}n"):
        found["n"] = _whole(n)
    if due := hours_of(data, at):
        found["due"] = due
    return found


def hours_of(data: Mapping[str, str], at: str = "") -> dict[str, Any]:
    """The due hours that a form holds under these names; {} where both are blank."""
    return {key: _whole(text) for key in HOURS if (text := _text(data, at + key))}


def _spell(found: dict[str, Any], data: Mapping[str, str], at: str, key: str) -> None:
    value = _text(data, at + key)
    if value and (value != DEFAULTS[key] or key in _text(data, f"{at}given").split()):
        found[key] = value


def _text(data: Mapping[str, str], name: str) -> str:
    return str(data.get(name, "")).strip(" \t\r\n")


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch("[0-9]{1,19}", text) else text


def _matches(data: Iterable[str], kind: str) -> Iterator[re.Match[str]]:
    return (m for name in data if (m := _INDEX.match(name)) and m[1] == kind)


def _indices(data: Iterable[str], kind: str) -> list[int]:
    return sorted({int(m[2]) for m in _matches(data, kind)})


# --- writing a form


def fields_of(rule: Mapping[str, Any]) -> dict[str, str]:
    """The form of a rule, as the text of every field: the other way round of `rule_of`."""
    found = {key: str(rule[key]) for key in ("id", "title") if key in rule} | fields_of_asks(rule)
    for i, item in enumerate(rule.get("when", ())):
        if "any" in item:
            found[f"when-{i}-group"] = "any"
        for k, condition in enumerate(item.get("any", [item])):
            at = f"when-{i}-{k}-"
            found |= {at + key: str(value) for key, value in condition.items()} | _given(condition, at, "side")
    return found


def fields_of_asks(rule: Mapping[str, Any]) -> dict[str, str]:
    found = {"mode": str(rule["mode"])} | _given(rule, "", "mode") if "mode" in rule else {}
    for i, ask in enumerate(rule.get("ask", ())):
        at = f"ask-{i}-"
        kind = next((key for key in ("role", "person") if key in ask), "")
        found[f"{at}who"] = f"{kind}:{ask[kind]}" if kind else ""
        found |= {at + key: str(ask[key]) for key in ("title", "n") if key in ask}
        found |= {at + key: str(value) for key, value in ask.get("due", {}).items()}
    return found


def _given(held: Mapping[str, Any], at: str, key: str) -> dict[str, str]:
    return {f"{at}given": key} if held.get(key) == DEFAULTS[key] else {}


# --- where a problem belongs


def field_at(path: str) -> str:
    """The field that a problem's path inside a rule points at: "when[0].any[1].percent" is "when-0-1-percent"."""
    found = _PLACE.fullmatch(path)
    if not found:
        return path.partition(".")[2] if path.startswith("due.") else path
    kind, i, k, rest = found.groups()
    last = rest.rpartition(".")[2]
    if kind == "when":
        return f"when-{i}-{k or 0}-{last if last and last != 'any' else 'test'}"
    return f"ask-{i}-{last if last in ('title', 'n', *HOURS) else 'standard' if last == 'due' else 'who'}"


# --- the policy's own settings

SETTINGS = ("name", "manager_step", "delta_aware", "due")
_PLAIN = {"manager_step": "verbal_counts", "delta_aware": False}


def settings_fields(document: Mapping[str, Any]) -> dict[str, str]:
    """The form of a document's settings, as the text of every field."""
    due = document.get("due", {})
    given = [key for key, plain in _PLAIN.items() if key in document and document[key] == plain]
    return {
        "name": str(document.get("name", "")),
        "manager_step": str(document.get("manager_step", "verbal_counts")),
        "delta_aware": "on" if document.get("delta_aware") else "",
        "given": " ".join(given),
    } | {key: str(value) for key, value in (due.items() if isinstance(due, Mapping) else ())}


def settings_of(data: Mapping[str, str]) -> dict[str, Any]:
    """The settings that a form holds; what is left out of it says the default."""
    found: dict[str, Any] = {
        "manager_step": _text(data, "manager_step"),
        "delta_aware": bool(_text(data, "delta_aware")),
    }
    given = _text(data, "given").split()
    found = {key: value for key, value in found.items() if value != _PLAIN[key] or key in given}
    if name := _text(data, "name"):
        found["name"] = name
    if due := hours_of(data):
        found["due"] = due
    return found
