"""A policy document is checked in words, whatever it holds."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policy_schema import Problem, describe_rule, json_schema, validate

TEMPLATE = Path(__file__).parents[2] / "governance/data/balanced.json"
BALANCED = json.loads(TEMPLATE.read_text(encoding="utf-8"))["approval_policy"]
PUBLISHED = jsonschema.Draft202012Validator(json_schema())
GAP = {"test": "gap_below", "percent": "5"}


def document(*when, **fields):
    rule = {"id": "low", "title": "Low pay", "when": list(when) or [GAP], "ask": [{"role": "hr_partner"}]}
    return {"schema": 1, "name": "Own", "rules": [{**rule, **fields}]}


def test_the_starting_template_may_be_published():
    assert validate(BALANCED) == []
    assert PUBLISHED.is_valid(BALANCED)


@pytest.mark.parametrize(
    ("wrong", "path", "message"),
    [
        (None, "", "The policy: is not a group of fields."),
        ({}, "schema", "The policy: the schema version is missing."),
        ({**document(), "schema": True}, "schema", "The policy: the schema version must be 1."),
        ({**document(), "name": " "}, "name", "The policy: the name must be one line of 1 to 200 characters."),
        ({**document(), "name": "a\x00b"}, "name", "The policy: the name must be one line of 1 to 200 characters."),
        ({**document(), "name": "\ud800"}, "name", "The policy: the name must be one line of 1 to 200 characters."),
        ({**document(), "colour": 1}, "colour", "The policy: “colour” does not belong here."),
        (
            {**document(), "due": {"standard": 0, "critical": 4}},
            "due.standard",
            "The policy: the hours for standard hires must be a whole number from 1 to 720.",
        ),
        (
            {**document(), "manager_step": "skip"},
            "manager_step",
            "The policy: the hiring manager's step must be verbal_counts, asked or none.",
        ),
        (
            {**document(), "delta_aware": "yes"},
            "delta_aware",
            "The policy: keeping approvals that did not get worse must be true or false.",
        ),
        ({**document(), "otherwise": {"title": "Else"}}, "otherwise.ask", "Otherwise: whom to ask is missing."),
        (document(id="Low"), "rules[0].id", None),
        (document(id="otherwise"), "rules[0].id", "Rule 1 “Low pay”: the short name “otherwise” is taken."),
        (document(mode="random"), "rules[0].mode", None),
        (document(when=[]), "rules[0].when", "Rule 1 “Low pay”: the conditions must be a list of 1 to 20."),
        (document(ask=[], mode="advice"), "rules[0].ask", "Rule 1 “Low pay”: advice needs somebody to give it."),
        (document(ask=[{"role": "boss"}]), "rules[0].ask[0].role", None),
        (
            document(ask=[{}]),
            "rules[0].ask[0]",
            "Rule 1 “Low pay”, person 1 to ask: name either a role or a person.",
        ),
        (document(ask=[{"role": "recruiter", "person": 3}]), "rules[0].ask[0]", None),
        (
            document(ask=[{"person": 3, "n": 2}]),
            "rules[0].ask[0].n",
            "Rule 1 “Low pay”, person 1 to ask: one person can approve only once; name a role to ask for more.",
        ),
        (document(ask=[{"role": "recruiter", "n": True}]), "rules[0].ask[0].n", None),
        (document(ask=[{"role": "recruiter", "due": {"standard": 8}}]), "rules[0].ask[0].due.critical", None),
        (document({"test": "mood"}), "rules[0].when[0].test", None),
        (document({"any": []}), "rules[0].when[0].any", None),
        (document({"any": [{"test": []}]}), "rules[0].when[0].any[0].test", None),
        (document({"any": [{"any": [GAP]}]}), "rules[0].when[0].any[0].test", None),
        (
            document({"test": "gap_below", "percent": 5.0}),
            "rules[0].when[0].percent",
            "Rule 1 “Low pay”, condition 1: the percentage must be "
            "a plain number such as 5 or 7.5, without a percent sign.",
        ),
        (document({"test": "gap_below", "percent": "5\n"}), "rules[0].when[0].percent", None),
        (document({"test": "gap_below", "percent": "٥"}), "rules[0].when[0].percent", None),
        (document({"test": "gap_below", "percent": "-5"}), "rules[0].when[0].percent", None),
        (
            document({"test": "gap_below"}),
            "rules[0].when[0].percent",
            "Rule 1 “Low pay”, condition 1: the percentage is missing.",
        ),
        (document({"test": "critical", "percent": "5"}), "rules[0].when[0].percent", None),
        (
            document({"test": "gap_below", "percent": "10", "up_to": "10"}),
            "rules[0].when[0].up_to",
            "Rule 1 “Low pay”, condition 1: the upper limit must be more than where the condition begins.",
        ),
        (document({"test": "sign_on_over", "amount": "1e5", "currency": "USD"}), "rules[0].when[0].amount", None),
        (document({"test": "sign_on_over", "amount": "100", "currency": "usd"}), "rules[0].when[0].currency", None),
        (document({"test": "clawback_under", "months": 0}), "rules[0].when[0].months", None),
        (document({"test": "outside_band", "side": "left"}), "rules[0].when[0].side", None),
    ],
)
def test_what_is_wrong_is_said_with_its_place(wrong, path, message):
    first = validate(wrong)[0]
    assert first.path == path
    assert message is None or first == Problem(path, message)


def test_two_rules_may_not_share_a_short_name():
    twice = document()
    twice["rules"] *= 2
    assert validate(twice) == [Problem("rules[1].id", "Rule 2 “Low pay”: the short name “low” is taken.")]


def test_every_problem_is_told_at_once():
    wrong = {**document({"test": "gap_below", "percent": "x"}, ask=[{"role": "boss"}]), "name": ""}
    assert [each.path for each in validate(wrong)] == ["name", "rules[0].when[0].percent", "rules[0].ask[0].role"]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(junk)
def test_no_junk_passes_and_none_breaks_the_check(value):
    assert validate(value)


@given(st.data(), junk)
def test_what_the_published_schema_refuses_the_check_reports(data, value):
    changed = copy.deepcopy(BALANCED)
    place = changed
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = value
    assert PUBLISHED.is_valid(changed) or validate(changed)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            BALANCED["rules"][1],
            "Ask the account director, then the HR business partner, when pay is more than 5 % below reference.",
        ),
        (
            BALANCED["rules"][8],
            "Ask the CFO and the CHRO, when first-year cash is over 350,000 USD.",
        ),
        (
            BALANCED["rules"][5],
            "Ask the finance leader, when pay is over the requisition's budget by at most 10 %.",
        ),
        (
            BALANCED["rules"][13],
            "Ask the account director for advice, when pay is more than 10 % below the candidate's stated expectation.",
        ),
        (
            document({"test": "always"}, ask=[{"role": "finance_leader", "n": 2}])["rules"][0],
            "Ask 2 of the finance leaders, when any offer is made.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, sentence):
    assert describe_rule(rule) == sentence
