"""Case books for reviews: cases told without who, where, how much and when, and groups that nobody can take apart.

Pure. A client's own case is told by a pseudonym, the quarter, the region, the job's family and level; amounts as whole
percent of another amount of the same case, spans in broad steps. Other clients' cases come in groups alone, of at least
K, such that no reader who knows some of the clients whole, their own or several, finds by subtraction fewer than K of
another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from analytics.casetext import Found, scan
from analytics.regions import region

K = 10
CLIENTS = 2  # a group that one client alone fills is about that client
FARTHEST = 50  # percent: what lies farther off says whose it is, and is told as this
OTHER = "another family"
NOT_GIVEN = "not given"
LEVELS = {10: "junior", 25: "junior", 50: "middle", 75: "senior", 90: "senior"}
SPANS = ((24, "within 24 h"), (72, "1 to 3 days"), (168, "4 to 7 days"))
LONGER = "over a week"


class Kind(StrEnum):
    """Which cases a book is about; one case may be of several kinds."""

    TAKEN = "advice_taken"
    NOT_TAKEN = "advice_not_taken"
    COUNTERED = "countered"
    WAITED = "waited"
    BELOW = "below_reference"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is, which never leaves the client's wall. Amounts are full-time base a year, of one currency.

    `percentile` is the one its reference was matched to; hours are elapsed; `names` are those that text may not hold.
    """

    key: str
    decided_on: date
    country: str
    place: str
    role: str
    family: str
    percentile: int | None = None
    offered: Decimal | None = None
    reference: Decimal | None = None
    advised: Decimal | None = None
    asked: Decimal | None = None
    agreed: Decimal | None = None
    waited: float | None = None
    answered: float | None = None
    decision: str = ""
    outcome: str = ""
    theme: str = ""
    text: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A case as a reader may see it. Percents are whole: of the reference for `stood`, of the first offer else.

    `withheld` says what was found in its text, which then is left out.
    """

    key: str
    quarter: str
    region: str
    family: str
    level: str
    stood: int | None
    advised: int | None
    asked: int | None
    agreed: int | None
    waited: str
    answered: str
    decision: str
    outcome: str
    theme: str
    text: str
    withheld: tuple[Found, ...]


def generalise(case: Case) -> Told:
    """The case with nothing in it by which offer, person, place, pay or day could be found."""
    hidden = (*case.names, case.place)
    found = scan(case.text, hidden) if case.text else ()
    return Told(
        key=case.key,
        quarter=f"{case.decided_on.year}-Q{(case.decided_on.month + 2) // 3}",
        region=region(case.country),
        family=family(case.family, hidden),
        level=level(case.percentile),
        stood=percent(case.offered, case.reference),
        advised=percent(case.advised, case.offered),
        asked=percent(case.asked, case.offered),
        agreed=percent(case.agreed, case.offered),
        waited=span(case.waited),
        answered=span(case.answered),
        decision=case.decision,
        outcome=case.outcome,
        theme=case.theme,
        text="" if found else case.text,
        withheld=found,
    )


def family(name: str, names: Iterable[str]) -> str:
    """The job's family, unless its own name holds one of these."""
    if not name.strip():
        return NOT_GIVEN
    return OTHER if scan(name, names, capitals=False) else name.strip()


def level(percentile: int | None) -> str:
    """How senior a job is, by the percentile it was matched to: a junior grade to p25, a senior one to p75."""
    return LEVELS.get(percentile or 0, NOT_GIVEN)


def percent(amount: Decimal | None, of: Decimal | None) -> int | None:
    """How much more or less one amount is than another, in whole percent and at most FARTHEST either way."""
    if amount is None or not of:
        return None
    whole = ((amount / of - 1) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return max(-FARTHEST, min(FARTHEST, int(whole)))


def span(hours: float | None) -> str:
    """A length of time in broad steps; empty where it is unknown or below zero."""
    if hours is None or hours < 0:
        return ""
    return next((words for most, words in SPANS if hours <= most), LONGER)


# --- groups of other clients' cases


@dataclass(frozen=True, slots=True)
class Block:
    """The ended cases of one client in one group: how many, and how many of them signed."""

    client: int
    group: str
    n: int
    signed: int


@dataclass(frozen=True, slots=True)
class Group:
    """What is told of a group; `key` is empty for all of them together."""

    key: str
    n: int
    signed: int


@dataclass(frozen=True, slots=True)
class Table:
    """Groups that may be told beside their total; None where not even the total may.

    Groups that are not told are counted by why: fewer than K cases; enough, but not of CLIENTS clients with K and both
    outcomes each; or safe alone, and kept back because the rest could be found by subtracting. `rest` is how many cases
    of the total stand in no group: none, or a safe number.
    """

    total: Group | None
    groups: tuple[Group, ...] = ()
    few: int = 0
    one_client: int = 0
    protecting: int = 0
    rest: int = 0


Counts = tuple[int, int]  # cases, signed
NONE: Counts = (0, 0)


@dataclass(slots=True)
class _Split:
    """Which blocks are shown in which group; what is of nobody's group is the rest."""

    k: int
    whole: dict[int, Counts]
    shown: dict[str, dict[int, Counts]] = field(default_factory=dict)

    def rest(self, client: int) -> Counts:
        n, signed = self.whole[client]
        inside = [blocks[client] for blocks in self.shown.values() if client in blocks]
        return n - sum(each[0] for each in inside), signed - sum(each[1] for each in inside)

    def safe(self, counts: Counts) -> bool:
        """At least K cases of a client, not all with one end: with one end, knowing who is in it would tell that."""
        n, signed = counts
        return n >= self.k and 0 < signed < n

    def hide(self, key: str, client: int | None = None) -> None:
        """Take a client's block out of a group, or the group out; a group that too few clients are left in goes too."""
        if client is not None:
            self.shown[key].pop(client)
        if client is None or len(self.shown[key]) < CLIENTS:
            self.shown.pop(key)

    def smallest(self, client: int | None = None) -> str:
        """The group with the fewest cases, of a client or of all."""
        held = {key: blocks for key, blocks in self.shown.items() if client is None or client in blocks}
        return min(held, key=lambda key: (sum(n for n, _ in held[key].values()), key))


def suppress(blocks: Iterable[Block], *, k: int = K) -> Table:
    """The table of groups that can be told of other clients' cases. The reader's own cases must not be among them.

    Every number that follows from what is told, the total less any groups and less any clients that a reader may know
    whole, is made of blocks of at least k cases of one client, with both outcomes in each.
    """
    counted: dict[str, dict[int, Counts]] = defaultdict(dict)
    for block in blocks:
        n, signed = counted[block.group].get(block.client, NONE)
        counted[block.group][block.client] = n + block.n, signed + block.signed
    split = _Split(k, _whole(counted))
    split.whole = {client: counts for client, counts in split.whole.items() if split.safe(counts)}
    if len(split.whole) < CLIENTS:
        return _table(split, counted, set())
    for key, held in counted.items():
        open_blocks = {client: each for client, each in held.items() if client in split.whole and split.safe(each)}
        if len(open_blocks) >= CLIENTS:
            split.shown[key] = open_blocks
    possible = set(split.shown)
    while split.shown and _protect(split):
        pass
    return _table(split, counted, possible)


def _protect(split: _Split) -> bool:
    """Hide one more thing where the rest would tell too much; False once it does not."""
    rests = {client: split.rest(client) for client in sorted(split.whole)}
    held = [client for client, counts in rests.items() if counts[0]]
    for client in held:
        if not split.safe(rests[client]):
            split.hide(split.smallest(client), client)
            return True
    if 0 < len(held) < CLIENTS:
        split.hide(split.smallest())
        return True
    return False


def _whole(counted: Mapping[str, Mapping[int, Counts]]) -> dict[int, Counts]:
    found: dict[int, Counts] = {}
    for held in counted.values():
        for client, (n, signed) in held.items():
            before = found.get(client, NONE)
            found[client] = before[0] + n, before[1] + signed
    return found


def _table(split: _Split, counted: Mapping[str, Mapping[int, Counts]], possible: Collection[str]) -> Table:
    hidden = [key for key in counted if key not in split.shown]
    few = [key for key in hidden if sum(n for n, _ in counted[key].values()) < split.k]
    protecting = [key for key in hidden if key in possible]
    one_client = len(hidden) - len(few) - len(protecting)
    if len(split.whole) < CLIENTS:
        return Table(None, (), len(few), one_client, len(protecting))
    groups = tuple(_group(key, split.shown[key].values()) for key in sorted(split.shown))
    total = _group("", split.whole.values())
    rest = total.n - sum(group.n for group in groups)
    return Table(total, groups, len(few), one_client, len(protecting), rest)


def _group(key: str, counts: Iterable[Counts]) -> Group:
    held = list(counts)
    return Group(key, sum(n for n, _ in held), sum(signed for _, signed in held))
