"""What the outbox promises, under kill -9, refusals and hanging servers. `make faults` plays every case."""

import os
from collections.abc import Iterator

import pytest
from django.test import override_settings

from config.bench.place import own_client
from config.embedded import Services
from config.faults.cases import CASES
from config.faults.stage import Stage
from config.sink import listening

HERE = {  # without those that restart a service, which other tests use too, or take longer
    "killed_before_data",
    "killed_after_250",
    "smtp_hangs",
    "later_451",
    "refused_550",
    "one_of_three",
    "twenty_sweeps",
    "clock_a_day_forward",
    "clock_an_hour_back",
    "both_daylight_saving_nights",
}


@pytest.fixture
def stage(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    services = Services(
        os.environ["DATABASE_URL"], os.environ["CELERY_BROKER_URL"], home="", postgres_pid=0, valkey_pid=0
    )
    with listening() as sink, override_settings(**sink.settings), own_client() as (client, people):
        monkeypatch.setenv("EMAIL_URL", sink.url)
        monkeypatch.setenv("SECURE", "off")
        yield Stage(services, client, people, sink)


@pytest.mark.slow
def test_what_the_outbox_promises_holds_under_faults(stage: Stage) -> None:
    broken = {}
    for case in CASES:
        if case.name in HERE:
            stage.clear()
            found, held = case.play(stage)
            if not held:
                broken[case.fault] = found
    assert broken == {}


def test_every_fault_says_what_must_hold() -> None:
    assert {case.name for case in CASES} >= HERE
    assert all(case.fault and case.promise for case in CASES)
