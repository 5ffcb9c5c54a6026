"""The form over a statement of work: every field a person fills, and the JSON document that it makes."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from governance.policy_schema import ROLES
from governance.sow_schema import (
    ACTIVITIES,
    APPROVALS,
    DELIVERIES,
    DUTIES,
    FEES,
    HAND_OFFS,
    KPIS,
    PARTIES,
    SCOPES,
    WORK,
    validate,
)

# Where a problem of the document is shown, for paths whose field has another name.
PLACES = {
    "hand_off": "hand_off_after", "hand_off.after": "hand_off_after", "hand_off.to": "hand_off_to",
    "hand_off.share": "hand_off_share", "hand_off.within_days": "hand_off_within_days",
    "hand_off.clause": "hand_off_clause", "final_authority": "final_role", "final_authority.role": "final_role",
    "final_authority.title": "final_title", "final_authority.clause": "final_clause", "fees.model": "fee_model",
    "fees.success_percent": "success_percent", "fees.clause": "fees_clause",
}  # fmt: skip


def _choices(known: Mapping[str, str], empty: str = "") -> list[tuple[str, str]]:
    first = [("", empty)] if empty else []
    return first + [(name, words.removeprefix("the ")[:1].upper() + words.removeprefix("the ")[1:])
                    for name, words in known.items()]  # fmt: skip


class Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class ClauseField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "Clause", "required": False, "max_length": 80, **kwargs})


class SowForm(forms.Form):
    """`document` is what it makes; its problems are shown at their fields."""

    valid_from = Day(label="In force from")
    valid_to = Day(label="In force until", required=False, help_text="The last day; empty: open.")
    delivery = forms.ChoiceField(label="Delivery", choices=_choices(DELIVERIES))
    embedded = forms.BooleanField(label="Recruiters are embedded with the client", required=False)
    recruiters_may_grant = forms.BooleanField(
        label="Recruiters may answer counter-offers inside the guardrail", required=False
    )
    scope = forms.ChoiceField(label="Scope", choices=_choices(SCOPES))
    hand_off_after = forms.ChoiceField(label="Handed over after", choices=_choices(HAND_OFFS, "–"), required=False)
    hand_off_to = forms.ChoiceField(label="To", choices=_choices(PARTIES, "–"), required=False)
    hand_off_share = forms.MultipleChoiceField(
        label="What is shared with the other side afterwards", choices=_choices(DUTIES), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    hand_off_within_days = forms.IntegerField(label="Within days", required=False, min_value=1, max_value=90)
    hand_off_clause = ClauseField()
    final_role = forms.ChoiceField(label="Final authority", choices=_choices(ROLES))
    final_title = forms.CharField(
        label="Title", required=False, max_length=60, help_text="Empty: whoever holds the role."
    )
    final_clause = ClauseField()
    fee_model = forms.ChoiceField(label="Fee model", choices=_choices(FEES))
    success_percent = forms.CharField(
        label="Share of success fees, %", required=False, max_length=6, help_text="Of a mixed fee."
    )
    fees_clause = ClauseField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in ACTIVITIES.items():
            label = words[:1].upper() + words[1:]
            self.fields[f"party_{name}"] = forms.ChoiceField(
                label=label, choices=_choices(PARTIES, "Nobody named"), required=False
            )
            self.fields[f"clause_{name}"] = ClauseField(label=f"Clause: {words}")
        for name, words in KPIS.items():
            self.fields[f"kpi_{name}"] = forms.CharField(
                label=words[:1].upper() + words[1:], required=False, max_length=7
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        first, last = found.get("valid_from"), found.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "The statement of work ends before it begins.")
        if self.errors:
            return found
        for problem in validate(self.document()):
            self.add_error(_field_of(problem.path), problem.message.partition(": ")[2].capitalize() or problem.message)
        return found

    def document(self) -> dict[str, Any]:
        """The JSON document of what was filled in."""
        given = self.cleaned_data
        document: dict[str, Any] = {
            "schema": 1,
            "delivery": given["delivery"],
            "embedded": given["embedded"],
            "recruiters_may_grant": given["recruiters_may_grant"],
            "scope": given["scope"],
            "activities": {
                name: _filled(party=given[f"party_{name}"], clause=given[f"clause_{name}"])
                for name in ACTIVITIES
                if given[f"party_{name}"]
            },
            "final_authority": _filled(
                role=given["final_role"], title=given["final_title"], clause=given["final_clause"]
            ),
            "fees": _filled(
                model=given["fee_model"], success_percent=given["success_percent"], clause=given["fees_clause"]
            ),
            "kpis": _filled(**{name: given[f"kpi_{name}"] for name in KPIS}),
        }
        hand_off = _filled(
            after=given["hand_off_after"], to=given["hand_off_to"], share=given["hand_off_share"],
            within_days=given["hand_off_within_days"], clause=given["hand_off_clause"],
        )  # fmt: skip
        return {**document, "hand_off": hand_off} if hand_off else document

    # --- how the page lays it out

    def duties(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """The two tables: what they are about, and each activity's party and clause."""
        for title, names in (("Work", WORK), ("Approvals", APPROVALS)):
            yield title, [(self[f"party_{name}"], self[f"clause_{name}"]) for name in names]

    def targets(self) -> list[Any]:
        return [self[f"kpi_{name}"] for name in KPIS]

    def group(self, *names: str) -> list[Any]:
        return [self[name] for name in names]

    def when(self) -> list[Any]:
        return self.group("valid_from", "valid_to", "delivery", "scope", "embedded", "recruiters_may_grant")

    def hand_off(self) -> list[Any]:
        return self.group("hand_off_after", "hand_off_to", "hand_off_within_days", "hand_off_clause", "hand_off_share")

    def authority(self) -> list[Any]:
        return self.group("final_role", "final_title", "final_clause")

    def fees(self) -> list[Any]:
        return self.group("fee_model", "success_percent", "fees_clause")


def initial_of(document: Any) -> dict[str, Any]:
    """First values of the form from a document, sound or not: what cannot be read stays empty."""
    whole = document if isinstance(document, Mapping) else {}
    groups = {name: whole[name] if isinstance(whole.get(name), Mapping) else {} for name in
              ("activities", "final_authority", "fees", "hand_off", "kpis")}  # fmt: skip
    found = {name: whole.get(name) for name in ("delivery", "embedded", "recruiters_may_grant", "scope")}
    for name in ACTIVITIES:
        given = groups["activities"].get(name)
        given = given if isinstance(given, Mapping) else {}
        found |= {f"party_{name}": given.get("party", ""), f"clause_{name}": given.get("clause", "")}
    for path, field in PLACES.items():
        group, _, key = path.partition(".")
        if key:
            found[field] = groups[group].get(key, "")
    return found | {f"kpi_{name}": groups["kpis"].get(name, "") for name in KPIS}


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _field_of(path: str) -> str | None:
    if path in PLACES:
        return PLACES[path]
    group, _, rest = path.partition(".")
    name, _, key = rest.partition(".")
    if group == "activities" and name in ACTIVITIES:
        return f"{'clause' if key == 'clause' else 'party'}_{name}"
    if group == "kpis" and rest in KPIS:
        return f"kpi_{rest}"
    return path if path in ("delivery", "scope", "embedded", "recruiters_may_grant") else None
