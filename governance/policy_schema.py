"""The document of an approval policy version: what it may say, its JSON Schema, and what is wrong with one, in words.

A document is JSON: {"schema": 1, "name": ..., "rules": [...]} and, where wanted, "otherwise" (who is asked where no
rule speaks), "manager_step", "delta_aware" and "due" (hours for a step). A rule has an id, a title, "when" (all of its
items must hold; an item is a condition or {"any": [conditions]}), "ask" (nobody, where empty) and a mode. Numbers that
are compared with pay are strings of plain decimals, so that no reader of JSON turns them into floats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ROLES = {
    "coordinator": "coordinator",
    "recruiter": "recruiter",
    "account_director": "account director",
    "hr_partner": "HR business partner",
    "hiring_manager": "hiring manager",
    "finance_leader": "finance leader",
    "talent_leader": "talent leader",
    "auditor": "auditor",
    "administrator": "administrator",
}
MODES = ("sequential", "parallel", "advice")
MANAGER_STEPS = ("verbal_counts", "asked", "none")
SIDES = {"either": "outside the band", "below": "below the band minimum", "above": "above the band maximum"}
DEFAULT_DUE = {"standard": 8, "critical": 4}


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` points into the document ("rules[2].when[0].percent"); `message` is for a person."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in words, what it must be in words, and the same as JSON Schema."""

    words: str
    must_be: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule may test: a sentence with its fields in braces, and the fields it needs and may have."""

    words: str
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()


_TEXT = {
    "type": "string",
    "maxLength": 200,
    "pattern": r"^[^\u0000-\u0020\u007f]([^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$",
}
_PERCENT = {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,6})?$"}
_AMOUNT = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$"}
_HOURS = {"type": "integer", "minimum": 1, "maximum": 720}
_NUMBER = "a plain number such as 5 or 7.5, without a percent sign"

FIELDS = {
    "schema": Field("the schema version", "1", {"enum": [1]}),
    "name": Field("the name", "one line of 1 to 200 characters", _TEXT),
    "title": Field("the title", "one line of 1 to 200 characters", _TEXT),
    "id": Field(
        "the rule's short name",
        "small letters, digits and dashes, at most 64",
        {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"},
    ),
    "rules": Field("the rules", "a list of at most 200", {"type": "array", "maxItems": 200}),
    "when": Field("the conditions", "a list of 1 to 20", {"type": "array", "minItems": 1, "maxItems": 20}),
    "any": Field("the alternatives", "a list of 1 to 20", {"type": "array", "minItems": 1, "maxItems": 20}),
    "ask": Field("whom to ask", "a list of at most 20", {"type": "array", "maxItems": 20}),
    "otherwise": Field("whom to ask otherwise", "a title and whom to ask", {"type": "object"}),
    "due": Field("the due hours", "hours for standard and for critical hires", {"type": "object"}),
    "standard": Field("the hours for standard hires", "a whole number from 1 to 720", _HOURS),
    "critical": Field("the hours for critical hires", "a whole number from 1 to 720", _HOURS),
    "mode": Field("the order of asking", "sequential, parallel or advice", {"enum": list(MODES)}),
    "manager_step": Field("the hiring manager's step", "verbal_counts, asked or none", {"enum": list(MANAGER_STEPS)}),
    "delta_aware": Field("keeping approvals that did not get worse", "true or false", {"type": "boolean"}),
    "role": Field("the role", "one of: " + ", ".join(ROLES), {"enum": list(ROLES)}),
    "person": Field("the person", "the number of a user", {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}),
    "n": Field(
        "how many must approve", "a whole number from 1 to 20", {"type": "integer", "minimum": 1, "maximum": 20}
    ),
    "percent": Field("the percentage", _NUMBER, _PERCENT),
    "below": Field("the percentage below", _NUMBER, _PERCENT),
    "above": Field("the percentage above", _NUMBER, _PERCENT),
    "up_to": Field("the upper limit", _NUMBER, _PERCENT),
    "up_to_amount": Field("the upper limit", "a plain number such as 350000", _AMOUNT),
    "amount": Field("the amount", "a plain number such as 200000, without separators", _AMOUNT),
    "currency": Field(
        "the currency", "a code of three capital letters such as USD", {"type": "string", "pattern": "^[A-Z]{3}$"}
    ),
    "months": Field(
        "the number of months", "a whole number from 1 to 60", {"type": "integer", "minimum": 1, "maximum": 60}
    ),
    "side": Field("the side", "either, below or above", {"enum": list(SIDES)}),
    "test": Field("what to test", "one of the published conditions", {"type": "string"}),
}

_MORE = ("percent",), ("up_to",)
_CASH = ("amount", "currency"), ("up_to_amount",)

CONDITIONS = {
    "always": Condition("any offer is made"),
    "gap_below": Condition("pay is more than {percent} % below reference", *_MORE),
    "gap_above": Condition("pay is more than {percent} % above reference", *_MORE),
    "gap_within": Condition("pay is from {below} % below to {above} % above reference", ("below", "above")),
    "reference_unknown": Condition("the market reference is unknown or stale"),
    "reference_stale": Condition("the market reference is stale"),
    "inside_band": Condition("pay is inside the band"),
    "outside_band": Condition("pay is {side}", (), ("side", "percent", "up_to")),
    "no_band": Condition("there is no salary band"),
    "first_year_cash_over": Condition("first-year cash is over {amount} {currency}", *_CASH),
    "sign_on_over": Condition("the sign-on is over {amount} {currency}", *_CASH),
    "sign_on_over_share": Condition("the sign-on is over {percent} % of base", *_MORE),
    "clawback_under": Condition("the sign-on can be clawed back for less than {months} months", ("months",)),
    "equity": Condition("there is any equity"),
    "over_budget": Condition("pay is over the requisition's budget", (), ("percent", "up_to")),
    "within_budget": Condition("pay is within the requisition's budget"),
    "outside_posted_range": Condition("pay is outside the posted range"),
    "within_posted_range": Condition("pay is within the posted range"),
    "no_headcount": Condition("no opening is left on the requisition"),
    "peer_gap": Condition("pay is more than {percent} % from the peer median", *_MORE),
    "inversion": Condition("pay is inverted against people in the role"),
    "below_expectation": Condition("pay is more than {percent} % below the candidate's stated expectation", *_MORE),
    "critical": Condition("the hire is critical"),
    "standard_letter": Condition("the letter is standard"),
    "non_standard_letter": Condition("the letter is not standard"),
    "guardrail_exceeded": Condition("the guardrail is exceeded"),
    "sow_exception": Condition("the statement of work makes an exception"),
}

_DOCUMENT = (("schema", "name", "rules"), ("otherwise", "manager_step", "delta_aware", "due"))
_RULE = (("id", "title", "when", "ask"), ("mode",))
_OTHERWISE = (("title", "ask"), ("mode",))
_ASK = ((), ("role", "person", "title", "n", "due"))
_DUE = (("standard", "critical"), ())


def validate(document: object) -> list[Problem]:
    """Every problem of the document, in its order; [] where it may be published. Never raises, whatever it is given."""
    check = _Check()
    check.document(document)
    return check.problems


def describe(condition: Mapping[str, Any]) -> str:
    """A valid condition as the second half of a sentence: "first-year cash is over 200,000 USD"."""
    if "any" in condition:
        return " or ".join(describe(each) for each in condition["any"])
    kind = CONDITIONS[condition["test"]]
    shown = {key: _grouped(value) for key, value in condition.items()}
    text = kind.words.format(**{**shown, "side": SIDES[condition.get("side", "either")]})
    if "percent" in kind.may_have and "percent" in condition:
        text += f" by more than {shown['percent']} %"
    if "up_to" in condition:
        text += f" {'and' if 'percent' in condition else 'by'} at most {shown['up_to']} %"
    if "up_to_amount" in condition:
        text += f" and at most {shown['up_to_amount']} {condition['currency']}"
    return text


def describe_rule(rule: Mapping[str, Any]) -> str:
    """A valid rule as one sentence: "Ask the account director, then the HR business partner, when pay is ..."."""
    mode = rule.get("mode", "sequential")
    who = (" and " if mode == "parallel" else ", then ").join(describe_ask(ask) for ask in rule["ask"])
    verb = f"Ask {who}" if mode != "advice" else f"Ask {who} for advice"
    when = ", and ".join(describe(each) for each in rule["when"])
    return f"{verb if rule['ask'] else 'Ask nobody else'}, when {when}."


def describe_ask(ask: Mapping[str, Any]) -> str:
    """Who is asked: "the HR business partner", by title where there is one: "the CFO", "2 of the finance leaders"."""
    who = ask.get("title") or ROLES.get(ask.get("role", ""), "named person")
    return f"{ask['n']} of the {who}s" if ask.get("n", 1) > 1 else f"the {who}"


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of a policy document. `validate` also checks what a schema cannot say."""
    conditions = [_schema_of(("test", *kind.needs), kind.may_have, test=test) for test, kind in CONDITIONS.items()]
    parts = {
        "condition": {"oneOf": conditions},
        "any": _schema_of(("any",), ()),
        "due": _schema_of(*_DUE),
        "ask": _schema_of(*_ASK) | {"oneOf": [{"required": ["role"]}, {"required": ["person"]}]},
        "otherwise": _schema_of(*_OTHERWISE),
        "rule": _schema_of(*_RULE),
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": parts} | _schema_of(*_DOCUMENT)


_ITEMS = {"rules": "rule", "ask": "ask", "any": "condition"}


def _schema_of(needs: tuple[str, ...], may_have: tuple[str, ...], test: str = "") -> dict[str, Any]:
    properties = {name: dict(FIELDS[name].schema) for name in needs + may_have}
    for name, schema in properties.items():
        if name in _ITEMS:
            schema["items"] = {"$ref": f"#/$defs/{_ITEMS[name]}"}
        if name == "when":
            schema["items"] = {"anyOf": [{"$ref": "#/$defs/condition"}, {"$ref": "#/$defs/any"}]}
        if name in ("due", "otherwise"):
            properties[name] = {"$ref": f"#/$defs/{name}"}
    if test:
        properties["test"] = {"const": test}
    return {"type": "object", "properties": properties, "required": list(needs), "additionalProperties": False}


def _grouped(value: object) -> object:
    return f"{Decimal(value):,f}" if isinstance(value, str) and value.replace(".", "").isdigit() else value


def _fits(value: object, schema: Mapping[str, Any]) -> bool:
    match schema.get("type"):
        case "string":
            return isinstance(value, str) and _text_fits(value, schema)
        case "integer":
            if isinstance(value, bool) or not isinstance(value, int):
                return False
            return bool(schema["minimum"] <= value <= schema["maximum"])
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list) and schema.get("minItems", 0) <= len(value) <= schema["maxItems"]
        case "object":
            return isinstance(value, Mapping)
    return any(type(value) is type(each) and value == each for each in schema["enum"])


def _text_fits(value: str, schema: Mapping[str, Any]) -> bool:
    try:
        value.encode()  # half a surrogate pair is text to JSON, but to no database
    except UnicodeEncodeError:
        return False
    return len(value) <= schema.get("maxLength", 1000) and re.fullmatch(schema.get("pattern", ".*"), value) is not None


def check_fields(
    value: object,
    where: str,
    known: Mapping[str, Field],
    needs: tuple[str, ...],
    may_have: tuple[str, ...],
    path: str = "",
) -> list[Problem]:
    """What is wrong with the fields of one group: unknown, unsound, then missing ones. Looks into no inner group."""
    if not isinstance(value, Mapping):
        return [Problem(path, f"{where}: is not a group of fields.")]
    problems = []
    for key, given in value.items():
        if key not in needs and key not in may_have:
            problems.append(Problem(_inner(path, key), f"{where}: “{key}” does not belong here."))
        elif not _fits(given, known[key].schema):
            message = f"{where}: {known[key].words} must be {known[key].must_be}."
            problems.append(Problem(_inner(path, key), message))
    missing = [key for key in needs if key not in value]
    return problems + [Problem(_inner(path, key), f"{where}: {known[key].words} is missing.") for key in missing]


def _inner(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


@dataclass(slots=True)
class _Check:
    """Walks a document and collects what is wrong. `where` is the place in words, `path` the place in JSON."""

    problems: list[Problem] = field(default_factory=list)

    def say(self, path: str, where: str, message: str) -> None:
        self.problems.append(Problem(path, f"{where}: {message}"))

    def fields(
        self, value: object, path: str, where: str, needs: tuple[str, ...], may_have: tuple[str, ...]
    ) -> Mapping[str, Any]:
        """The fields of `value` that are sound; all the others are reported."""
        found = check_fields(value, where, FIELDS, needs, may_have, path)
        self.problems += found
        wrong = {each.path for each in found}
        if not isinstance(value, Mapping):
            return {}
        return {key: given for key, given in value.items() if _inner(path, key) not in wrong}

    def document(self, value: object) -> None:
        sound = self.fields(value, "", "The policy", *_DOCUMENT)
        if "due" in sound:
            self.fields(sound["due"], "due", "The policy", *_DUE)
        seen: set[str] = set()
        for i, rule in enumerate(sound.get("rules", [])):
            self.rule(rule, i, seen)
        if "otherwise" in sound:
            rest = self.fields(sound["otherwise"], "otherwise", "Otherwise", *_OTHERWISE)
            self.asks(rest, "otherwise", "Otherwise")

    def rule(self, value: object, i: int, seen: set[str]) -> None:
        path = f"rules[{i}]"
        title = value.get("title") if isinstance(value, Mapping) else None
        where = f"Rule {i + 1}" + (f" “{title}”" if isinstance(title, str) else "")
        sound = self.fields(value, path, where, *_RULE)
        name = sound.get("id")
        if name in seen or name in ("otherwise", "manager-step"):
            self.say(f"{path}.id", where, f"the short name “{name}” is taken.")
        seen |= {name} if name else set()
        for j, item in enumerate(sound.get("when", [])):
            self.item(item, f"{path}.when[{j}]", f"{where}, condition {j + 1}")
        self.asks(sound, path, where)

    def item(self, value: object, path: str, where: str) -> None:
        if not (isinstance(value, Mapping) and "any" in value):
            return self.condition(value, path, where)
        for k, each in enumerate(self.fields(value, path, where, ("any",), ()).get("any", [])):
            self.condition(each, f"{path}.any[{k}]", f"{where}, alternative {k + 1}")

    def condition(self, value: object, path: str, where: str) -> None:
        test = value.get("test") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not isinstance(test, str) or test not in CONDITIONS:
            known = ", ".join(CONDITIONS)
            return self.say(f"{path}.test", where, f"what to test must be one of: {known}.")
        kind = CONDITIONS[test]
        sound = self.fields(value, path, where, ("test", *kind.needs), kind.may_have)
        for low, high in (("percent", "up_to"), ("amount", "up_to_amount")):
            if high in sound and Decimal(sound[high]) <= Decimal(sound.get(low, "0")):
                self.say(f"{path}.{high}", where, "the upper limit must be more than where the condition begins.")

    def asks(self, rule: Mapping[str, Any], path: str, where: str) -> None:
        asked = rule.get("ask", [])
        if rule.get("mode") == "advice" and "ask" in rule and not asked:
            self.say(f"{path}.ask", where, "advice needs somebody to give it.")
        for k, each in enumerate(asked):
            inner, place = f"{path}.ask[{k}]", f"{where}, person {k + 1} to ask"
            sound = self.fields(each, inner, place, *_ASK)
            if isinstance(each, Mapping) and ("role" in each) == ("person" in each):
                self.say(inner, place, "name either a role or a person.")
            if "person" in sound and sound.get("n", 1) > 1:
                self.say(f"{inner}.n", place, "one person can approve only once; name a role to ask for more.")
            if "due" in sound:
                self.fields(sound["due"], f"{inner}.due", place, *_DUE)
