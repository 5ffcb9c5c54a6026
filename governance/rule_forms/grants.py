"""Guardrails: what each kind of recruiter may grant, and the role families that have their own."""

from collections.abc import Iterable, Mapping
from typing import Any

from babel.numbers import list_currencies
from django import forms

from governance import guardrails
from governance.models.rules import Guardrail
from governance.rule_forms.base import DocumentForm, Whole, filled, group_of

KINDS = {"embedded": "Embedded recruiters", "project": "Project recruiters", "union": "Union or step scales"}
FIGURES = {
    "base_percent": "On base, %",
    "sign_on_percent_of_base": "Sign-on, % of base",
    "total_percent_of_first_year_cash": "First-year cash in all, %",
    "sign_on_cap": "Sign-on cap",
    "currency": "Currency of the cap",
}
DAYS = {"leave_days": "More days of leave"}
TICKS = {"home_days": "Home-working days", "start_date": "Start date"}
FAMILY, KIND = "Role family", "For"


class GuardrailForm(DocumentForm):
    """A block for each kind of recruiter, and for each kind in a role family. An empty one grants nothing."""

    template = "governance/documents/guardrail.html"

    @staticmethod
    def initial_of(document: Any) -> dict[str, Any]:
        whole = group_of(document)
        found: dict[str, Any] = {}
        for kind in KINDS:
            found |= _initial(kind, group_of(whole, kind))
        own = [
            (family, kind, grant)
            for family, kinds in group_of(whole, "families").items()
            for kind, grant in group_of(kinds).items()
        ]
        for number, (family, kind, grant) in enumerate(own):
            stem = f"own_{number}"
            found |= {f"{stem}_family": family, f"{stem}_kind": kind, **_initial(stem, group_of(grant))}
        return found

    def build(self) -> None:
        for kind, name in KINDS.items():
            self._build_grant(kind, name)
        self.own = range(self.count(r"own_([0-9]{1,3})_family", spare=1))
        for number in self.own:
            stem, name = f"own_{number}", f"Family {number + 1}"
            self.fields[f"{stem}_family"] = forms.CharField(label=f"{name}, role family", required=False, max_length=80)
            self.fields[f"{stem}_kind"] = forms.ChoiceField(
                label=f"{name}, for", choices=[*KINDS.items()], required=False
            )
            self._build_grant(stem, name)

    def _build_grant(self, stem: str, name: str) -> None:
        for key, words in FIGURES.items():
            look = {"autocomplete": "off", **({} if key == "currency" else {"inputmode": "decimal"})}
            self.fields[f"{stem}_{key}"] = forms.CharField(
                label=_within(name, words), required=False, max_length=16, widget=forms.TextInput(look)
            )
        self.fields[f"{stem}_leave_days"] = Whole(0, 60, label=_within(name, DAYS["leave_days"]))
        for key, words in TICKS.items():
            self.fields[f"{stem}_{key}"] = forms.BooleanField(label=_within(name, words), required=False)

    def check_rows(self, found: dict[str, Any]) -> None:
        for stem in (*KINDS, *(f"own_{number}" for number in self.own)):
            if grant := self._grant(stem):
                self._check_grant(stem, grant)
        seen = set()
        for number in self.own:
            stem = f"own_{number}"
            family, kind = found[f"{stem}_family"], found[f"{stem}_kind"]
            if not family and self._grant(stem):
                self.mark(f"{stem}_family", "Say which role family this is for, or empty its figures.")
            elif family and not kind:
                self.mark(f"{stem}_kind", "Say which kind of recruiter this is for.")
            elif family and (family, kind) in seen:
                self.mark(f"{stem}_family", "This role family has its figures for this kind further up.")
            seen.add((family, kind))

    def _check_grant(self, stem: str, grant: dict[str, Any]) -> None:
        for problem in guardrails.validate(grant):
            words = problem.message.partition(": ")[2]
            name = f"{stem}_{problem.path}"
            self.mark(name if name in self.fields else f"{stem}_base_percent", words[:1].upper() + words[1:])
        if grant.get("currency", "USD") not in list_currencies():  # a document may hold any three letters
            self.mark(f"{stem}_currency", f"The currency {grant['currency']} is not known: write one such as USD.")

    def _grant(self, stem: str) -> dict[str, Any] | None:
        """What was filled in, or None where nothing was: nothing without asking."""
        given = self.cleaned_data
        written = filled(**{key: given[f"{stem}_{key}"] for key in (*FIGURES, *DAYS)})
        ticked = {key: True for key in TICKS if given[f"{stem}_{key}"]}
        if "currency" in written:
            written["currency"] = written["currency"].upper()
        return {"schema": 1, **written, **ticked} if written or ticked else None

    def document(self) -> dict[str, Any]:
        given = self.cleaned_data
        families: dict[str, dict[str, Any]] = {}
        for number in self.own:
            if family := given[f"own_{number}_family"]:
                families.setdefault(family, {})[given[f"own_{number}_kind"]] = self._grant(f"own_{number}")
        return {**{kind: self._grant(kind) for kind in KINDS}, **({"families": families} if families else {})}

    def problems(self, document: Any) -> Iterable[tuple[str | None, str]]:
        return [(None, words) for words in Guardrail.problems(document)]

    # --- how the page lays it out: each cell by its short name, since the block says whose it is

    def blocks(self) -> list[tuple[str, list[tuple[str, Any]], list[tuple[str, Any]]]]:
        return [(name, self._cells(kind), self._ticks(kind)) for kind, name in KINDS.items()]

    def families(self) -> list[tuple[str, list[tuple[str, Any]], list[tuple[str, Any]]]]:
        found = []
        for number in self.own:
            stem = f"own_{number}"
            named = [(FAMILY, self[f"{stem}_family"]), (KIND, self[f"{stem}_kind"])]
            title = str(self[f"{stem}_family"].value() or "Another role family")
            found.append((title, named + self._cells(stem), self._ticks(stem)))
        return found

    def _cells(self, stem: str) -> list[tuple[str, Any]]:
        return [(words, self[f"{stem}_{key}"]) for key, words in (FIGURES | DAYS).items()]

    def _ticks(self, stem: str) -> list[tuple[str, Any]]:
        return [(words, self[f"{stem}_{key}"]) for key, words in TICKS.items()]


def _initial(stem: str, grant: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{stem}_{key}": grant[key] for key in (*FIGURES, *DAYS, *TICKS) if key in grant}


def _within(name: str, words: str) -> str:
    return f"{name}, {words[:1].lower()}{words[1:]}"
