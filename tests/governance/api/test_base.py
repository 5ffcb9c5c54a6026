"""What every endpoint promises: who may ask, what an error says, pages, filters, the wall."""

import re
from base64 import b64encode

import pytest
from drf_spectacular.generators import SchemaGenerator

from governance.access import Role
from governance.api.problems import server_error
from tests import factories
from tests.program import error


@pytest.fixture
def partner(member):
    return member(Role.HR_PARTNER)


def test_nobody_in_particular_is_told_how_to_ask(client, db):
    response = client.get("/api/v1/bands")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert error(response)["code"] == "not_authenticated"
    assert "Bearer TOKEN" in error(response)["next_step"]


@pytest.mark.parametrize("text", ["Bearer", "Bearer hof_1_x", "Bearer a b", "Token nothing"])
def test_a_token_that_is_none_is_refused(client, db, text):
    response = client.get("/api/v1/bands", headers={"Authorization": text})
    assert (response.status_code, error(response)["code"]) == (401, "authentication_failed")


def test_somebody_who_has_signed_in_needs_no_token(browser_client, partner, client_a):
    factories.SalaryBandFactory(client=client_a, code="MINE")
    found = browser_client(partner).get("/api/v1/bands").json()["results"]
    assert [band["code"] for band in found] == ["MINE"]


def test_an_answer_is_kept_by_no_browser_and_nothing_on_the_way(browser_client, partner, client):
    for answer in (browser_client(partner).get("/api/v1/bands"), client.get("/api/v1/bands")):
        assert "no-store" in answer["Cache-Control"]


def test_a_role_that_may_not_see_pay_is_told_so(api, member, client_a):
    response = api(member(Role.HIRING_MANAGER), client_a).get("bands")
    assert (response.status_code, error(response)["code"]) == (403, "not_yours")


def test_a_band_is_money_with_its_currency(api, partner, client_a):
    band = factories.SalaryBandFactory(client=client_a, currency="KWD", minimum="80000.5")
    found = api(partner, client_a).get(f"bands/{band.pk}").json()
    assert found["minimum"] == {"amount": "80000.500", "currency": "KWD"}
    assert (found["client"], found["valid_from"], found["valid_to"]) == ("northbridge", "2026-01-01", None)


def test_a_token_of_client_a_sees_nothing_of_client_b(api, partner, client_a, client_b):
    """Not even where its person works for both."""
    factories.MembershipFactory(user=partner, client=client_b, role=Role.HR_PARTNER)
    theirs = factories.SalaryBandFactory(client=client_b)
    program = api(partner, client_a)
    assert program.get("bands").json()["results"] == []
    assert program.get("bands", client="corvane").json()["results"] == []
    refused = program.get(f"bands/{theirs.pk}")
    assert (refused.status_code, refused.json()) == (404, program.get("bands/999999999").json())


def test_pages_lead_to_each_other_and_hold_every_row_once(api, partner, client_a, client):
    made = {factories.SalaryBandFactory(client=client_a).pk for _ in range(5)}
    program, seen = api(partner, client_a), []
    page = program.get("bands", page_size=2).json()
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = client.get(page["next"], headers=program.headers).json()
    assert (len(seen), set(seen)) == (5, made)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"grad": "G5"}, "grad"), ({"valid_on": "tomorrow"}, "valid_on"), ({"kind": "circle"}, "kind"),
        ({"cursor": "made-up"}, "cursor"), ({"cursor": b64encode(b"p=%00").decode()}, "cursor"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused_by_name(api, partner, client_a, query, field):
    response = api(partner, client_a).get("bands", **query)
    assert (response.status_code, error(response)["field"]) == (400, field)


def test_a_body_that_is_nested_without_end_is_refused(api, partner, client_a, client):
    response = client.post(
        "/api/v1/offers", "[" * 100_000, "application/json", headers=api(partner, client_a, "write").headers
    )
    assert (response.status_code, error(response)["code"]) == (400, "parse_error")


@pytest.mark.parametrize(("path", "kind"), [("/api/v1/offers", "application/json"), ("/admin/", "text/html")])
def test_an_error_of_our_own_is_told_in_the_way_of_the_address(rf, path, kind):
    response = server_error(rf.get(path))
    assert (response.status_code, response["Content-Type"].partition(";")[0]) == (500, kind)


def test_an_address_that_there_is_not_answers_like_any_other_error(client):
    response = client.get("/api/v1/salaries")
    assert (response.status_code, error(response)["code"]) == (404, "not_found")


@pytest.mark.parametrize(("path", "rows"), [("bands", 1), ("bands", 3), ("benchmarks", 1), ("benchmarks", 3)])
def test_a_list_takes_as_many_queries_whatever_its_length(
    api, partner, client_a, path, rows, django_assert_num_queries
):
    for _ in range(rows):
        factories.SalaryBandFactory(client=client_a)
        factories.BenchmarkFactory(source__client=client_a)
    program = api(partner, client_a)
    program.get(path)
    with django_assert_num_queries(7):  # the scope four times, token, roles, rows
        assert len(program.get(path).json()["results"]) == rows


def test_the_documentation_names_every_address_and_every_shape(client, db):
    page = client.get("/api/docs/").content.decode()
    described = SchemaGenerator().get_schema(public=True)
    missing = [path for path in described["paths"] if f"<code>{path}</code>" not in page]
    missing += [name for name in described["components"]["schemas"] if f'id="shape-{name}"' not in page]
    assert not missing
    led = set(re.findall(r'href="#(shape-\w+)"', page))
    assert not {each for each in led if f'id="{each}"' not in page}


def test_the_documentation_may_show_pictures_that_are_data_and_no_other_page_may(client, db):
    assert "img-src 'self' data:" in client.get("/api/docs/")["Content-Security-Policy"]
    assert "data:" not in client.get("/account/login/")["Content-Security-Policy"]


def test_the_description_is_openapi_3_1(client, db):
    response = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert response.json()["openapi"] == "3.1.0"
