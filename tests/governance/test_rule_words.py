"""The documents of rules, said as tables: what the starting template means, in words."""

from governance import rule_words
from governance.versions import starting_document


def test_a_service_level_says_hours_by_stage_and_priority() -> None:
    table = rule_words.of_service_level(starting_document("service_level"))
    assert table.rows[0] == ("Verbal approval to letter", "48 h", "24 h")
    assert len(table.rows) == len(rule_words.STAGES)


def test_a_service_level_without_a_reminder_says_so() -> None:
    document = {"candidate_response": {"working_days": 5}}
    assert rule_words.of_service_level(document).notes == (
        "The candidate has 5 working days to answer, without a reminder.",
    )


def test_an_escalation_path_says_who_hears_after_how_many_hours() -> None:
    table = rule_words.of_escalation_path(starting_document("escalation_path"))
    assert table.rows[0] == ("Level 1", "24 h", "8 h", "Whoever holds the offer and Coordinator")


def test_a_path_of_fewer_thresholds_than_levels_leaves_the_rest_open() -> None:
    document = {"levels": [{"owners": [{"person": 7}]}] * 2, "thresholds": {"standard": [24], "critical": [8, 16]}}
    assert rule_words.of_escalation_path(document).rows[1] == ("Level 2", "–", "16 h", "a named person")


def test_a_guardrail_says_each_limit_beside_its_kind_and_who_has_none() -> None:
    grant = {"schema": 1, "base_percent": "5", "sign_on_cap": "5000", "currency": "EUR", "home_days": False}
    table = rule_words.of_guardrail({"project": None, "embedded": grant, "families": {"Engineers": {"union": grant}}})
    assert table.head == ("May move by at most", "Embedded", "Project", "Engineers, union")
    assert table.rows == (
        ("Base", "5 %", "–", "5 %"),
        ("Sign-on, at most", "5,000 EUR", "–", "5,000 EUR"),
        ("Home-working days", "no", "–", "no"),
    )
    assert table.notes == ("Project: nothing without asking.",)


def test_a_week_says_every_day_and_the_days_that_differ_say_theirs() -> None:
    week = rule_words.of_week({"mon": [["09:00", "12:00"], ["13:00", "24:00"]]})
    assert week.rows[0] == ("Monday", "09:00 to 12:00, 13:00 to 24:00")
    assert week.rows[6] == ("Sunday", "closed")
    days = rule_words.of_overrides({"2026-12-31": [], "2026-12-04": [["09:00", "12:00"]]})
    assert days.rows == (("4 Dec 2026", "09:00 to 12:00"), ("31 Dec 2026", "closed"))
    assert rule_words.of_overrides({}).notes == ("No day differs from the week.",)
