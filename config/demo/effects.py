"""What is planted in the sample programme, as counts. Whatever a report shows of it, it finds in these rows alone.

Each company's function lays out its closed offers over eight quarters: a cell is what an effect fixes about one offer.
All else is dealt later (config/demo/plan.py). docs/sample-programme.md says how to recompute each effect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.demo.deal import slices, spread
from config.demo.references import QUARTERS

TIGHTENED = 5  # the quarter with which Corvane's governance was tightened, and its guardrail came
SECOND_SOW = 4  # the quarter with which Lumen's second statement of work began
BOARD = "Boardwalk Jobs"


@dataclass(frozen=True)
class Cell:
    """What is fixed about an offer; an empty string is not.

    `ending`: accepted, declined (whichever way the no came), lost_verbal, rescinded or cancelled. `wait`: hours from
    verbal approval to letter, as a bucket. `counter`: "none", or how it stood to the guardrail: "before" there was one,
    "inside" or "beyond".
    """

    company: str
    quarter: int
    ending: str
    wait: str = ""
    theme: str = ""
    channel: str = ""
    family: str = ""
    counter: str = ""


# Ended by the employer, or lost before the letter; beside the decided ones, by quarter.
BESIDE = {
    "northbridge": {"lost_verbal": (1,) * 8, "rescinded": (1, 0) * 4, "cancelled": (0, 1) * 4},
    "corvane": {"lost_verbal": (3,) * 8, "rescinded": (0, 1) * 4, "cancelled": (1, 0) * 4},
    "lumen": {"lost_verbal": (2,) * 8, "rescinded": (1, 0) * 4, "cancelled": (0, 1) * 4},
}

# --- Northbridge: 960 decided; 211 declined (22 %); over 72 h: 82 of the declined (39 %), 230 of all (24 %)

NORTHBRIDGE = {  # bucket of verbal to written: (accepted, declined)
    "0-24": (210, 40),
    "24-48": (238, 52),
    "48-72": (153, 37),
    "72-96": (95, 45),
    "96-": (53, 37),
}
OVER_72 = ("72-96", "96-")
SLOW_THEMES = {
    "process_delay": 30, "competing_offer": 18, "compensation": 14, "current_employer_counter": 7,
    "career_progression": 4, "work_model": 3, "location": 2, "manager_impression": 2, "benefits": 1, "not_given": 1,
}  # fmt: skip
QUICK_THEMES = {
    "compensation": 34, "competing_offer": 27, "current_employer_counter": 15, "career_progression": 12,
    "work_model": 11, "location": 8, "manager_impression": 6, "benefits": 5, "process_delay": 4, "not_given": 4, "": 3,
}  # fmt: skip

# --- Corvane: a quarter's 320 are 200 operators and 120 engineers; (accepted, lost) of each quarter

OPERATORS = ((171, 29), (186, 14))  # before, and from the tightening on
COUNTERED = (  # engineers who asked for more
    {"before": (32, 18)},  # 36 % dropped out
    {"inside": (27, 5), "beyond": (10, 7)},  # 12 of 49: 24.5 %
)
UNCOUNTERED_LOST = (10, 11, 10, 11, 6, 6, 6, 6)
ENGINEERS = 120

# --- Lumen: 1,200 decided; lost on total rewards (compensation, benefits): 40 of the board's 240, 128 of the other 960

LUMEN = {  # theme, "accepted" for none: (by the board, elsewhere)
    "accepted": (180, 756),
    "compensation": (30, 96),
    "benefits": (10, 32),
    "competing_offer": (6, 24),
    "process_delay": (3, 12),
    "role_content": (2, 8),
    "work_model": (2, 8),
    "career_progression": (2, 8),
    "current_employer_counter": (2, 6),
    "location": (1, 4),
    "relocation_visa": (0, 3),
    "not_given": (1, 2),
    "": (1, 1),
}
ADVICE = {"raised": 12, "refused": 8}  # in Berlin, under the second statement of work
RAISED_PERCENT = 7
SIGNED_WITHIN_HOURS = 24
COMPETITOR_DAY = 6

# Days from verbal to written. Each offer's distance from the whole day has its mirror in another's, so that the means
# are exactly 96 h over the 450 offers of quarters 1 to 3 and 33.6 h over the 750 of quarters 4 to 8.
LUMEN_DAYS = ({2: 45, 3: 112, 4: 136, 5: 112, 6: 45}, {1: 500, 2: 200, 3: 50})


def layout(offers: int | None = None) -> list[Cell]:
    """Every closed offer; of another number, an even sample of them (or, for more, each several times)."""
    whole = [*_northbridge(), *_corvane(), *_lumen()]
    if offers is None:
        return whole
    return [whole[(2 * i + 1) * len(whole) // (2 * offers)] for i in range(offers)]


def _northbridge() -> Iterator[Cell]:
    slow, quick = iter(spread(SLOW_THEMES)), iter(spread(QUICK_THEMES))
    for quarter, (ending, wait) in _by_quarter(NORTHBRIDGE):
        theme = "" if ending == "accepted" else next(slow if wait in OVER_72 else quick)
        yield Cell("northbridge", quarter, ending, wait=wait, theme=theme)
    yield from _beside("northbridge")


def _corvane() -> Iterator[Cell]:
    for quarter in range(1, QUARTERS + 1):
        era = int(quarter >= TIGHTENED)
        countered = sum(sum(pair) for pair in COUNTERED[era].values())
        lost = UNCOUNTERED_LOST[quarter - 1]
        plain = (ENGINEERS - countered - lost, lost)
        groups = [("Operators", "none", OPERATORS[era]), ("Engineers", "none", plain)]
        groups += [("Engineers", counter, pair) for counter, pair in COUNTERED[era].items()]
        for family, counter, pair in groups:
            for ending, count in zip(("accepted", "declined"), pair, strict=True):
                for _ in range(count):
                    yield Cell("corvane", quarter, ending, family=family, counter=counter)
    yield from _beside("corvane")


def _lumen() -> Iterator[Cell]:
    by_channel = {(theme, channel): pair[i] for theme, pair in LUMEN.items() for i, channel in enumerate((BOARD, ""))}
    for quarter, cells in enumerate(slices(spread(by_channel), QUARTERS), 1):
        for theme, channel in cells:
            ending = "accepted" if theme == "accepted" else "declined"
            yield Cell("lumen", quarter, ending, theme="" if ending == "accepted" else theme, channel=channel)
    yield from _beside("lumen")


def _by_quarter(table: Mapping[str, tuple[int, int]]) -> Iterator[tuple[int, tuple[str, str]]]:
    cells = {(ending, key): pair[i] for key, pair in table.items() for i, ending in enumerate(("accepted", "declined"))}
    for quarter, part in enumerate(slices(spread(cells), QUARTERS), 1):
        for cell in part:
            yield quarter, cell


def _beside(company: str) -> Iterator[Cell]:
    for ending, counts in BESIDE[company].items():
        for quarter, count in enumerate(counts, 1):
            for _ in range(count):
                yield Cell(company, quarter, ending, counter="none")
