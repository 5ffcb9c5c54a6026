"""References that grow too old: owners hear ahead, once a set, and not where newer values are in."""

from datetime import timedelta

import pytest

from governance.access import Role
from governance.models import Benchmark, JobMatch
from offers.mail import Dropped, render
from offers.mail_rows import fetch
from offers.models import OutboxMessage
from offers.staleness import warn_of_stale
from tests import factories


def aged(desk, days):
    Benchmark.objects.update(as_of=desk.now.date() - timedelta(days=days))
    return warn_of_stale(now=desk.now)


@pytest.mark.parametrize(("days", "due"), [(669, 0), (670, 1), (731, 1)])
def test_owners_are_mailed_from_60_days_before_it_is_stale_once_a_set(desk, days, due):
    assert aged(desk, days) == due
    warn_of_stale(now=desk.later(hours=1))
    assert OutboxMessage.objects.filter(kind="reference_stale").count() == due
    assert desk.mailed("reference_stale") <= {desk.people[Role.HR_PARTNER]}


def test_a_source_that_no_match_uses_is_nobodys_worry(desk):
    JobMatch.objects.all().delete()
    assert aged(desk, 700) == 0


def test_the_mail_says_until_when_and_is_dropped_once_newer_values_are_in(desk):
    aged(desk, 700)
    found = OutboxMessage.objects.select_related("client", "user").get(kind="reference_stale")
    mail = render(found, fetch([found], now=desk.now))
    assert mail.subject == f"Soon too old: values of {desk.match.source} of 24 Dec 2024"
    assert "From the day after 24 Dec 2026 they count as unknown" in mail.text
    factories.BenchmarkFactory(source=desk.match.source, as_of=desk.now.date())
    assert isinstance(render(found, fetch([found], now=desk.now)), Dropped)
