"""Documents as forms: what is not touched stays the same, and what is wrong is said at its field."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import guardrails, ladder
from governance.access import Role
from governance.business_time import WEEKDAYS
from governance.rule_forms.base import DocumentForm, Known
from governance.rule_forms.grants import GuardrailForm
from governance.rule_forms.hours import OverridesForm, WeekForm
from governance.rule_forms.ladders import EscalationPathForm, ServiceLevelForm
from governance.versions import starting_document
from tests.governance.filling import filled_in, untouched

FORMS = [WeekForm, OverridesForm, EscalationPathForm, ServiceLevelForm, GuardrailForm]
WEEK = {"mon": [["09:00", "12:00"], ["13:00", "24:00"]], "sat": [["00:00", "08:30"]]}
DAYS = {"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []}
PATH, LEVEL, GRANTS = (starting_document(key) for key in ("escalation_path", "service_level", "guardrails"))

minutes = st.integers(0, 24 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


def spans(least: int) -> st.SearchStrategy[Any]:
    """Spans of one day, in order and apart."""
    times = st.lists(minutes, unique=True, min_size=2 * least, max_size=6).map(sorted)
    return times.map(lambda found: [list(pair) for pair in zip(found[::2], found[1::2], strict=False)])


hours = st.lists(st.integers(1, ladder.YEAR), unique=True, min_size=1, max_size=3).map(sorted)
people = st.integers(1, 2**40).map(lambda number: {"person": number})
whom = st.one_of(
    st.sampled_from(ladder.WHO).map(lambda who: {"who": who}),
    st.sampled_from([*Role]).map(lambda role: {"role": role.value}),
    people,
)
addresses = st.sampled_from(["desk@example.org", "night@example.org"]).map(lambda address: {"address": address})
levels = st.builds(
    lambda named, written: {"owners": named + written},
    st.lists(whom, min_size=1, max_size=5), st.lists(addresses, max_size=2),
)  # fmt: skip
few = st.integers(1, 99)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "engagements": st.lists(st.sampled_from(["NB-1", "NB-2"]), unique=True, min_size=1),
        "business_units": st.lists(st.sampled_from(["Retail", "Risk, and audit"]), unique=True, min_size=1),
        "stages": st.sampled_from([["verbal_to_written"], [*ladder.ON_LADDER]]),
    },
).filter(bool)
paths = st.fixed_dictionaries(
    {
        "schema": st.just(1),
        "hours": st.sampled_from(["elapsed", "business"]),
        "thresholds": st.fixed_dictionaries({"standard": hours, "critical": hours}),
        "levels": st.lists(levels, min_size=3, max_size=4),
    },
    optional={
        "acknowledgement": st.fixed_dictionaries({"standard": few, "critical": few, "times": st.integers(1, 2)}),
        "applies_to": scopes,
        "retired": st.just(True),
    },
)
shares = st.decimals("0", "99", places=1).map(str)
grants = st.builds(
    lambda grant, cap: grant | cap,
    st.fixed_dictionaries(
        {"schema": st.just(1), **dict.fromkeys(guardrails._NEEDS[1:], shares)},
        optional={
            "leave_days": st.integers(0, 60), "home_days": st.just(True), "start_date": st.just(True),
        },
    ),
    st.sampled_from([{}, {"sign_on_cap": "5000", "currency": "EUR"}]),
) | st.none()  # fmt: skip
kinds = st.fixed_dictionaries({"embedded": grants, "project": grants, "union": grants})
families = st.dictionaries(st.sampled_from(["Engineers", "Sales"]), kinds, min_size=1)
documents = {
    WeekForm: st.dictionaries(st.sampled_from(WEEKDAYS), spans(1), min_size=1),
    OverridesForm: st.dictionaries(
        st.dates(date(2020, 1, 1), date(2100, 12, 31)).map(date.isoformat), spans(0), max_size=4
    ),
    EscalationPathForm: paths,
    GuardrailForm: kinds | st.builds(lambda own, more: {**own, "families": more}, kinds, families),
}


@pytest.mark.parametrize(
    ("kind", "document"),
    [(WeekForm, WEEK), (WeekForm, starting_document("calendar")["week"]), (OverridesForm, DAYS), (OverridesForm, {}),
     (EscalationPathForm, PATH), (ServiceLevelForm, LEVEL), (ServiceLevelForm, LEVEL | {"attainment_percent": 92.5}),
     (GuardrailForm, GRANTS)],
)  # fmt: skip
def test_what_is_saved_untouched_is_the_same_document(kind: type[DocumentForm], document: Any) -> None:
    form = filled_in(kind, document)
    assert not form.errors
    assert form.document() == document


@pytest.mark.parametrize("kind", documents, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_any_sound_document_comes_through_its_form_unchanged(kind: type[DocumentForm], data: st.DataObject) -> None:
    document = data.draw(documents[kind])
    form = filled_in(kind, document)
    assert not form.errors
    assert form.document() == document


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "document",
    [None, 5, "text", [], [{}], {"levels": 5}, {"levels": [5, {"owners": [5, {}]}], "thresholds": [1]},
     {"mon": [["09:00"], 5], "2026-12-24": 5}, {"embedded": 5, "families": {"x": 5}}, {"candidate_response": []}],
    ids=repr,
)  # fmt: skip
def test_a_document_that_cannot_be_read_still_opens_as_a_form(kind: type[DocumentForm], document: Any) -> None:
    form = kind(document=document)
    assert [str(field) for field in form]


@pytest.mark.parametrize(
    ("kind", "document", "changes", "words"),
    [
        (WeekForm, WEEK, {"mon_0_to": "25:00"}, {"mon_0_to": "is no time"}),
        (WeekForm, WEEK, {"mon_0_to": "24:30"}, {"mon_0_to": "is no time"}),
        (WeekForm, WEEK, {"mon_0_to": ""}, {"mon_0_to": "Say both"}),
        (WeekForm, WEEK, {"sat_0_from": "22:00"}, {"sat_0_to": "split a night in two"}),
        (WeekForm, WEEK, {"mon_1_from": "11:00"}, {"mon_1_from": "Two spans overlap at 11:00"}),
        (WeekForm, {}, {}, {"mon_0_from": "Open at least one day"}),
        (OverridesForm, DAYS, {"day_2_0_from": "09:00", "day_2_0_to": "10:00"}, {"day_2_date": "Say which day"}),
        (OverridesForm, DAYS, {"day_2_date": "2026-12-24"}, {"day_2_date": "stands here twice"}),
        (OverridesForm, DAYS, {"day_0_date": "tomorrow"}, {"day_0_date": "valid date"}),
        (EscalationPathForm, PATH, {"level_1_standard": "24"}, {"level_1_standard": "later than the level before"}),
        (EscalationPathForm, PATH, {"level_0_critical": ""}, {"level_0_critical": "A later level has hours"}),
        (EscalationPathForm, PATH, {"level_2_standard": "9000"}, {"level_2_standard": "less than or equal to 8760"}),
        (EscalationPathForm, PATH, {"level_3_standard": "96"}, {"level_3_owner_0": "at least one"}),
        (EscalationPathForm, PATH, {"level_3_owner_0": "role:king"}, {"level_3_owner_0": "not one of the available"}),
        (EscalationPathForm, PATH, {"level_0_addresses": "desk"}, {"level_0_addresses": "“desk” is not an e-mail"}),
        (EscalationPathForm, PATH, {"hold_times": ""}, {"hold_times": "Give all three"}),
        (ServiceLevelForm, LEVEL, {"challenge_critical": "0"}, {"challenge_critical": "greater than or equal to 1"}),
        (ServiceLevelForm, LEVEL, {"approval_step_standard": ""}, {"approval_step_standard": "required"}),
        (ServiceLevelForm, LEVEL, {"remind_days_before": "5"}, {"remind_days_before": "inside the time to answer"}),
        (ServiceLevelForm, LEVEL, {"working_days": "366"}, {"working_days": "less than or equal to 365"}),
        (EscalationPathForm, PATH, {"business_units": "Risk\n" + "x" * 81}, {"business_units": "at most 80"}),
        (OverridesForm, DAYS, {"day_0_date": "0001-01-01"}, {"day_0_date": "years 1950 to 2100"}),
        (GuardrailForm, GRANTS, {"embedded_currency": "NAN"}, {"embedded_currency": "currency NAN is not known"}),
        (ServiceLevelForm, LEVEL, {"attainment_percent": "0"}, {"attainment_percent": "greater than or equal to 0.01"}),
        (ServiceLevelForm, LEVEL, {"attainment_percent": "100.5"}, {"attainment_percent": "less than or equal to 100"}),
        (ServiceLevelForm, LEVEL, {"attainment_percent": "NaN"}, {"attainment_percent": "Enter a number"}),
        (GuardrailForm, GRANTS, {"embedded_base_percent": "5 %"}, {"embedded_base_percent": "without a percent sign"}),
        (GuardrailForm, GRANTS, {"embedded_currency": ""}, {"embedded_currency": "go together"}),
        (GuardrailForm, GRANTS, {"embedded_leave_days": "61"}, {"embedded_leave_days": "less than or equal to 60"}),
        (GuardrailForm, GRANTS, {"own_0_home_days": True}, {"own_0_family": "Say which role family"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    kind: type[DocumentForm], document: Any, changes: dict[str, Any], words: dict[str, str]
) -> None:
    errors = filled_in(kind, document, **changes).errors
    assert {name for name in words if words[name] in errors.get(name, [""])[0]} == set(words)


def test_times_are_taken_as_people_type_them() -> None:
    form = filled_in(WeekForm, WEEK, mon_0_from="9", mon_0_to="1200", sat_0_to="8.30")
    assert not form.errors
    assert form.document() == WEEK


def test_a_day_is_taken_out_with_its_hours_and_the_others_stay() -> None:
    form = filled_in(OverridesForm, DAYS, day_0_remove=True)
    assert not form.errors
    assert form.document() == {"2026-12-31": []}


def test_a_level_that_is_emptied_is_gone_and_the_later_ones_move_up() -> None:
    emptied = {"level_1_standard": "", "level_1_critical": "", **{f"level_1_owner_{slot}": "" for slot in range(3)}}
    form = filled_in(EscalationPathForm, PATH, **emptied)
    assert not form.errors
    assert form.document()["levels"] == [PATH["levels"][0], PATH["levels"][2]]
    assert form.document()["thresholds"]["standard"] == [24, 72]


def test_a_block_that_is_emptied_grants_nothing() -> None:
    form = filled_in(GuardrailForm, GRANTS, **{f"union_{key}": "" for key in guardrails._NEEDS[1:]})
    assert not form.errors
    assert form.document() == GRANTS | {"union": None}


def test_a_member_is_chosen_by_name_and_kept_after_they_have_left() -> None:
    held = PATH | {"levels": [{"owners": [{"person": 7}]}] * 3}
    sent = untouched(EscalationPathForm, held, level_1_owner_0="person:8")
    form = EscalationPathForm(sent, document=held, known=Known(people=[(8, "Dana Lee")]))
    assert not form.errors
    assert [owner for level in form.document()["levels"] for owner in level["owners"]] == [
        {"person": 7}, {"person": 8}, {"person": 7},
    ]  # fmt: skip


def test_a_member_who_is_neither_known_nor_named_before_is_refused() -> None:
    form = filled_in(EscalationPathForm, PATH, level_0_owner_0="person:8")
    assert [*form.errors] == ["level_0_owner_0"]
