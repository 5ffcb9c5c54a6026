"""Exactly 5 % below reference passes, 5.0001 % does not: in currencies of no, three and two decimals, end to end."""

from decimal import Decimal as D

import pytest

from governance.access import Role
from offers.models import Approval
from tests.factories import BenchmarkFactory


@pytest.mark.parametrize(
    ("currency", "reference", "passes", "does_not"),
    [
        ("JPY", "10000000", "9500000", "9499990"),
        ("KWD", "20000.000", "19000.000", "18999.980"),
        ("USD", "100000.00", "95000.00", "94999.90"),
    ],
)
def test_from_the_draft_to_the_chain_five_percent_is_exact(desk, currency, reference, passes, does_not):
    assert D(passes) / D(reference) == D("0.95")
    assert D(does_not) / D(reference) == 1 - D("0.050001")
    row = {"source": desk.match.source, "role_code": desk.match.source_role_code, "currency": currency}
    if currency != "USD":
        BenchmarkFactory(**row, p10=None, p25=None, p50=D(reference), p75=None, p90=None)
    asked = []
    for base in (passes, does_not):
        offer = desk.do("submit", desk.draft(base, currency=currency))
        assert offer.version.reference_amount == D(reference)
        rules = {fired["rule"] for fired in offer.version.standing["fired"]}
        director = Approval.objects.filter(offer=offer, role=Role.ACCOUNT_DIRECTOR).exists()
        asked.append(("below-reference" in rules, offer.version.second_review, director))
    assert asked == [(False, False, False), (True, True, True)]
