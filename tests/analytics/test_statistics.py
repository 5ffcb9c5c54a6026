"""What is worked out for many places at once is what scipy says of each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.statistics import fisher_many, survival

places = st.lists(st.tuples(st.integers(1, 900), st.floats(0, 1)), min_size=2, max_size=8)


@settings(max_examples=60, deadline=None)
@given(places)
def test_fishers_test_is_scipys(found: list[tuple[int, float]]) -> None:
    of = [n for n, _ in found]
    here = [round(n * share) for n, share in found]
    lost, everything = sum(here), sum(of)
    for n, p in enumerate(fisher_many(here, of, lost, everything)):
        elsewhere = (lost - here[n], everything - of[n] - lost + here[n])
        one = stats.fisher_exact([[here[n], of[n] - here[n]], elsewhere]).pvalue
        assert p == pytest.approx(one, rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=1, max_size=60))
def test_survival_is_scipys(people: list[tuple[int, bool]]) -> None:
    left, stayed = (np.array([days for days, gone in people if gone is which], dtype=int) for which in (True, False))
    days = (0, 30, 90, 365)
    if left.size:
        curve = stats.ecdf(stats.CensoredData(uncensored=left, right=stayed)).sf
        assert survival(left, stayed, days) == {str(day): pytest.approx(curve.evaluate(day)) for day in days}
    else:
        assert survival(left, stayed, days) == {str(day): 1 for day in days}


def test_nobody_has_no_survival() -> None:
    nobody = np.array([], dtype=int)
    assert survival(nobody, nobody, (30,)) == {}
