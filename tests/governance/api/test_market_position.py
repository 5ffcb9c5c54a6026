"""market-position, and the command that prices a list by the same rules."""

import gzip
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance import pricing
from governance.access import Role
from governance.market import position
from governance.pricing import Asked, price
from tests import factories
from tests.program import error

ASKED = {"role_code": "15-1252", "location": "35620", "amount": "97000", "currency": "USD", "period": "year"}
CELLS = {10: Decimal(70_000), 25: Decimal(85_000), 50: Decimal(100_000), 75: Decimal(120_000), 90: Decimal(150_000)}


@pytest.fixture
def source(client_a):
    return factories.MarketSourceFactory(client=client_a, name="Census")


@pytest.fixture
def publish(source):
    def publish(**fields):
        today = timezone.localdate() - timedelta(days=2)
        return factories.BenchmarkFactory(
            **{"source": source, "role_code": "15-1252", "location": "35620", "as_of": today, **fields}
        )

    return publish


@pytest.fixture
def ask(api, member, client_a):
    program = api(member(Role.RECRUITER), client_a)

    def ask(**fields):
        asked = {**ASKED, "source": "Census", **fields}
        return program.get("market-position", **{name: value for name, value in asked.items() if value is not None})

    return ask


def test_a_published_amount_is_placed_exactly(ask, publish):
    row = publish(role_title="Developers", location_name="New York")
    expected = position(CELLS, Decimal(97_000))
    assert ask().json() == {
        "known": True,
        "bracket": "p25-p50",
        "market_ratio": "0.97",
        "at_least": False,
        "percentile_low": 25,
        "percentile_high": 50,
        "benchmark": {
            "source": "Census",
            "role_code": "15-1252",
            "role_title": "Developers",
            "location": "35620",
            "location_name": "New York",
            "national": False,
            "currency": "USD",
            "period": "year",
            "as_of": row.as_of.isoformat(),
            "target_percentile": 50,
            **{f"p{percent}": {"amount": f"{cell}.00", "currency": "USD"} for percent, cell in CELLS.items()},
            "note": "",
        },
        "stale": False,
        "top_coded": False,
    }
    assert (expected.bracket, str(expected.market_ratio)) == ("p25-p50", "0.97")


def test_without_a_source_the_clients_match_says_which_row_is_meant(ask, publish, source):
    publish()
    match = {"source": source, "source_role_code": "15-1252", "source_location": "35620", "location": "New York"}
    factories.JobMatchFactory(role_code="ENG", grade="", target_percentile=75, **match)
    factories.JobMatchFactory(role_code="ENG", grade="G1", target_percentile=25, **match)
    asked = {"source": None, "role_code": "ENG", "location": "New York", "amount": "60000"}
    assert ask(**asked).json()["market_ratio"] == "0.5"
    assert ask(**asked, grade="G1").json()["benchmark"]["target_percentile"] == 25
    assert ask(**asked | {"location": "Boston"}).json() == {"known": False, "reason": "missing"}


def test_without_a_grade_the_row_that_all_grades_share_is_meant(ask, publish, source):
    publish()
    match = {"source": source, "source_role_code": "15-1252", "location": "New York", "role_code": "ENG"}
    asked = {"source": None, "role_code": "ENG", "location": "New York"}
    factories.JobMatchFactory(grade="G1", source_location="35620", **match)
    assert ask(**asked).json()["known"] is True
    factories.JobMatchFactory(grade="G2", source_location="99", **match)
    assert ask(**asked).json() == {"known": False, "reason": "missing"}


@pytest.mark.parametrize(
    ("published", "asked", "reason"),
    [
        ({}, {"role_code": "99"}, "missing"),
        ({}, {"currency": "EUR"}, "currency"),
        ({}, {"period": "hour", "amount": "50"}, "period"),
        ({"note": "suppressed"}, {}, "suppressed"),
        (dict.fromkeys(("p10", "p25", "p50", "p75", "p90")), {}, "missing"),
        (dict.fromkeys(("p10", "p25", "p50", "p75", "p90")) | {"note": "top-coded"}, {}, "top_coded"),
        ({"as_of": timezone.localdate() + timedelta(days=3)}, {}, "missing"),
    ],
)
def test_what_is_unknown_says_why(ask, publish, published, asked, reason):
    publish(**published)
    assert ask(**asked).json() == {"known": False, "reason": reason}


def test_a_top_coded_row_reads_at_least_above_what_is_published(ask, publish):
    publish(p75=None, p90=None, note="top-coded")
    found = ask(amount="400000").json()
    assert (found["bracket"], found["at_least"], found["top_coded"]) == (">=p50", True, True)


def test_a_blank_target_leaves_the_ratio_open_and_the_bracket_known(ask, publish):
    publish(p50=None)
    found = ask().json()
    assert (found["bracket"], found["market_ratio"]) == ("p25-p75", None)


def test_an_old_row_answers_and_says_that_it_is_stale(ask, publish):
    publish(as_of=timezone.localdate() - timedelta(days=740))
    assert ask().json()["stale"] is True
    publish(as_of=timezone.localdate() - timedelta(days=720), p50=97_000)
    found = ask().json()
    assert (found["stale"], found["market_ratio"]) == (False, "1")


def test_a_grade_adds_where_its_band_puts_the_amount(ask, publish, client_a):
    publish()
    factories.SalaryBandFactory(client=client_a, role_code="15-1252", location="35620")
    found = ask(grade="G5").json()
    assert (found["compa_ratio"], found["range_penetration"]) == ("0.97", "0.425")
    found = ask(grade="G9").json()
    assert (found["compa_ratio"], found["range_penetration"]) == (None, None)


def test_an_hourly_amount_meets_a_yearly_band_over_the_clients_own_divisor(ask, publish, client_a):
    factories.SalaryBandFactory(client=client_a, role_code="15-1252", location="35620")
    found = ask(grade="G5", period="hour", amount="50").json()
    assert found == {"known": False, "reason": "missing", "compa_ratio": "1.04", "range_penetration": "0.6"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "1e5"), ("amount", "-1"), ("amount", "NaN"), ("amount", "97000.123"), ("amount", None),
        ("currency", "usd"), ("period", "week"), ("role_code", None), ("grades", "G5"), ("source", "Nobody"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_is_refused_by_its_field(ask, publish, field, value):
    response = ask(**{field: value})
    assert (response.status_code in (400, 404), error(response)["field"]) == (True, field)


def test_somebody_of_several_clients_says_which(browser_client, member, client_b, publish):
    user = member(Role.RECRUITER)
    factories.MembershipFactory(user=user, client=client_b, role=Role.RECRUITER)
    publish()
    browser, asked = browser_client(user), {**ASKED, "source": "Census"}
    assert error(browser.get("/api/v1/market-position", asked))["field"] == "client"
    assert browser.get("/api/v1/market-position", {**asked, "client": "northbridge"}).json()["known"] is True
    assert browser.get("/api/v1/market-position", {**asked, "client": "elsewhere"}).status_code == 404


def test_a_source_of_another_client_is_none(ask, client_b):
    factories.BenchmarkFactory(source__client=client_b, source__name="Theirs", role_code="15-1252", location="35620")
    assert ask(source="Theirs").status_code == 404


# --- the command


@pytest.fixture
def run(tmp_path, client_a, source):
    def run(*rows, name="list.csv", header="role_code,location,amount,currency,period", named="Census"):
        path = tmp_path / name
        text = "\n".join([header, *rows])
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        out = io.StringIO()
        try:
            call_command("market", str(path), client="northbridge", source=named, json=True, stdout=out)
        except CommandError as refused:
            return json.loads(out.getvalue() or "{}"), refused
        return json.loads(out.getvalue()), None

    return run


@pytest.mark.parametrize("name", ["list.csv", "list.csv.gz"])
def test_a_list_is_priced_row_by_row_as_the_api_does(run, ask, publish, name):
    publish()
    found, refused = run("15-1252,35620,97000,USD,year", "99,35620,1,USD,year", name=name)
    place = {"location": "35620"}
    assert refused is None
    assert found == {
        "rows": [
            {"row": 2, "role_code": "15-1252", **place, **ask().json()},
            {"row": 3, "role_code": "99", **place, "known": False, "reason": "missing"},
        ],
        "refused": [],
    }


def test_a_row_that_cannot_be_read_is_named_and_the_others_are_priced(run, publish):
    publish()
    found, refused = run("15-1252,35620,9e4,USD,year", "15-1252,35620,97000,USD,year", "15-1252,,1,USD,year")
    assert [row["row"] for row in found["rows"]] == [3]
    assert [(one["row"], one["column"]) for one in found["refused"]] == [(2, "amount"), (4, "location")]
    assert refused.returncode == 1


def test_a_source_that_there_is_not_is_wrong_usage(run):
    assert run("15-1252,35620,1,USD,year", named="Nobody")[1].returncode == 2


def test_a_long_list_takes_as_many_queries_as_a_short_one(scoped, source, publish, django_assert_num_queries):
    publish()
    asked = [Asked("15-1252", "35620", Decimal(amount), "USD", "year") for amount in range(1, 2000)]
    with django_assert_num_queries(1):
        answers = price(scoped, asked, on=timezone.localdate(), source=source)
    assert [pricing.as_json(each)["known"] for each in answers] == [True] * 1999
