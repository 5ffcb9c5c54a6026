"""Statistics, all from scipy: intervals, tests and survival, in the shapes that reports give."""

from collections.abc import Sequence
from math import isnan, sqrt
from warnings import catch_warnings, simplefilter

import numpy as np
from scipy import stats

Interval = tuple[float, float]
Days = np.ndarray[tuple[int], np.dtype[np.int64]]  # a whole number for each person
# Made by hand it gives the interval alone: the test that comes with it takes some hundred times as long.
_Shares = type(stats.binomtest(1, 2))


def wilson(count: int, of: int) -> Interval | None:
    """95 % Wilson interval of a share; None of nothing."""
    if not of:
        return None
    shares = _Shares(k=count, n=of, alternative="two-sided", statistic=count / of, pvalue=1.0)
    found = shares.proportion_ci(confidence_level=0.95, method="wilson")
    return float(found.low), float(found.high)


def difference(one: tuple[int, int], other: tuple[int, int]) -> Interval | None:
    """95 % interval of one share minus another, each (count, of): Newcombe's, from the two Wilson intervals."""
    first, second = wilson(*one), wilson(*other)
    if first is None or second is None:
        return None
    p, q = one[0] / one[1], other[0] / other[1]
    low = p - q - sqrt((p - first[0]) ** 2 + (second[1] - q) ** 2)
    high = p - q + sqrt((first[1] - p) ** 2 + (q - second[0]) ** 2)
    return low, high


def fisher_many(
    here: Sequence[int], here_n: Sequence[int], lost: int, everything: int
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Two-sided p-values of Fisher's exact test for many places at once: is the share here another one than elsewhere?

    At each place `here` of `here_n` were lost; `lost` of `everything` at all places together. A value is the sum over
    all tables no more likely than the one seen, as scipy.stats.fisher_exact takes it, one at a time. Tables further
    than twelve deviations from the mean and from what was seen are in no sum: they weigh nothing.
    """
    seen, of = np.asarray(here)[:, None], np.asarray(here_n)[:, None]
    share = lost / everything
    far = 12 * np.sqrt(of.max() * share * (1 - share)) + 30
    last = int(min(lost, of.max(), max((of * share).max() + far, seen.max() + far)))
    first = int(max(0, min((of * share).min() - far, seen.min() - far)))
    sizes, which = np.unique(of, return_inverse=True)  # places of one size share their tables
    tables = stats.hypergeom.pmf(np.arange(first, last + 1)[None, :], everything, lost, sizes[:, None])
    likely = tables[which.ravel()]
    limit = stats.hypergeom.pmf(seen, everything, lost, of) * (1 + 1e-7)
    sums: np.ndarray[tuple[int], np.dtype[np.float64]] = np.where(likely <= limit, likely, 0).sum(axis=1)
    return np.minimum(sums, 1)


def q_values(p_values: Sequence[float]) -> list[float]:
    """Benjamini-Hochberg: the same tests, as shares of false discoveries."""
    return [float(q) for q in stats.false_discovery_control(p_values)] if len(p_values) else []


def survival(left: Days, stayed: Days, days: Sequence[int]) -> dict[str, float]:
    """Kaplan-Meier: the share still there after each number of days; empty of nobody.

    `left` holds a number for each person who left, after how many days; `stayed` for each other one, for how many days
    they have been seen to stay. As scipy.stats.ecdf of censored data says, which takes a hundred times as long.
    """
    if not left.size and not stayed.size:
        return {}
    last = max(days) + 1
    ended, seen = (np.bincount(each.clip(0, last), minlength=last + 1) for each in (left, stayed))
    at_risk = (ended + seen)[::-1].cumsum()[::-1]
    curve = np.cumprod(1 - ended / np.maximum(at_risk, 1))
    return {str(day): float(curve[day]) for day in days}


def survival_intervals(left: Days, stayed: Days, days: Sequence[int]) -> dict[int, Interval | None]:
    """The 95 % interval of `survival` after each number of days (log-log); None where nobody has left yet."""
    if not left.size:
        return dict.fromkeys(days)
    with np.errstate(divide="ignore", invalid="ignore"), catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # before the first has left there is no interval, and it says so
        curve = stats.ecdf(stats.CensoredData(uncensored=left, right=stayed)).sf
        limits = curve.confidence_interval(confidence_level=0.95, method="log-log")
    found = {day: (float(limits.low.evaluate(day)), float(limits.high.evaluate(day))) for day in days}
    return {day: None if isnan(low) or isnan(high) else (low, high) for day, (low, high) in found.items()}
