"""Bringing a file of references in: first what it would change, then, on confirmation, the same file all or nothing.

Between the two the file travels in the page itself, packed: nothing of it is kept on the server until it is taken in.
"""

import base64
import binascii
import tempfile
import zlib
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance.access import clients_with
from governance.ingest import KINDS
from governance.ingest.kinds import Kind, ingest
from governance.ingest.report import Report
from governance.keeping import refusals
from governance.models import Benchmark, BusinessCalendar, Client, Holiday, Incumbent, JobMatch, SalaryBand
from governance.views.frame import portal, show

MODELS: dict[str, Any] = {
    "bands": SalaryBand, "benchmarks": Benchmark, "matches": JobMatch, "incumbents": Incumbent, "holidays": Holiday,
}  # fmt: skip
LISTS: dict[str, Any] = {**MODELS, "holidays": BusinessCalendar}  # whose list shows what was taken in
SUFFIXES = (".csv", ".csv.gz", ".xlsx")
PACKED_MOST = 2_000_000  # of a form's fields Django takes 2.5 MB
UNPACKED_MOST = 20_000_000
SHOWN = 100


class FileForm(forms.Form):
    """The file, whose it is, and for benchmarks whose columns it has."""

    client = forms.ModelChoiceField(queryset=Client.objects.none(), empty_label=None)
    profile = forms.ChoiceField(label="Columns", required=False)
    file = forms.FileField(help_text="CSV in UTF-8 (also .csv.gz) or XLSX, one header row. Up to about 2 MB packed.")

    def __init__(self, *args: Any, kind: Kind, clients: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose: Any = self.fields["client"]
        choose.queryset = Client.objects.filter(pk__in=clients).order_by("name")
        choose.initial = clients[0]
        if len(clients) == 1:
            choose.disabled, choose.widget = True, forms.HiddenInput()
        profile: Any = self.fields["profile"]
        profile.choices = [("", "Handoff's own"), *((name, name.upper()) for name in kind.profiles)]
        if not kind.profiles:
            del self.fields["profile"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(SUFFIXES):
            raise forms.ValidationError(f"Give a file that ends in one of: {', '.join(SUFFIXES)}.")
        return file


class PackedForm(FileForm):
    """The same file again, as the preview sent it along."""

    file = None  # type: ignore[assignment]
    name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    packed = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not name.lower().endswith(SUFFIXES):
            raise forms.ValidationError("This is not the file that was looked at.")
        return name

    def clean_packed(self) -> bytes:
        try:
            unpack = zlib.decompressobj()
            found = unpack.decompress(base64.b64decode(self.cleaned_data["packed"], validate=True), UNPACKED_MOST)
        except (binascii.Error, zlib.error, ValueError):
            raise forms.ValidationError("This is not the file that was looked at; choose it again.") from None
        if not unpack.eof:
            raise forms.ValidationError("This file is too large for the page.")
        return found


@require_http_methods(["GET", "POST"])
@portal
def take_in(request: Any, kind: str) -> HttpResponse:
    """GET asks for the file; POST with it shows what it would change; POST with it packed takes it in."""
    chosen, clients = _allowed(request.user, kind)
    held = refusals(request.user, clients, now=timezone.now()) if chosen.kept else {}
    if not (clients := [pk for pk in clients if pk not in held]):
        return show(request, "held_page", f"Bring in {kind}", 403, held=[("", next(iter(held.values())))],
                    opts=LISTS[kind]._meta)  # fmt: skip
    about: dict[str, Any] = {"kind": chosen, "clients": clients}
    if "packed" in request.POST:
        packed = PackedForm(request.POST, **about)
        if not packed.is_valid():
            return _page(request, chosen, FileForm(**about), problems=[str(e[0]) for e in packed.errors.values()])
        return _take(request, chosen, packed, about)
    form = FileForm(request.POST or None, request.FILES or None, **about)
    if request.method == "GET" or not form.is_valid():
        return _page(request, chosen, form)
    content = form.cleaned_data["file"].read(UNPACKED_MOST + 1)
    packed_text = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(content) > UNPACKED_MOST or len(packed_text) > PACKED_MOST:
        way_out = f"manage.py ingest {kind} FILE --client CODE takes it"
        form.add_error("file", f"This file is too large for a page: {way_out}.")
        return _page(request, chosen, form)
    name = Path(form.cleaned_data["file"].name).name[-200:]
    report = _ingest(request, chosen, form.cleaned_data, name, content, dry_run=True)
    sent = {"name": name, "packed": packed_text, "client": form.cleaned_data["client"].pk}
    again = PackedForm(initial=sent | {"profile": form.cleaned_data.get("profile", "")}, **about)
    return _page(request, chosen, FileForm(**about), report=report, again=again, name=name)


def _allowed(user: Any, name: str) -> tuple[Kind, list[int]]:
    """The kind, and the clients at which the person may add and change its rows. Raises Http404, PermissionDenied."""
    kind = next((each for each in KINDS if each.name == name and name in MODELS), None)
    if kind is None:
        raise Http404("There is no such kind of file.")
    model = MODELS[name]._meta.model_name
    clients = [pk for pk in clients_with(user, f"governance.add_{model}") if _may_change(user, pk, model)]
    if not clients:
        raise PermissionDenied
    return kind, clients


def _may_change(user: Any, client_id: int, model: str) -> bool:
    return client_id in clients_with(user, f"governance.change_{model}")


def _take(request: Any, kind: Kind, form: PackedForm, about: dict[str, Any]) -> HttpResponse:
    given = form.cleaned_data
    report = _ingest(request, kind, given, given["name"], given["packed"], dry_run=False)
    if report.refused:  # somebody has changed what was compared with
        return _page(request, kind, FileForm(**about), report=report, name=given["name"])
    counts = f"{report.created} added, {report.updated} changed, {report.unchanged} unchanged"
    messages.success(request, f"Taken in {given['name']}: {counts}.")
    return redirect(f"admin:governance_{LISTS[kind.name]._meta.model_name}_changelist")


def _ingest(request: Any, kind: Kind, given: dict[str, Any], name: str, content: bytes, *, dry_run: bool) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        return ingest(
            kind, path, client=given["client"], now=timezone.now(), profile=given.get("profile", ""),
            dry_run=dry_run, actor=request.user,
        )  # fmt: skip


def _page(request: Any, kind: Kind, form: FileForm, report: Report | None = None, **context: Any) -> HttpResponse:
    refused = sorted(report.refused, key=lambda each: each.row or 0) if report else []
    diff = [] if refused or report is None else [_line(each) for each in report.diff]
    return show(
        request,
        "import",
        f"Bring in {kind.name}",
        409 if context.get("problems") else 200,
        opts=LISTS[kind.name]._meta,
        kind=kind,
        columns=kind.columns,
        form=form,
        report=report,
        refused=refused[:SHOWN],
        refused_count=len(refused),
        diff=diff,
        changing=report.created + report.updated if report else 0,
        **context,
    )


def _line(each: Any) -> dict[str, Any]:
    """One row that is new or changes, its changes as (field, before, after)."""
    kept = [
        (name.removesuffix("_id").replace("_", " "), before, after)
        for name, (before, after) in each.changes.items()
        if each.action == "update" or after not in (None, "")
    ]
    return {"row": each.row, "key": each.key, "new": each.action == "create", "changes": kept}
