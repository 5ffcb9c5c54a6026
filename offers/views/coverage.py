"""The coverage of open work by pay references, each gap with the form that mends it."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from tablib import Dataset  # type: ignore[import-untyped]

from governance.access import clients_with
from governance.admin.exports import TYPES, plain
from governance.keeping import refusals
from governance.scoping import scoped
from offers.coverage import Coverage, coverage
from offers.models import Requisition
from offers.presentation import Pill
from offers.views.frame import Page, portal

WORDS = {
    "no match": "No job match",
    "missing": "No published value",
    "stale": "Too old: counts as unknown",
    "suppressed": "Not released by the source",
    "top_coded": "Top-coded: no value at this percentile",
    "zero": "Published as zero",
    "currency": "In another currency",
    "country": "Of another country",
    "period": "No annual value",
    "ageing": "Good only for a while",
}
UNKNOWN = WORDS.keys() - {"ageing", "no match"}
DOES = {"no match": "Add a match", "stale": "Bring in newer values", "ageing": "Bring in newer values"}
SHOWN = 300


@require_safe
@portal
def coverage_page(page: Page) -> HttpResponse:
    """Open roles against bands, matches and references; `all` shows the covered ones too, `format` gives a file."""
    if not clients_with(page.user, "governance.view_salaryband"):
        raise PermissionDenied
    found = coverage(scoped(Requisition.objects.all(), page.user), today=timezone.localdate(page.now))
    query = page.request.GET
    if query.get("format") in TYPES:
        return _file(found, query["format"])
    gaps = [each for each in found if not (each.complete and not each.reference)]
    shown = found if "all" in query else gaps
    mends = set(clients_with(page.user, "governance.add_salaryband"))
    mends -= refusals(page.user, mends, now=page.now).keys() if mends else set()
    return page.show(
        "offers/coverage.html",
        "Coverage",
        rows=[_row(each, page, mends) for each in shown[:SHOWN]],
        everything="all" in query,
        total=len(found),
        gaps=len(gaps),
        more=len(shown) - SHOWN,
        several=len({each.client.pk for each in found}) > 1,
        facts=[
            ("Open roles", len(found), ""),
            ("Without a band", sum(each.band is None for each in found), "warn"),
            ("Without a match", sum(each.match is None for each in found), "warn"),
            ("Reference unknown", sum(each.match is not None and each.reference in UNKNOWN for each in found), "warn"),
            ("Good for 60 days or less", sum(each.reference == "ageing" for each in found), ""),
        ],
    )


def _row(each: Coverage, page: Page, mends: set[int]) -> dict[str, Any]:
    may = each.client.pk in mends
    return {
        "each": each,
        "where": " · ".join(part for part in (each.grade, each.location, each.currency) if part),
        "band": Pill("ok", each.band.code) if each.band else Pill("bad", "No band"),
        "band_url": _band_url(each) if may and each.band is None else "",
        "reference": _reference(each, page),
        "reference_url": _reference_url(each) if may and each.reference else "",
        "reference_does": {
            "no match": "Add a match",
            "currency": "Change the match",
            "country": "Change the match",
        }.get(each.reference, "Bring in newer values" if each.reference in ("stale", "ageing") else "Change the match"),
    }


def _reference(each: Coverage, page: Page) -> Pill:
    if each.reference == "ageing":
        return Pill("warn", f"Good until {page.voice.day(each.good_until)}")
    if each.reference:
        return Pill("bad", WORDS[each.reference])
    source = each.match.source.name if each.match else ""
    return Pill("ok", f"{source}, {page.voice.day(each.benchmark.as_of)}" if each.benchmark else source)


def _band_url(each: Coverage) -> str:
    given = {
        "client": each.client.pk, "role_family": each.role_family, "role_code": each.role_code, "grade": each.grade,
        "location": each.location, "currency": each.currency,
    }  # fmt: skip
    return f"{reverse('admin:governance_salaryband_add')}?{urlencode(given)}"


def _reference_url(each: Coverage) -> str:
    if each.match is None:
        given = {"client": each.client.pk, "role_code": each.role_code, "grade": each.grade, "location": each.location}
        return f"{reverse('admin:governance_jobmatch_add')}?{urlencode(given)}"
    if each.reference in ("stale", "ageing"):
        return reverse("references:import", args=["benchmarks"])
    return reverse("admin:governance_jobmatch_change", args=[each.match.pk])


def _file(found: list[Coverage], form: str) -> HttpResponse:
    names = "client role_family role_code grade location currency requisitions openings band reference good_until"
    dataset = Dataset(headers=names.split())
    for each in found:
        cells = (
            each.client.code, each.role_family, each.role_code, each.grade, each.location, each.currency,
            each.requisitions, each.openings, each.band and each.band.code, each.reference or "known", each.good_until,
        )  # fmt: skip
        dataset.append([plain(cell) for cell in cells])
    headers = {"Content-Disposition": f'attachment; filename="coverage.{form}"'}
    return HttpResponse(dataset.export(form), content_type=TYPES[form], headers=headers)
