"""The builder's engines: a rule as a form and back, sentences, differences, what speaks against publishing."""

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.builder import codec, sentences, vocabulary
from governance.builder.checks import Verdict, check
from governance.builder.differences import differences
from governance.builder.logic import contradiction, implies
from governance.builder.sheet import Sheet, changed
from governance.business_time import Calendar
from governance.policy_schema import CONDITIONS, FIELDS, MANAGER_STEPS, MODES, ROLES, SIDES, Problem, validate
from governance.programme import Member, Programme

NAMES = {7: "Ada Lund"}
HR, FINANCE = {"role": "hr_partner"}, {"role": "finance_leader"}
CASH = {"test": "first_year_cash_over", "amount": "200000", "currency": "USD"}
GAP = {"test": "gap_below", "percent": "5"}


def rule(*when: Any, ask: Any = (HR,), **more: Any) -> dict[str, Any]:
    return {"id": "low", "title": "Low pay", "when": list(when) or [GAP], "ask": list(ask), **more}


def document(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"schema": 1, "name": "Own", "rules": [*rules], **more}


# --- documents of every shape

TEXT = st.from_regex(FIELDS["title"].schema["pattern"], fullmatch=True).filter(
    lambda text: len(text) <= 60 and not any("\ud800" <= each <= "\udfff" for each in text)
)
PERCENT = st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,6})?", fullmatch=True)
VALUES = {
    "percent": PERCENT,
    "below": PERCENT,
    "above": PERCENT,
    "up_to": PERCENT,
    "amount": st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,3})?", fullmatch=True),
    "up_to_amount": st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,3})?", fullmatch=True),
    "currency": st.from_regex("[A-Z]{3}", fullmatch=True),
    "months": st.integers(1, 60),
    "side": st.sampled_from(list(SIDES)),
}
DUE = st.fixed_dictionaries({"standard": st.integers(1, 720), "critical": st.integers(1, 720)})


@st.composite
def conditions(draw: Any) -> dict[str, Any]:
    test = draw(st.sampled_from(list(CONDITIONS)))
    kind = CONDITIONS[test]
    optional = [key for key in kind.may_have if draw(st.booleans())]
    found = {"test": test} | {key: draw(VALUES[key]) for key in (*kind.needs, *optional)}
    return {key: value for key, value in found.items() if not (key.startswith("up_to") and not above(found, key))}


def above(condition: dict[str, Any], key: str) -> bool:
    low = condition.get("amount" if key == "up_to_amount" else "percent", "0")
    return float(condition[key]) > float(low)


ITEMS = st.one_of(conditions(), st.lists(conditions(), min_size=1, max_size=3).map(lambda found: {"any": found}))
ASKS = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(list(ROLES))}, optional={"title": TEXT, "n": st.integers(1, 20), "due": DUE}
    ),
    st.fixed_dictionaries({"person": st.integers(1, 2**63 - 1)}, optional={"title": TEXT, "n": st.just(1), "due": DUE}),
)
IDS = st.from_regex("[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
RULES = st.fixed_dictionaries(
    {"id": IDS, "title": TEXT, "when": st.lists(ITEMS, min_size=1, max_size=4), "ask": st.lists(ASKS, max_size=3)},
    optional={"mode": st.sampled_from(MODES)},
).filter(lambda found: found["ask"] or found.get("mode") != "advice")
OTHERWISE = st.fixed_dictionaries(
    {"title": TEXT, "ask": st.lists(ASKS, min_size=1, max_size=2)}, optional={"mode": st.sampled_from(MODES)}
)
DOCUMENTS = st.fixed_dictionaries(
    {"schema": st.just(1), "name": TEXT, "rules": st.lists(RULES, max_size=3, unique_by=lambda each: each["id"])},
    optional={
        "otherwise": OTHERWISE,
        "manager_step": st.sampled_from(MANAGER_STEPS),
        "delta_aware": st.booleans(),
        "due": DUE,
    },
).filter(lambda found: not validate(found))


@given(DOCUMENTS)
def test_a_document_comes_back_from_its_forms_as_it_was(held: dict[str, Any]) -> None:
    back = {"schema": 1, "rules": [codec.rule_of(codec.fields_of(each)) for each in held["rules"]]}
    back |= codec.settings_of(codec.settings_fields(held))
    if rest := held.get("otherwise"):
        back["otherwise"] = {"title": rest["title"], **codec.asks_of(codec.fields_of_asks(rest))}
    assert back == held


@given(DOCUMENTS)
def test_every_sound_rule_is_said_in_one_sentence(held: dict[str, Any]) -> None:
    for each in held["rules"]:
        said = sentences.rule_sentence(each, NAMES)
        assert said.startswith("Ask ")
        assert said.endswith(".")
        # The brace of a title, as in "{ w", is its writer's; any other is a place of ours left unfilled.
        assert said.count("{") <= sum(asked.get("title", "").count("{") for asked in each["ask"])


@given(DOCUMENTS)
def test_a_document_does_not_differ_from_itself(held: dict[str, Any]) -> None:
    assert differences(held, copy.deepcopy(held), NAMES) == []


@given(DOCUMENTS, DOCUMENTS)
def test_documents_that_differ_are_said_to(old: dict[str, Any], new: dict[str, Any]) -> None:
    spelt_out = {"manager_step": "verbal_counts", "delta_aware": False, "due": {"standard": 8, "critical": 4}}
    assert bool(differences(old, new, NAMES)) == ({**spelt_out, **old} != {**spelt_out, **new})


# --- words


def test_every_condition_is_offered_once() -> None:
    offered = [test for _, group in vocabulary.choices() for test, _ in group]
    assert sorted(offered) == sorted(CONDITIONS)


def test_every_field_of_every_condition_has_a_label() -> None:
    assert {key for kind in CONDITIONS.values() for key in (*kind.needs, *kind.may_have)} == vocabulary.LABELS.keys()


@pytest.mark.parametrize("test", CONDITIONS)
def test_every_condition_makes_a_sentence(test: str) -> None:
    values = {"currency": "USD", "months": 12, "side": "above", "amount": "200000"}
    condition = {"test": test} | {key: values.get(key, "5") for key in CONDITIONS[test].needs}
    said = sentences.rule_sentence(rule(condition), NAMES)
    assert re.fullmatch(r"Ask the HR business partner when [^{}]+\.", said)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (rule(CASH, ask=[FINANCE]), "Ask the finance leader when first-year cash is over 200,000 USD."),
        (
            rule(ask=[{"person": 7}, {"person": 8}]),
            "Ask Ada Lund, then somebody who has left when pay is more than 5 % below reference.",
        ),
        (
            rule({"any": [{"test": "equity"}, {"test": "critical"}]}, ask=[{**FINANCE, "n": 2}, HR], mode="parallel"),
            "Ask 2 of the finance leaders and the HR business partner "
            "when either there is any equity or the hire is critical.",
        ),
        (
            rule(ask=[{**HR, "due": {"standard": 4, "critical": 2}}], mode="advice"),
            "Ask the HR business partner (within 4 h, critical 2 h) for advice "
            "when pay is more than 5 % below reference.",
        ),
        (rule(ask=[]), "Ask nobody else when pay is more than 5 % below reference."),
        ({"id": 5}, "This rule is not complete yet."),
        (None, "This rule is not complete yet."),
    ],
)
def test_a_rule_reads_as_people_say_it(held: Any, said: str) -> None:
    assert sentences.rule_sentence(held, NAMES) == said


# --- bad input


@pytest.mark.parametrize("test", CONDITIONS)
def test_bad_input_is_named_at_its_own_field(test: str) -> None:
    kind = CONDITIONS[test]
    for key in (*kind.needs, *kind.may_have):
        for bad in ("-1", "1e3", "200,000", "5 %", "٥", "NaN?", "x" * 40):
            good = {"currency": "USD", "months": "12", "percent": "5", "amount": "5", "side": "above"}
            fields = {f"when-0-0-{each}": good.get(each, "6") for each in kind.needs}
            fields |= {"title": "T", "id": "t", "when-0-0-test": test, "ask-0-who": "role:hr_partner"}
            found = validate(document(codec.rule_of({**fields, f"when-0-0-{key}": bad})))
            assert [codec.field_at(each.path.removeprefix("rules[0].")) for each in found] == [f"when-0-0-{key}"], bad


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"id": "Not Good"}, "id"),
        ({"title": "x" * 201}, "title"),
        ({"mode": "random"}, "mode"),
        ({"when-0-0-test": "mood"}, "when-0-0-test"),
        ({"when-0-0-test": ""}, "when-0-0-test"),
        ({"when-0-1-test": "gap_above", "when-0-1-percent": "many"}, "when-0-1-percent"),
        ({"when-0-0-percent": ""}, "when-0-0-percent"),
        ({"ask-0-who": ""}, "ask-0-who"),
        ({"ask-0-who": "role:boss"}, "ask-0-who"),
        ({"ask-0-who": "person:me"}, "ask-0-who"),
        ({"ask-0-n": "0"}, "ask-0-n"),
        ({"ask-0-n": "two"}, "ask-0-n"),
        ({"ask-0-title": "a\x00b"}, "ask-0-title"),
        ({"ask-0-standard": "8"}, "ask-0-critical"),
        ({"ask-0-standard": "721", "ask-0-critical": "4"}, "ask-0-standard"),
    ],
)
def test_what_is_wrong_is_shown_beside_its_field_and_kept(fields: dict[str, str], at: str) -> None:
    sound = codec.fields_of(rule())
    found = codec.rule_of({**sound, **fields})
    problems = [Problem(p.path.removeprefix("rules[0]."), p.message) for p in validate(document(found))]
    sheet = Sheet(found, names=NAMES, holders={}, problems=problems)
    assert list(sheet.faults) == [at]
    assert sheet.summary[0][1].startswith("Rule 1")
    assert {key: sheet.values.get(key, "") for key in fields} == fields


def test_a_place_with_colons_and_quotations_in_it_is_not_taken_for_the_fault() -> None:
    found = rule({"test": "gap_below"}, title="Sign-on: “high”: yes")
    problems = [Problem(p.path.removeprefix("rules[0]."), p.message) for p in validate(document(found))]
    sheet = Sheet(found, names=NAMES, holders={}, problems=problems)
    assert sheet.faults == {"when-0-0-percent": ["The percentage is missing."]}


# --- the buttons


@pytest.mark.parametrize(
    ("do", "when", "ask"),
    [
        ("add-condition", [GAP, {"test": ""}], [HR, FINANCE]),
        ("add-alternative:0", [{"any": [GAP, {"test": ""}]}], [HR, FINANCE]),
        ("remove-condition:0:0", [], [HR, FINANCE]),
        ("add-ask", [GAP], [HR, FINANCE, {}]),
        ("remove-ask:0", [GAP], [FINANCE]),
        ("ask-up:1", [GAP], [FINANCE, HR]),
        ("ask-up:0", [GAP], [HR, FINANCE]),
        ("remove-ask:9", [GAP], [HR, FINANCE]),
        ("fill:0:0", [GAP], [HR, FINANCE]),
        ("nonsense:x", [GAP], [HR, FINANCE]),
    ],
)
def test_a_button_changes_what_it_names_and_nothing_else(do: str, when: Any, ask: Any) -> None:
    found, _ = changed(rule(ask=[HR, FINANCE]), do)
    assert (found["when"], found["ask"]) == (when, ask)


def test_of_two_alternatives_the_one_that_is_left_is_a_plain_condition() -> None:
    found, _ = changed(rule({"any": [GAP, CASH]}), "remove-condition:0:0")
    assert found["when"] == [CASH]


# --- differences


def test_a_changed_rule_is_told_field_by_field() -> None:
    old = rule(CASH, ask=[FINANCE])
    new = rule({**CASH, "amount": "150000"}, ask=[{**FINANCE, "n": 2}, HR], mode="parallel", title="Much cash")
    (change,) = differences(document(old), document(new), NAMES)
    assert change.kind == "changed"
    assert change.details == (
        "Title: “Low pay” is now “Much cash”.",
        "Condition: “first-year cash is over 200,000 USD” is now “first-year cash is over 150,000 USD”.",
        "Asked no longer: the finance leader.",
        "Asked as well: 2 of the finance leaders.",
        "Asked as well: the HR business partner.",
        "Order of asking: “One after the other” is now “All at the same time”.",
    )


def test_rules_that_came_went_and_moved_are_told_apart() -> None:
    one, two, three = (rule(id=name, title=name) for name in ("one", "two", "three"))
    four = rule(id="four", title="four")
    found = differences(document(one, two, three), document(three, one, four), NAMES)
    assert {(change.kind, change.title) for change in found} == {
        ("moved", "three"),
        ("added", "four"),
        ("removed", "two"),
    }


@pytest.mark.parametrize("broken", [None, [], {}, {"rules": 5}, {"rules": [5, {"id": []}], "due": 3, "otherwise": 1}])
def test_a_document_that_is_none_can_still_be_compared(broken: Any) -> None:
    assert differences(broken, document(rule()), NAMES)
    assert differences(document(rule()), broken, NAMES)


# --- what excludes and implies what


@pytest.mark.parametrize(
    "when",
    [
        [GAP, {"test": "gap_above", "percent": "5"}],
        [GAP, {"test": "reference_unknown"}],
        [GAP, {"test": "gap_within", "below": "5", "above": "10"}],
        [{"test": "inside_band"}, {"test": "outside_band"}],
        [{"test": "outside_band", "side": "below"}, {"test": "outside_band", "side": "above"}],
        [{"test": "over_budget", "up_to": "10"}, {"test": "over_budget", "percent": "10"}],
        [{"test": "over_budget"}, {"test": "within_budget"}],
        [{**CASH, "up_to_amount": "350000"}, {**CASH, "amount": "350000"}],
        [{"test": "standard_letter"}, {"test": "non_standard_letter"}],
        [{"any": [{"test": "no_band"}, {"test": "inside_band"}]}, {"test": "outside_band"}],
    ],
)
def test_conditions_that_exclude_each_other_are_found(when: list[Any]) -> None:
    assert contradiction(rule(*when))


@pytest.mark.parametrize(
    "when",
    [
        [GAP, {"test": "gap_within", "below": "5.01", "above": "10"}],
        [GAP, {"test": "gap_below", "percent": "3", "up_to": "10"}],
        [{"test": "outside_band"}, {"test": "outside_band", "side": "above"}],
        [CASH, {**CASH, "currency": "EUR", "amount": "1", "up_to_amount": "2"}],
        [{"any": [{"test": "no_band"}, {"test": "outside_band"}]}, {"test": "outside_band"}],
        [{"test": "reference_unknown"}, {"test": "reference_stale"}],
    ],
)
def test_conditions_that_can_hold_together_are_let_be(when: list[Any]) -> None:
    assert contradiction(rule(*when)) is None


@pytest.mark.parametrize(
    ("one", "other", "holds"),
    [
        ({"test": "gap_below", "percent": "10"}, GAP, True),
        (GAP, {"test": "gap_below", "percent": "10"}, False),
        (GAP, {"test": "always"}, True),
        (GAP, {"any": [CASH, GAP]}, True),
        ({"any": [CASH, GAP]}, GAP, False),
        ({"test": "reference_stale"}, {"test": "reference_unknown"}, True),
        ({"test": "outside_band", "side": "above"}, {"test": "outside_band"}, True),
        ({"test": "outside_band", "side": "above"}, {"test": "outside_band", "percent": "5"}, False),
        ({**CASH, "amount": "350000"}, CASH, True),
        ({**CASH, "currency": "EUR"}, CASH, False),
        ({"test": "critical"}, {"test": "equity"}, False),
    ],
)
def test_what_implies_what_is_told_by_numbers(one: Any, other: Any, holds: bool) -> None:
    assert implies(one, other) is holds


# --- what speaks against publishing


def programme(*members: Member) -> Programme:
    calendar = Calendar(tz="UTC", week={"mon": [("09:00", "17:00")]}, holidays=set(), overrides={})
    return Programme(1, "UTC", None, None, None, None, calendar, members)


STAFF = programme(Member(7, "hr_partner", "", None), Member(8, "finance_leader", "CFO", None))


def said(verdict: Verdict) -> tuple[list[str], list[str]]:
    return [each.message for each in verdict.refusals], [each.message for each in verdict.warnings]


def judged(*rules: Any, **more: Any) -> tuple[list[str], list[str]]:
    return said(check(document(*rules, **more), STAFF, NAMES, {"USD"}))


def test_nothing_speaks_against_a_policy_that_works() -> None:
    assert judged(rule(), rule(CASH, id="cash", title="Cash", ask=[FINANCE])) == ([], [])


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (rule(ask=[{"role": "talent_leader"}]), "asks the talent leader, and nobody active holds that role here"),
        (rule(ask=[{**HR, "n": 2}]), "asks 2 of the HR business partners, and only 1 person here is one"),
        (rule(ask=[{"person": 99}]), "asks somebody who has left, who is no active member of this client"),
        (rule(GAP, {"test": "reference_unknown"}), "can never hold: “pay is more than 5 % below reference” and"),
        (rule(when=[]), "the conditions must be a list of 1 to 20"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_by_name(held: Any, words: str) -> None:
    (refusal,), _ = judged(held)
    assert "“Low pay”" in refusal
    assert words in refusal


def test_an_empty_role_of_otherwise_is_refused_too() -> None:
    (refusal,), _ = judged(rule(), otherwise={"title": "Rest", "ask": [{"role": "auditor"}]})
    assert refusal.startswith("“Otherwise” asks the auditor")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([rule(), rule(id="b", title="B", ask=[FINANCE])], "“B” has the same conditions as “Low pay”"),
        ([rule(ask=[HR, HR])], "asks the HR business partner twice"),
        ([rule(ask=[{**HR, "title": "Head of rewards"}])], "asks the Head of rewards, a title that nobody holds here"),
        (
            [rule(), rule({"test": "gap_below", "percent": "10"}, id="b", title="B")],
            "“B” never asks anybody new: “Low pay” holds whenever it does",
        ),
        ([rule({**CASH, "currency": "EUR"})], "states an amount in EUR, for which no exchange rate is kept"),
        ([], "Nobody but the hiring manager is ever asked"),
    ],
)
def test_what_may_not_be_meant_is_warned_of(rules: list[Any], words: str) -> None:
    refusals, warnings = judged(*rules)
    assert refusals == []
    assert [warning for warning in warnings if words in warning]


def test_a_later_rule_that_wants_more_is_not_called_needless() -> None:
    stricter = rule({"test": "gap_below", "percent": "10"}, id="b", ask=[{**HR, "due": {"standard": 1, "critical": 1}}])
    assert judged(rule(), stricter) == ([], [])
