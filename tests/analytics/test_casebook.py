"""The guarantees of case books, whatever the cases are. Pure: no database."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.casebook import Block, Case, K, Table, family, generalise, level, percent, span, suppress
from analytics.casetext import Found, scan

quick = settings(max_examples=150, deadline=None)

blocks = st.lists(
    st.builds(
        lambda client, group, n, share: Block(client, group, n, round(n * share)),
        st.integers(1, 4),
        st.sampled_from("abcdef"),
        st.one_of(st.integers(0, 12), st.integers(0, 60)),
        st.sampled_from([0.0, 0.1, 0.5, 0.8, 1.0]),
    ),
    max_size=24,
)
Counts = dict[int, tuple[int, int]]


def of_clients(rows: Iterable[Block]) -> Counts:
    """Cases and signatures by client."""
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        found[row.client] = found[row.client][0] + row.n, found[row.client][1] + row.signed
    return dict(found)


def subsets(items: list[Any]) -> Iterable[tuple[Any, ...]]:
    return chain.from_iterable(combinations(items, n) for n in range(len(items) + 1))


def explanations(n: int, signed: int, held: Counts) -> list[Counts]:
    """Every choice of whole clients' cases that makes these two numbers."""
    return [
        {client: held[client] for client in chosen}
        for chosen in subsets([client for client in held if held[client][0]])
        if (sum(held[c][0] for c in chosen), sum(held[c][1] for c in chosen)) == (n, signed)
    ]


@quick
@given(rows=blocks)
def test_no_number_that_is_told_is_of_fewer_than_k_cases_or_of_one_client(rows: list[Block]) -> None:
    table = suppress(rows)
    for group in (*table.groups, *([table.total] if table.total else [])):
        assert group.n >= 2 * K
        assert 0 < group.signed < group.n
        inside = of_clients(row for row in rows if group.key in ("", row.group))
        fits = explanations(group.n, group.signed, inside)
        assert any(len(each) >= 2 and min(n for n, _ in each.values()) >= K for each in fits)


@quick
@given(rows=blocks)
def test_no_sum_or_difference_of_what_is_told_is_of_fewer_than_k_cases(rows: list[Block]) -> None:
    """Whoever knows any of the clients whole, and subtracts, is left with nothing or with at least K of another."""
    table = suppress(rows)
    if table.total is None:
        assert table.groups == ()
        return
    assert any(nobody_stands_out(rows, table, parts) for parts in readings(rows, table))


def nobody_stands_out(rows: list[Block], table: Table, parts: dict[str, list[Block]]) -> bool:
    """Whether every sum of these parts and the rest, less any clients, holds K cases or none of each other client."""
    told = [*parts.values(), rest_of(rows, table, parts)]
    for together in subsets(told):
        left = of_clients(row for part in together for row in part)
        if not all(n >= K and 0 < signed < n for n, signed in left.values() if n):
            return False
    return True


def readings(rows: list[Block], table: Table) -> Iterable[dict[str, list[Block]]]:
    """Which clients' blocks may stand in the groups that are told, from the numbers alone.

    Two clients may have the same numbers; then there are several readings, and one of them is what was told.
    """
    fits = []
    for group in table.groups:
        held = of_clients(row for row in rows if row.group == group.key)
        safe = {client: each for client, each in held.items() if each[0] >= K and 0 < each[1] < each[0]}
        several = [each for each in explanations(group.n, group.signed, safe) if len(each) >= 2]
        fits.append([[Block(client, group.key, *counts) for client, counts in each.items()] for each in several])
    for chosen in product(*fits):
        yield {group.key: part for group, part in zip(table.groups, chosen, strict=True)}


def rest_of(rows: list[Block], table: Table, parts: dict[str, list[Block]]) -> list[Block]:
    """What stands in no group, by client; all of it together is what the table says."""
    whole = {client: each for client, each in of_clients(rows).items() if each[0] >= K and 0 < each[1] < each[0]}
    inside = of_clients(row for part in parts.values() for row in part)
    rest = [
        Block(client, "rest", n - inside.get(client, (0, 0))[0], signed - inside.get(client, (0, 0))[1])
        for client, (n, signed) in whole.items()
    ]
    assert sum(row.n for row in rest) == table.rest
    return [row for row in rest if row.n]


@quick
@given(rows=blocks)
def test_a_group_is_not_told_where_only_its_complement_would_be_too_small(rows: list[Block]) -> None:
    table = suppress(rows)
    assert table.rest == 0 or table.rest >= 2 * K


def test_the_smallest_group_is_kept_back_to_cover_one_that_is_too_small() -> None:
    big = [Block(client, group, 30, 15) for client in (1, 2) for group in ("a", "b")]
    middle = [Block(client, "c", 12, 6) for client in (1, 2)]
    small = [Block(client, "d", 3, 1) for client in (1, 2)]
    table = suppress(big + middle + small)
    assert [group.key for group in table.groups] == ["a", "b"]
    assert (table.few, table.one_client, table.protecting, table.rest) == (1, 0, 1, 30)


def test_a_group_of_one_client_is_refused_however_large() -> None:
    table = suppress([Block(1, "a", 500, 300), Block(1, "b", 40, 20), Block(2, "b", 40, 20)])
    assert table.groups == ()
    assert (table.one_client, table.protecting) == (1, 1)
    assert table.total is not None


def test_cases_of_one_client_alone_are_not_even_counted() -> None:
    assert suppress([Block(1, "a", 500, 300), Block(2, "a", 9, 4)]).total is None


def test_a_client_whose_cases_all_ended_the_same_is_in_no_group() -> None:
    assert suppress([Block(1, "a", 40, 20), Block(2, "a", 40, 0)]).total is None


# --- one case


secret_words = st.text(st.characters(categories=["Lu", "Ll"]), min_size=4, max_size=12)
amounts = st.decimals(Decimal("10007.01"), Decimal("987654.99"), places=2)


@quick
@given(place=secret_words, role=secret_words, name=secret_words, base=amounts, other=amounts, on=st.dates())
def test_no_amount_place_role_name_or_day_is_left_in_a_case(
    place: str, role: str, name: str, base: Decimal, other: Decimal, on: date
) -> None:
    words = {each.casefold() for each in (place, role, name)}
    case = Case(
        key="KEY", decided_on=on, country="DE", place=f"{place}9", role=f"{role}9", family=f"{name} Team",
        percentile=50, offered=base, reference=other, advised=other, asked=other, agreed=base, waited=30, answered=150,
        text=f"The other one, said {name}, pays more in {place}.", names=(name,),
    )  # fmt: skip
    told = generalise(case)
    said = " ".join(str(value) for value in asdict(told).values() if value != told.withheld).casefold()
    harmless = " ".join(["KEY", told.quarter, told.region, told.level, told.waited, told.answered, "None"]).casefold()
    for word in words:
        assert word not in said.replace("another family", "") or word in harmless
    for amount in (base, other):
        assert str(amount) not in said
        assert str(int(amount)) not in said
    assert on.isoformat() not in said
    assert told.text == ""


@pytest.mark.parametrize(
    ("amount", "of", "said"),
    [
        ("107", "100", 7),
        ("100", "107", -7),
        ("500", "100", 50),
        ("1", "100", -50),
        ("100.5", "100", 1),
        ("9", "0", None),
    ],
)
def test_amounts_are_whole_percent_of_another_and_outliers_are_cut(amount: str, of: str, said: int | None) -> None:
    assert percent(Decimal(amount), Decimal(of)) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [(None, ""), (-1, ""), (24, "within 24 h"), (24.1, "1 to 3 days"), (144, "4 to 7 days"), (169, "over a week")],
)
def test_spans_are_broad_steps(hours: float | None, said: str) -> None:
    assert span(hours) == said


@pytest.mark.parametrize(("percentile", "said"), [(25, "junior"), (50, "middle"), (75, "senior"), (None, "not given")])
def test_levels_are_those_of_the_match(percentile: int | None, said: str) -> None:
    assert level(percentile) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Engineering", "Engineering"),
        ("Corvane Cells", "another family"),
        ("corvane", "another family"),
        (" ", "not given"),
    ],
)
def test_a_family_that_names_its_company_is_another_one(name: str, said: str) -> None:
    assert family(name, ["Corvane Cells"]) == said


# --- text


CLEAN = [
    "They offered more money and a shorter commute.",
    "I wanted to work from home. The answer came too late!",
    "Better benefits elsewhere; nobody called me back.",
]


@pytest.mark.parametrize("text", CLEAN)
def test_text_that_says_nothing_of_anybody_may_stand(text: str) -> None:
    assert scan(text, ["Anna Berg", "Northbridge Bank", "New York"]) == ()


@quick
@given(
    name=st.sampled_from(["Anna Berg", "Łukasz Nowak", "O'Neill", "José Müller", "Corvane Cells", "Charlotte"]),
    change=st.sampled_from([str.upper, str.lower, str.title, str.swapcase, lambda word: word.replace("ü", "u\u0308")]),
    part=st.booleans(),
    at=st.integers(0, len(CLEAN) - 1),
    invisible=st.booleans(),
)
def test_a_known_name_is_found_however_it_is_written(
    name: str, change: Callable[[str], str], part: bool, at: int, invisible: bool
) -> None:
    said = change(name.split()[0] if part else name)
    if invisible:
        said = f"{said[0]}\u200b{said[1:]}"
    for text in (f"{said} told me. {CLEAN[at]}", f"{CLEAN[at]} ask {said}", f"with {said}’s team"):
        assert Found.NAME in scan(text, [name])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Globex pays more.", Found.NAME),
        ("They were at Globex before.", Found.NAME),
        ("It was 95,000 at the other one.", Found.AMOUNT),
        ("They gave £5k on top.", Found.AMOUNT),
        ("They gave ９５ more.", Found.AMOUNT),
        ("They gave ninety thousand.", Found.AMOUNT),
        ("Five percent is not enough: half a % more.", Found.AMOUNT),
        ("Write to anna@example.org about it.", Found.ADDRESS),
        ("See www.example.org for it.", Found.ADDRESS),
        ("The letter came on monday.", Found.DATE),
    ],
)
def test_what_would_tell_who_it_was_is_found(text: str, found: Found) -> None:
    assert found in scan(text, [])
