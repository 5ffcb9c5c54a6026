"""References then and now on a page, and as a file."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from tablib import Dataset  # type: ignore[import-untyped]

from governance import yearly
from governance.access import clients_with
from governance.admin.exports import TYPES, plain
from governance.models import Benchmark, Client, MarketSource, SalaryBand
from governance.money import NONE, format_amount
from governance.scoping import key_of, scoped
from governance.views.frame import portal, show

HEADS = {"bands": ("minimum", "midpoint", "maximum"), "benchmarks": ("p25", "p50", "p75")}
STATES = {"new": ("ok", "new"), "gone": ("bad", "gone"), "changed": ("warn", "changed"), "same": ("quiet", "same")}
SHOWN = 500


class Days(forms.Form):
    """Of whom or what, and the two days."""

    def __init__(self, data: Any, rows: Any, days: list[date] | None) -> None:
        super().__init__(data)
        self.fields["of"] = forms.ModelChoiceField(rows, label="Of", empty_label=None)
        for name, label in (("then", "Then"), ("now", "Now")):
            self.fields[name] = (
                forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
                if days is None
                else forms.TypedChoiceField(
                    label=label, choices=[(str(day), str(day)) for day in days], coerce=date.fromisoformat
                )
            )


@require_safe
@portal
def compare(request: Any, kind: str) -> HttpResponse:
    """Bands on two days, or published values of two dates; `format` gives them as a file."""
    if kind not in HEADS:
        raise Http404("There is nothing of that kind to compare.")
    rows = _owners(request.user, kind)
    chosen = rows.filter(pk=key).first() if (key := key_of(request.GET.get("of", ""))) else rows.first()
    days = None if kind == "bands" or chosen is None else yearly.dates(chosen)
    today = timezone.localdate()
    dated = [str(day) for day in days or ()] or [""]
    first = {
        "of": chosen and chosen.pk,
        "then": today - timedelta(days=365) if days is None else dated[-1 if len(dated) == 1 else 1],
        "now": today if days is None else dated[0],
    }
    asked = {name: request.GET.get(name) or value for name, value in first.items()}
    form = Days(asked, rows, days)
    lines: list[yearly.Line] = []
    if chosen is not None and form.is_valid():
        then, now = form.cleaned_data["then"], form.cleaned_data["now"]
        lines = yearly.bands(chosen.pk, then, now) if kind == "bands" else yearly.benchmarks(chosen, then, now)
        if request.GET.get("format") in TYPES:
            return _file(lines, kind, request.GET["format"])
    return _page(request, kind, form, lines)


def _owners(user: Any, kind: str) -> Any:
    """Clients whose bands the person reads, or the market sources."""
    if kind == "benchmarks":
        return scoped(MarketSource.objects.select_related("client"), user).order_by("client__name", "name")
    clients = clients_with(user, "governance.view_salaryband")
    if not clients:
        raise PermissionDenied
    return Client.objects.filter(pk__in=clients).order_by("name")


def _page(request: Any, kind: str, form: Days, lines: list[yearly.Line]) -> HttpResponse:
    differing = [line for line in lines if line.state != "same"]
    query = request.GET.copy()
    query.pop("format", None)
    return show(
        request,
        "compare",
        f"Compare {kind}",
        opts=(SalaryBand if kind == "bands" else Benchmark)._meta,
        form=form,
        heads=HEADS[kind],
        rows=[_row(line, HEADS[kind]) for line in differing[:SHOWN]],
        differing=len(differing),
        total=len(lines),
        query=query.urlencode(),
    )


def _row(line: yearly.Line, heads: tuple[str, ...]) -> dict[str, Any]:
    change = line.change
    return {
        "line": line,
        "pill": STATES[line.state],
        "unit": f"{line.currency} a {line.period}",
        "pairs": [
            (head, tuple(format_amount(value, line.currency, cents=line.period == "hour") for value in pair))
            for head, *pair in zip(heads, line.before or (None,) * 3, line.after or (None,) * 3, strict=True)
        ],
        "change": NONE if change is None else f"{change * 100:+.1f} %".replace("-", "−"),
    }


def _file(lines: list[yearly.Line], kind: str, form: str) -> HttpResponse:
    names = HEADS[kind]
    heads = [f"{name}_{when}" for when in ("then", "now") for name in names]
    dataset = Dataset(headers=["name", "place", "currency", "period", *heads, "change", "state"])
    for line in lines:
        amounts = [*(line.before or (None,) * 3), *(line.after or (None,) * 3)]
        change = None if line.change is None else round(line.change, 6)
        cells = [line.name, line.place, line.currency, line.period, *amounts, change, line.state]
        dataset.append([plain(cell) for cell in cells])
    headers = {"Content-Disposition": f'attachment; filename="{kind}-compared.{form}"'}
    return HttpResponse(dataset.export(form), content_type=TYPES[form], headers=headers)
