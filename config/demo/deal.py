"""Exact counts, laid out evenly or dealt in random order. Pure."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def scaled(counts: Mapping[K, int], total: int) -> dict[K, int]:
    """The counts cut or grown to sum to `total`, by largest remainder; exactly themselves where they already do."""
    whole = sum(counts.values())
    if not whole or total == whole:
        return dict(counts)
    parts = {key: divmod(count * total, whole) for key, count in counts.items()}
    found = {key: quotient for key, (quotient, _) in parts.items()}
    rest = total - sum(found.values())
    for key in sorted(parts, key=lambda key: -parts[key][1])[:rest]:
        found[key] += 1
    return found


def spread(counts: Mapping[K, int]) -> list[K]:
    """Every key as often as counted, so evenly that any stretch of the list holds about its share of each."""
    places = [
        ((i + 0.5) / count, order, key) for order, (key, count) in enumerate(counts.items()) for i in range(count)
    ]
    return [key for _, _, key in sorted(places, key=lambda place: place[:2])]


def slices(items: Sequence[V], parts: int) -> Iterator[Sequence[V]]:
    """The list in `parts` stretches of the same length, or one more."""
    edges = [round(len(items) * i / parts) for i in range(parts + 1)]
    return (items[low:high] for low, high in pairwise(edges))


def dealt(rng: Random, counts: Mapping[K, int], n: int) -> list[K]:
    """`n` keys in the proportions of `counts`, exactly as near as whole numbers come, in random order."""
    cards = [key for key, count in scaled(counts, n).items() for _ in range(count)]
    rng.shuffle(cards)
    return cards


def in_turn(rng: Random, choices: Iterable[V], n: int) -> list[V]:
    """`n` of the choices, each as often as any other (or once more), in random order."""
    found = list(choices)
    cards = [found[i % len(found)] for i in range(n)]
    rng.shuffle(cards)
    return cards
