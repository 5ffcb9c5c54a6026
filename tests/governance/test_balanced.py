"""The starting template says what the specification says, in documents that may be published."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from governance import guardrails, ladder, policy
from governance.business_time import Calendar, add_business_time

BALANCED = json.loads((Path(__file__).parents[2] / "governance/data/balanced.json").read_text(encoding="utf-8"))


def test_every_document_may_be_published():
    assert policy.validate(BALANCED["approval_policy"]) == []
    assert ladder.validate_path(BALANCED["escalation_path"]) == []
    assert ladder.validate_service_level(BALANCED["service_level"]) == []
    assert [guardrails.validate(BALANCED["guardrails"][kind]) for kind in ("embedded", "union")] == [[], []]


def test_only_embedded_recruiters_may_move():
    rails = BALANCED["guardrails"]
    assert guardrails.read(rails["embedded"], "USD", {}) == guardrails.Guardrail(
        Decimal(5), Decimal(5), Decimal(5000), Decimal(7), Decimal(5), home_days=True, start_date=True
    )
    assert rails["project"] is None
    assert guardrails.read(rails["union"], "USD", {}) == guardrails.Guardrail(Decimal(0), Decimal(0), None, Decimal(0))


def test_the_ladder_runs_at_24_48_and_72_hours_and_critical_sooner():
    path = BALANCED["escalation_path"]
    assert ladder.thresholds(path, "standard") == [24, 48, 72]
    assert ladder.thresholds(path, "critical") == [8, 16, 24]


def test_the_week_is_open_around_the_clock_from_monday_to_friday():
    week = {day: [tuple(span) for span in spans] for day, spans in BALANCED["calendar"]["week"].items()}
    calendar = Calendar(tz="America/New_York", week=week, holidays=set(), overrides={})
    friday = datetime(2026, 11, 6, 17, tzinfo=UTC)  # noon in New York
    assert add_business_time(friday, timedelta(hours=13), calendar) == datetime(2026, 11, 9, 6, tzinfo=UTC)
