"""People in the role, holidays: what a file of them may say, and what is kept of it."""

from datetime import date
from decimal import Decimal as D

import pytest

from governance.ingest.holidays import HOLIDAYS
from governance.ingest.incumbents import INCUMBENTS
from governance.models import BusinessCalendar, Holiday, Incumbent
from tests.governance.ingest.helpers import counts, refusals, take_in, written

pytestmark = pytest.mark.django_db

HEADER = "employee_ref,role_code,grade,location,currency,period,base,fte,hired_on\n"
ANN = "Ann-77,ENG,G5,New York,USD,year,101000,0.8,2024-03-01\n"


@pytest.fixture
def people(scoped, tmp_path):
    return lambda text, **more: take_in(INCUMBENTS, scoped, written(tmp_path, text), **more)


def test_a_reference_is_hashed_on_the_way_in_and_found_again(people):
    assert counts(people(HEADER + ANN)) == (1, 0, 0)
    kept = Incumbent.objects.get()
    assert (kept.base, kept.fte, kept.hired_on) == (D(101000), D("0.8"), date(2024, 3, 1))
    assert all("Ann-77" not in str(row) for row in (*Incumbent.objects.values(), *kept.events.values()))
    assert counts(people(HEADER + ANN)) == (0, 0, 1)
    assert counts(people(HEADER + ANN.replace("101000", "102000"))) == (0, 1, 0)


def test_the_preview_of_a_file_does_not_show_the_reference(people):
    found = people(HEADER + ANN, dry_run=True).as_json(dry_run=True)
    assert "Ann-77" not in str(found)


def test_the_same_reference_at_another_client_is_another_hash(people, client_b, tmp_path):
    people(HEADER + ANN)
    assert take_in(INCUMBENTS, client_b, written(tmp_path, HEADER + ANN, "b.csv")).created == 1
    from governance.tenancy import scope_all

    with scope_all():
        assert len(set(Incumbent.objects.values_list("employee_hash", flat=True))) == 2


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("Ann-77", "", "employee_ref"),
        ("ENG", "", "role_code"),
        ("G5", "", "grade"),
        ("New York", "", "location"),
        ("USD", "usd", "currency"),
        ("year", "week", "period"),
        ("101000", "0", "base"),
        ("101000", "-1", "base"),
        ("0.8", "1.2", "fte"),
        ("2024-03-01", "2024-02-30", "hired_on"),
        ("2024-03-01", "2027-01-01", "hired_on"),
    ],
)
def test_each_bad_cell_of_a_person_is_refused_by_column(people, old, new, column):
    assert refusals(people(HEADER + ANN.replace(old, new))) == [(2, column)]


def test_somebody_twice_with_other_pay_is_refused_by_a_column_of_the_file(people):
    assert refusals(people(HEADER + ANN + ANN.replace("101000", "102000"))) == [(3, "employee_ref")]


@pytest.mark.parametrize("column", ["name", "employee_name", "previous_salary"])
def test_no_column_takes_a_name_or_earlier_pay(people, column):
    report = people(f"{HEADER.strip()},{column}\n{ANN.strip()},x\n")
    assert refusals(report) == [(1, column)]


def test_holidays_go_into_the_default_calendar_and_are_renamed_by_a_later_file(scoped, tmp_path):
    def take(text):
        return take_in(HOLIDAYS, scoped, written(tmp_path, "country,subdivision,date,name\n" + text))

    assert counts(take("US,NY,2027-05-03,Founders\n")) == (1, 0, 0)
    assert counts(take("US,NY,2027-05-03,Founders' Day\n")) == (0, 1, 0)
    row = Holiday.objects.get(subdivision="NY")
    assert (row.name, row.calendar.is_default) == ("Founders' Day", True)
    assert refusals(take("ZZ,,2027-05-03,x\n")) == [(2, "country")]
    for day in ("2060-05-03", "1949-12-31", "0001-01-01"):
        assert refusals(take(f"US,,{day},x\n")) == [(2, "date")]
    BusinessCalendar.objects.update(is_default=False)
    assert refusals(take("US,NY,2027-05-04,x\n")) == [(None, None)]
