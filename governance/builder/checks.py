"""What speaks against publishing a policy: refusals (it cannot work) and warnings (it may not be meant). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.builder.logic import contradiction, implies
from governance.builder.sentences import Names, who
from governance.policy_schema import DEFAULT_DUE, ROLES, describe, describe_ask, validate
from governance.programme import Programme

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing found, in words that name the rule. `rule` is its short name, "otherwise" or "" for the whole."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy with refusals is not published; one with warnings only after they are confirmed."""

    refusals: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def check(document: Any, programme: Programme, names: Names, money: Collection[str] = ()) -> Verdict:
    """Everything found in a draft for this client. `money`: the currencies that amounts can be converted from or to."""
    if problems := validate(document):
        return Verdict(tuple(Remark(_rule_at(document, each.path), each.message) for each in problems), ())
    rules = document["rules"]
    asking = [*rules, {"id": "otherwise", "title": "Otherwise", **document["otherwise"]}] if (
        "otherwise" in document
    ) else rules  # fmt: skip
    refusals = [*_unheld(asking, programme, names), *_impossible(rules)]
    warnings = [
        *_asking_nobody(document),
        *_untitled(asking, programme),
        *_twice_asked(asking, names),
        *_twice_said(rules),
        *_covered(rules, document.get("due", DEFAULT_DUE)),
        *_unconverted(rules, money),
    ]
    return Verdict(tuple(refusals), tuple(warnings))


def _rule_at(document: Any, path: str) -> str:
    if not path.startswith("rules["):
        return "otherwise" if path.startswith("otherwise") else ""
    rule = document["rules"][int(path[6 : path.index("]")])]
    return str(rule.get("id", "")) if isinstance(rule, Mapping) else ""


def _named(rule: Rule) -> str:
    return "“Otherwise”" if rule["id"] == "otherwise" else f"The rule “{rule['title']}”"


# --- refusals: it cannot work


def _unheld(rules: list[Rule], programme: Programme, names: Names) -> Iterator[Remark]:
    members = {member.user for member in programme.members}
    for rule in rules:
        for ask in rule["ask"]:
            found = _unheld_ask(ask, programme, members, names)
            if found:
                yield Remark(rule["id"], f"{_named(rule)} {found}")


def _unheld_ask(ask: Rule, programme: Programme, members: set[int], names: Names) -> str:
    if "person" in ask:
        gone = ask["person"] not in members
        return f"asks {who(ask, names)}, who is no active member of this client." if gone else ""
    role, n = ask["role"], ask.get("n", 1)
    held = len(programme.holders(role, ask.get("title", "")))
    if not held:
        return f"asks the {ROLES[role]}, and nobody active holds that role here: give it to somebody, or ask another."
    if role == "hiring_manager" and n > 1:
        return f"asks for {n} hiring managers, and every offer has one."
    if n > held:
        have = "1 person here is one" if held == 1 else f"{held} people here are"
        return f"asks {describe_ask(ask)}, and only {have}: nobody can satisfy it."
    return ""


def _impossible(rules: list[Rule]) -> Iterator[Remark]:
    for rule in rules:
        if clash := contradiction(rule):
            one, other = (describe(each) for each in clash)
            said = f"can never hold: “{one}” and “{other}” exclude each other."
            yield Remark(rule["id"], f"{_named(rule)} {said}")


# --- warnings: it may not be meant


def _asking_nobody(document: Rule) -> Iterator[Remark]:
    asking = any(rule["ask"] and rule.get("mode") != "advice" for rule in document["rules"])
    if not asking and not document.get("otherwise", {}).get("ask"):
        yield Remark("", "Nobody but the hiring manager is ever asked for approval by this policy.")


def _untitled(rules: list[Rule], programme: Programme) -> Iterator[Remark]:
    titles = {(member.role, member.title.casefold()) for member in programme.members}
    for rule in rules:
        for ask in rule["ask"]:
            role, title = ask.get("role", ""), ask.get("title", "")
            if title and role and (role, title.casefold()) not in titles:
                said = f"asks the {title}, a title that nobody holds here: every {ROLES[role]} may decide instead."
                yield Remark(rule["id"], f"{_named(rule)} {said}")


def _twice_asked(rules: list[Rule], names: Names) -> Iterator[Remark]:
    for rule in rules:
        seen: set[Any] = set()
        for ask in rule["ask"]:
            whom = ask.get("role"), ask.get("title"), ask.get("person")
            if whom in seen:
                said = f"asks {who(ask, names)} twice. Whoever is asked is asked once."
                yield Remark(rule["id"], f"{_named(rule)} {said}")
            seen.add(whom)


def _twice_said(rules: list[Rule]) -> Iterator[Remark]:
    for i, rule in enumerate(rules):
        for other in rules[:i]:
            if _same_when(rule, other):
                said = f"has the same conditions as “{other['title']}”: one rule could ask for both."
                yield Remark(rule["id"], f"{_named(rule)} {said}")
                break


def _same_when(one: Rule, other: Rule) -> bool:
    return _holds_with(one, other) and _holds_with(other, one)


def _holds_with(one: Rule, other: Rule) -> bool:
    """True where `one` cannot hold without `other` holding too."""
    return all(any(implies(mine, item) for mine in one["when"]) for item in other["when"])


def _covered(rules: list[Rule], due: Rule) -> Iterator[Remark]:
    for i, rule in enumerate(rules):
        for other in rules[:i]:
            if rule["ask"] and _adds_nothing(rule, other, due):
                said = f"never asks anybody new: “{other['title']}” holds whenever it does, and asks the same."
                yield Remark(rule["id"], f"{_named(rule)} {said}")
                break


def _adds_nothing(rule: Rule, other: Rule, due: Rule) -> bool:
    if (rule.get("mode") == "advice") != (other.get("mode") == "advice") or not _holds_with(rule, other):
        return False
    return all(any(_as_strict(theirs, ask, due) for theirs in other["ask"]) for ask in rule["ask"])


def _as_strict(one: Rule, other: Rule, due: Rule) -> bool:
    if any(one.get(key) != other.get(key) for key in ("role", "person", "title")):
        return False
    mine, theirs = one.get("due", due), other.get("due", due)
    return one.get("n", 1) >= other.get("n", 1) and all(mine[key] <= theirs[key] for key in mine)


def _unconverted(rules: list[Rule], money: Collection[str]) -> Iterator[Remark]:
    for rule in rules:
        stated = {c["currency"] for item in rule["when"] for c in item.get("any", [item]) if "currency" in c}
        for currency in sorted(stated - set(money)) if money else ():
            said = (
                f"states an amount in {currency}, for which no exchange rate is kept: in other money it always holds."
            )
            yield Remark(rule["id"], f"{_named(rule)} {said}")
