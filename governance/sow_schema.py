"""The document of a statement of work: what it may say, its JSON Schema, and what is wrong with one, in words.

A document is JSON: {"schema": 1, "delivery", "embedded", "scope", "activities": {activity: {"party", "clause"}},
"final_authority", "fees"} and, where wanted, "hand_off" (for partial scope), "recruiters_may_grant" and "kpis". An
activity that nobody is named for stays free, and the readiness check says so. Numbers are strings of plain decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from governance.policy_schema import ROLES, Field, Problem, check_fields

PARTIES = {
    "provider": "the provider",
    "client_hr": "client HR",
    "finance": "client finance",
    "hiring_manager": "the hiring manager",
}
WORK = {
    "benchmarking": "compensation benchmarking",
    "first_draft": "first drafts of offers",
    "presenting": "presenting offers to candidates",
    "exceptions": "negotiating exceptions to bands and fees",
    "counter_offers": "counter-offers",
    "decline_capture": "capture of declines",
    "attrition_capture": "capture of early attrition",
}
APPROVALS = {
    "approval_hiring_manager": "the hiring manager's approval",
    "approval_account_director": "the account director's approval",
    "approval_hr_partner": "the HR business partner's approval",
    "approval_finance_leader": "the finance leader's approval",
    "approval_talent_leader": "the talent leader's approval",
}
ACTIVITIES = WORK | APPROVALS
DELIVERIES = {"programme": "Programme", "project": "Project"}
SCOPES = {"full": "Full: from verbal approval to the first day", "partial": "Partial: handed over on the way"}
HAND_OFFS = {
    "verbal_approval": "the verbal approval",
    "first_draft": "the first draft",
    "approval": "the last approval",
    "verbal_offer": "the verbal offer",
    "letter": "the letter",
    "acceptance": "the acceptance",
}
DUTIES = {
    "decline_reasons": "why offers were declined",
    "answer_dates": "when candidates answered",
    "start_dates": "first days at work",
    "attrition": "who left in the first year, when and why",
    "pay_references": "bands and benchmarks as they change",
}
FEES = {"management": "Monthly management fee", "success": "Success fee", "mixed": "Mixed"}
KPIS = {
    "acceptance_percent": "offers accepted, % of those answered",
    "attainment_percent": "verbal approval to letter in time, %",
    "standard_hours": "verbal approval to letter, standard hires, hours",
    "critical_hours": "verbal approval to letter, critical hires, hours",
    "capture_percent": "declines with a reason, %",
    "attrition_90_percent": "left within 90 days, at most %",
    "override_percent": "offers with an override, at most %",
}
HALF = Decimal(50)

_LINE = r"^[^\u0000-\u0020\u007f]([^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f])?$"
_PERCENT = {"type": "string", "pattern": r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$"}
_HOURS = {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,2})?$"}
_GROUP = {"type": "object"}


def _one_of(words: str, known: Mapping[str, Any]) -> Field:
    return Field(words, "one of: " + ", ".join(known), {"enum": list(known)})


FIELDS = {
    "schema": Field("the schema version", "1", {"enum": [1]}),
    "delivery": _one_of("programme or project", DELIVERIES),
    "embedded": Field("whether recruiters are embedded", "true or false", {"type": "boolean"}),
    "recruiters_may_grant": Field("whether recruiters may use a guardrail", "true or false", {"type": "boolean"}),
    "scope": _one_of("the scope", SCOPES),
    "hand_off": Field("the hand-off", "a group of fields", _GROUP),
    "after": _one_of("the hand-off point", HAND_OFFS),
    "to": _one_of("who takes over", PARTIES),
    "share": Field("the data to share", "a list of 1 to 5", {"type": "array", "minItems": 1, "maxItems": len(DUTIES)}),
    "within_days": Field(
        "the days to share them in", "a whole number from 1 to 90", {"type": "integer", "minimum": 1, "maximum": 90}
    ),
    "activities": Field("the activities", "a group of activities", _GROUP),
    "party": _one_of("the party", PARTIES),
    "clause": Field(
        "the clause",
        "one line of 1 to 80 characters, such as 4.2",
        {"type": "string", "maxLength": 80, "pattern": _LINE},
    ),
    "final_authority": Field("the final authority", "a group of fields", _GROUP),
    "role": _one_of("the role", ROLES),
    "title": Field(
        "the title", "one line of 1 to 60 characters", {"type": "string", "maxLength": 60, "pattern": _LINE}
    ),
    "fees": Field("the fees", "a group of fields", _GROUP),
    "model": _one_of("the fee model", FEES),
    "success_percent": Field(
        "the share of success fees", "a plain number from 0 to 100, without a percent sign", _PERCENT
    ),
    "kpis": Field("the targets", "a group of targets", _GROUP),
    **{
        name: Field(
            f"the target “{words}”",
            "a plain number from 0 to 100" if name.endswith("percent") else "a plain number of hours",
            _PERCENT if name.endswith("percent") else _HOURS,
        )
        for name, words in KPIS.items()
    },
}

_DOCUMENT = (
    ("schema", "delivery", "embedded", "scope", "activities", "final_authority", "fees"),
    ("hand_off", "recruiters_may_grant", "kpis"),
)
_GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "final_authority": (("role",), ("title", "clause")),
    "fees": (("model",), ("success_percent", "clause")),
    "hand_off": (("after", "to", "share"), ("within_days", "clause")),
    "kpis": ((), tuple(KPIS)),
}
_ACTIVITY = (("party",), ("clause",))
_WHERE = {
    "final_authority": "Final authority",
    "fees": "Fees",
    "hand_off": "Hand-off",
    "kpis": "Targets",
}


def validate(document: object) -> list[Problem]:
    """Every problem of the document; [] where it may be published. Never raises, whatever it is given."""
    problems = check_fields(document, "The statement of work", FIELDS, *_DOCUMENT)
    if not isinstance(document, Mapping):
        return problems
    for name, (needs, may_have) in _GROUPS.items():
        if isinstance(document.get(name), Mapping):
            problems += check_fields(document[name], _WHERE[name], FIELDS, needs, may_have, name)
    return problems + _activities(document.get("activities")) + _hand_off(document) + _fees(document.get("fees"))


def warnings(document: Mapping[str, Any]) -> list[str]:
    """What a valid document may say and yet be regretted: read before publishing, and on its page."""
    found = []
    fees = document.get("fees", {})
    share = Decimal(fees.get("success_percent") or 0)
    if fees.get("model") == "success" or share > HALF:
        found.append(
            "Success fees dominate: the provider earns by a quick signature, which speaks against advising to wait, to "
            "raise or to walk away. Let a management fee carry most of it, or tie the success fee to retention."
        )
    if document.get("delivery") == "project" and document.get("recruiters_may_grant"):
        found.append("Project recruiters may use a guardrail here: say in the clause for how long.")
    missing = [words for name, words in WORK.items() if name not in document.get("activities", {})]
    if missing:
        kept = " Bands and references stay with client HR." if WORK["benchmarking"] in missing else ""
        found.append(f"Nobody is named for {', '.join(missing)}: anybody whose role allows it may do it.{kept}")
    return found


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document; `validate` also checks what a schema cannot say."""
    groups = {name: _schema_of(*fields) for name, fields in _GROUPS.items()}
    groups["hand_off"]["properties"]["share"]["items"] = {"enum": list(DUTIES)}
    activity = _schema_of(*_ACTIVITY)
    groups["activities"] = {
        "type": "object",
        "properties": dict.fromkeys(ACTIVITIES, activity),
        "additionalProperties": False,
    }
    whole = _schema_of(*_DOCUMENT)
    whole["properties"] |= groups
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | whole


def _schema_of(needs: tuple[str, ...], may_have: tuple[str, ...]) -> dict[str, Any]:
    properties = {name: dict(FIELDS[name].schema) for name in needs + may_have}
    return {"type": "object", "properties": properties, "required": list(needs), "additionalProperties": False}


def _activities(found: object) -> list[Problem]:
    if not isinstance(found, Mapping):
        return []
    problems = []
    for name, given in found.items():
        if name not in ACTIVITIES:
            problems.append(Problem(f"activities.{name}", f"Activities: “{name}” is not known here."))
        else:
            words = ACTIVITIES[name]
            where = words[:1].upper() + words[1:]
            problems += check_fields(given, where, FIELDS, *_ACTIVITY, f"activities.{name}")
    return problems


def _hand_off(document: Mapping[str, Any]) -> list[Problem]:
    scope, given = document.get("scope"), document.get("hand_off")
    if scope == "partial" and given is None:
        return [Problem("hand_off", "Hand-off: partial scope needs its hand-off point and what is shared after it.")]
    if scope == "full" and given is not None:
        return [Problem("hand_off", "Hand-off: full scope has none; choose partial scope, or leave it out.")]
    if not isinstance(given, Mapping) or not isinstance(given.get("share"), list):
        return []
    strange = [each for each in given["share"] if not isinstance(each, str) or each not in DUTIES]
    if strange or len(set(given["share"])) < len(given["share"]):
        return [Problem("hand_off.share", f"Hand-off: what is shared must be of: {', '.join(DUTIES)}, each once.")]
    return []


def _fees(fees: object) -> list[Problem]:
    if not isinstance(fees, Mapping) or fees.get("model") not in FEES:
        return []
    mixed, given = fees["model"] == "mixed", "success_percent" in fees
    if mixed and not given:
        return [Problem("fees.success_percent", "Fees: say how much of a mixed fee depends on success, in percent.")]
    if given and not mixed:
        return [Problem("fees.success_percent", "Fees: only a mixed fee has a share of success fees.")]
    return []
