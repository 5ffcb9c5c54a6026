"""The case book: a client's own cases by pseudonym, or all other clients' in groups; on the page and as files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from tablib import Dataset  # type: ignore[import-untyped]

from analytics.casebook import CLIENTS, K, Kind, Told
from analytics.cases import MOST, Book, own
from analytics.exports import cell
from analytics.models import ProgrammeBook
from analytics.programme_book import CUTS
from analytics.statistics import wilson
from analytics.views.frame import InsightPage, insight
from analytics.views.insight import common
from analytics.views.wording import THEMES, said
from governance.admin.exports import TYPES
from offers.models.advice import AdviceDecision
from offers.presentation import NONE, Voice, status_pill

MAY_SEE_OTHERS = "analytics.view_programmebook"
KINDS: dict[Kind, str] = {
    Kind.NOT_TAKEN: "We advised, and the terms stayed",
    Kind.TAKEN: "We advised, and the terms were raised",
    Kind.COUNTERED: "The candidate asked for more",
    Kind.WAITED: "Waited over 72 hours for the letter",
    Kind.BELOW: "Offered more than 5 % below reference",
    Kind.OVERRIDE: "The process was overridden",
}
ENDS = {"": "Signed or lost", "signed": "Signed", "lost": "Lost"}
CUT = {"region": "By region", "family": "By job family", "level": "By level"}
PERCENTS = {"stood": "Against reference", "advised": "Advised", "asked": "Asked", "agreed": "Agreed"}
DECISIONS = dict(AdviceDecision.choices)
OWN_COLUMNS = (
    "case", "quarter", "region", "job_family", "level", "against_reference_pct", "advised_pct", "asked_pct",
    "agreed_pct", "waited_for_letter", "answered_after", "decision", "outcome", "reason", "said", "withheld",
)  # fmt: skip
GROUP_COLUMNS = ("kind", "cut", "group", "n", "signed", "rate", "ci_low", "ci_high")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader asks for: whose cases, of which kind, how they ended, with what candidates said or without."""

    others: bool
    kind: Kind
    ended: str
    words: bool


def choose(page: InsightPage) -> Chosen:
    """What the address asks; anything that it does not know is as if it was not said. Raises PermissionDenied."""
    get = page.request.GET
    others = get.get("whose") == "programme"
    if others and not may_see_others(page):
        raise PermissionDenied
    kind = Kind(get["kind"]) if get.get("kind") in KINDS else Kind.NOT_TAKEN
    ended = get.get("ended", "")
    return Chosen(others, kind, ended if ended in ENDS else "", get.get("words") == "yes")


def may_see_others(page: InsightPage) -> bool:
    return bool(page.user.has_perm(MAY_SEE_OTHERS, page.asked.client))


@insight
def casebook(page: InsightPage) -> HttpResponse:
    chosen = choose(page)
    kept = {"whose": "programme" if chosen.others else "own", "kind": chosen.kind.value, "ended": chosen.ended}
    kept |= {"words": "yes"} if chosen.words else {}
    shown = _groups(page, chosen) if chosen.others else _own(page, chosen)
    return page.show(
        "analytics/casebook.html", "Case book",
        lede="Cases for a review: without names, places, amounts and days.",
        chosen=chosen, may_see_others=may_see_others(page), kinds=[(kind.value, text) for kind, text in KINDS.items()],
        ends=list(ENDS.items()), kind_said=KINDS[chosen.kind], k=K, clients=CLIENTS,
        export=page.asked.query(by="", **kept), **shown, **_head(page, chosen, kept),
    )  # fmt: skip


def _head(page: InsightPage, chosen: Chosen, kept: dict[str, str]) -> dict[str, Any]:
    found = common(page, "casebook", kept=kept)
    return found | {"presets": []} if chosen.others else found


# --- a client's own


def _book(page: InsightPage, chosen: Chosen) -> Book:
    asked = page.asked
    return own(asked.client, chosen.kind, ended=chosen.ended, since=asked.since, until=asked.until, now=page.now)


def _own(page: InsightPage, chosen: Chosen) -> dict[str, Any]:
    book, voice = _book(page, chosen), page.voice
    known = [name for name in PERCENTS if any(getattr(told, name) is not None for told in book.told)]
    return {
        "cases": [_case(told, known, chosen) for told in book.told],
        "percents": [PERCENTS[name] for name in known],
        "period": _period(page),
        "n": book.n,
        "signed": book.signed,
        "rate": share(book.signed, book.n, voice),
        "held_back": _held_back(book, chosen),
    }


def _period(page: InsightPage) -> str:
    """ "from 1 Jan 2026", "before 1 Apr 2026", "from … to before …", "at any time"."""
    since, until = (page.voice.day(day) if day else "" for day in (page.asked.since, page.asked.until))
    parts = [f"from {since}"] if since else []
    parts += [f"before {until}"] if until else []
    return " and ".join(parts) or "at any time"


def _case(told: Told, known: Sequence[str], chosen: Chosen) -> dict[str, Any]:
    """A case as cells, its percents in the order of `known`."""
    return {
        "key": told.key,
        "when": told.quarter,
        "job": ", ".join((told.family, *([told.level] if told.level != "not given" else []))),
        "region": told.region,
        "percents": [(PERCENTS[name], signed_percent(getattr(told, name))) for name in known],
        "waited": told.waited or NONE,
        "answered": told.answered or NONE,
        "decision": DECISIONS.get(told.decision, ""),
        "outcome": status_pill(told.outcome),
        "theme": THEMES.get(told.theme, ""),
        "text": told.text if chosen.words else "",
        "withheld": ", ".join(told.withheld) if chosen.words else "",
    }


def signed_percent(value: int | None) -> str:
    """ "+7 %", "−3 %", "0 %"; a dash where it is unknown."""
    if value is None:
        return NONE
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value)} %"


def share(part: int, whole: int, voice: Voice) -> str:
    """ "62 % (54 % to 70 %)", the 95 % interval; empty of nothing."""
    found = wilson(part, whole)
    if found is None:
        return ""
    low, high = (said(each, "percent", voice) for each in found)
    return f"{said(part / whole, 'percent', voice)} ({low} to {high})"


def _held_back(book: Book, chosen: Chosen) -> list[str]:
    """What is not on the page, and why, in words."""
    words = []
    if chosen.words and (gone := [told for told in book.told if told.withheld]):
        why = sorted({found.value for told in gone for found in told.withheld})
        words.append(f"{_count(len(gone), 'comment')} left out, because in the text stands {' or '.join(why)}.")
    if other := sum(told.family == "another family" for told in book.told):
        words.append(f"{_count(other, 'job family', 'job families')} not named, because the name holds another name.")
    if book.chosen > MOST:
        words.append(f"{book.chosen - MOST} older cases are not listed; a shorter period shows them.")
    return words


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'} {'is' if n == 1 else 'are'}"


# --- all other clients'


def _programme(page: InsightPage) -> ProgrammeBook | None:
    """The newest book that was written for readers of this client."""
    return ProgrammeBook.objects.filter(client=page.asked.client).order_by("-quarter").first()


def _groups(page: InsightPage, chosen: Chosen) -> dict[str, Any]:
    book = _programme(page)
    if book is None:
        return {"book": None, "tables": []}
    found = book.tables[chosen.kind]
    total = found[CUTS[0]]["total"]
    return {
        "book": book,
        "first": f"{book.since.year}-Q{(book.since.month + 2) // 3}",
        "total": {**total, "rate": share(total["signed"], total["n"], page.voice)} if total else None,
        "tables": [
            {
                "title": CUT[cut],
                "groups": [
                    {**each, "rate": share(each["signed"], each["n"], page.voice)} for each in found[cut]["groups"]
                ],
                "held_back": why_not(found[cut]) if total else [],
            }
            for cut in CUTS
        ],
    }


def why_not(table: dict[str, Any]) -> list[str]:
    """Which groups of a table are not told, and why, in words."""
    words = []
    if n := table["few"]:
        words.append(f"{_count(n, 'group')} not shown: fewer than {K} cases.")
    if n := table["one_client"]:
        words.append(
            f"{_count(n, 'group')} not shown: without {CLIENTS} clients of at least {K} cases each, with both ends, "
            f"it would tell about one company."
        )
    if n := table["protecting"]:
        words.append(f"{_count(n, 'group')} not shown: with it, what is left out could be found by subtracting.")
    if (n := table["rest"]) and table["groups"]:
        words.append(f"{n} cases of the total are in no group that is shown.")
    return words


# --- files


@insight
def export(page: InsightPage, form: str) -> HttpResponse:
    """What the page shows, as CSV or XLSX; text never starts a formula."""
    if form not in TYPES:
        raise Http404
    chosen = choose(page)
    table = _group_file(page, chosen) if chosen.others else _own_file(page, chosen)
    name = f"{page.asked.client.code}-casebook{'-programme' if chosen.others else ''}.{form}"
    return HttpResponse(
        table.export(form), content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _own_file(page: InsightPage, chosen: Chosen) -> Dataset:
    table = Dataset(headers=OWN_COLUMNS, title="casebook")
    for told in _book(page, chosen).told:
        row = [
            told.key, told.quarter, told.region, told.family, told.level, told.stood, told.advised, told.asked,
            told.agreed, told.waited, told.answered, told.decision, told.outcome, told.theme,
        ]  # fmt: skip
        row += [told.text, ", ".join(told.withheld)] if chosen.words else ["", ""]
        table.append([cell(value) for value in row])
    return table


def _group_file(page: InsightPage, chosen: Chosen) -> Dataset:
    table = Dataset(headers=GROUP_COLUMNS, title="casebook")
    book = _programme(page)
    found = book.tables[chosen.kind] if book else {}
    total = found[CUTS[0]]["total"] if found else None
    groups = [("total", total)] if total else []
    groups += [(cut, each) for cut in CUTS for each in (found[cut]["groups"] if found else [])]
    for cut, each in groups:
        low, high = wilson(each["signed"], each["n"]) or (None, None)
        row = [chosen.kind.value, cut, each["key"], each["n"], each["signed"], each["signed"] / each["n"], low, high]
        table.append([cell(value) for value in row])
    return table
