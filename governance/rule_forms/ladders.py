"""Escalation paths and service levels: hours by priority, and who hears of what is late."""

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from governance import ladder, rule_words
from governance.access import Role
from governance.rule_forms.base import Choice, DocumentForm, Known, Lines, Whole, filled, group_of, lines, list_of

PRIORITIES = {"standard": "Standard", "critical": "Critical"}
HOURS = [("elapsed", "Elapsed: nights and holidays count"), ("business", "Of the working calendar")]
RISING = "It must be later than the level before."
GAP = "A later level has hours and this one has none: give them here, or empty the later ones."


class HoursField(Whole):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, ladder.YEAR, **kwargs)


class EscalationPathForm(DocumentForm):
    """Levels from the first to the last, what the path is for, and what an acknowledgement is worth."""

    template = "governance/documents/escalation_path.html"
    names_people = True
    hours = forms.ChoiceField(label="Hours are", choices=HOURS)
    hold_standard = HoursField(label="Standard, hours")
    hold_critical = HoursField(label="Critical, hours")
    hold_times = Whole(1, ladder.MOST_HOLDS, label="At most, times")
    stages = forms.MultipleChoiceField(
        label="Stages", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(stage, rule_words.STAGES[stage]) for stage in ladder.ON_LADDER],
    )  # fmt: skip
    engagements = forms.MultipleChoiceField(label="Engagements", required=False, widget=forms.CheckboxSelectMultiple)
    business_units = Lines(label="Business units", help_text="One a line, as requisitions name them.")
    retired = forms.BooleanField(
        label="Retired", required=False, help_text="Nothing new follows a retired path once this is published."
    )

    @staticmethod
    def initial_of(document: Any) -> dict[str, Any]:
        whole, asked, hold = group_of(document), group_of(document, "applies_to"), group_of(document, "acknowledgement")
        found: dict[str, Any] = {
            "hours": whole.get("hours", "elapsed"), "retired": whole.get("retired", False),
            "stages": list_of(asked, "stages"), "engagements": list_of(asked, "engagements"),
            "business_units": "\n".join(map(str, list_of(asked, "business_units"))),
            **{f"hold_{key}": hold.get(key, "") for key in (*PRIORITIES, "times")},
        }  # fmt: skip
        for number, level in enumerate(list_of(document, "levels")):
            found |= _initial_level(number, list_of(level, "owners"))
        for priority in PRIORITIES:
            for number, value in enumerate(list_of(whole.get("thresholds"), priority)):
                found[f"level_{number}_{priority}"] = value
        return found

    def build(self) -> None:
        engaged = {code: code for code in self.kept["engagements"]} | dict(self.known.engagements)
        chosen: Any = self.fields["engagements"]
        chosen.choices = list(engaged.items())
        self.owners = owner_choices(self.known, {str(value) for value in self.kept.values()})
        self.levels = range(self.count(r"level_([0-9]{1,2})_.+", spare=1, least=3))
        for number in self.levels:
            self._build_level(number)

    def _build_level(self, number: int) -> None:
        name, stem = f"Level {number + 1}", f"level_{number}"
        for priority, words in PRIORITIES.items():
            self.fields[f"{stem}_{priority}"] = HoursField(label=f"{name}, {words.lower()}, hours")
        for slot in range(self.count(rf"{stem}_owner_([0-9]{{1,2}})", spare=1, least=3)):
            key = f"{stem}_owner_{slot}"
            label = f"{name}, who hears of it, {slot + 1}"
            self.fields[key] = forms.ChoiceField(label=label, choices=self.owners, required=False)
        self.fields[f"{stem}_addresses"] = Lines(label=f"{name}, addresses")
        self.fields[f"{stem}_addresses"].widget.attrs["rows"] = 2

    def check_rows(self, found: dict[str, Any]) -> None:
        hold = [name for name in ("hold_standard", "hold_critical", "hold_times") if found[name] is None]
        for name in hold if len(hold) < 3 else ():
            self.mark(name, "Give all three, or none for 4 h, 1 h and twice.")
        used = [number for number in self.levels if self._is_used(number)]
        if not used:
            self.mark("level_0_owner_0", "Name at least one who hears of it.")
        for number in used:
            if not self._owners(number):
                self.mark(f"level_{number}_owner_0", "Name at least one who hears of it.")
            for address in lines(found[f"level_{number}_addresses"]):
                if not ladder._address(address):
                    self.mark(f"level_{number}_addresses", f"“{address}” is not an e-mail address.")
        for unit in lines(found["business_units"]):
            if len(unit) > ladder.LONGEST or not unit.isprintable():
                self.mark("business_units", f"Give each unit in one line of at most {ladder.LONGEST} characters.")
        for priority in PRIORITIES:
            self._check_hours([f"level_{number}_{priority}" for number in used])

    def _check_hours(self, names: list[str]) -> None:
        """The first levels have hours, each later than the one before."""
        values = [self.cleaned_data[name] for name in names]
        if names and not any(values):
            self.mark(names[0], "Give the hours after which the first level hears of it.")
        for number, (name, value) in enumerate(zip(names, values, strict=True)):
            if value is None and any(values[number:]):
                self.mark(name, GAP)
            elif number and value is not None and value <= (values[number - 1] or 0):
                self.mark(name, RISING)

    def _is_used(self, number: int) -> bool:
        given, stem = self.cleaned_data, f"level_{number}"
        return bool(self._owners(number)) or any(given[f"{stem}_{priority}"] for priority in PRIORITIES)

    def _owners(self, number: int) -> list[dict[str, Any]]:
        given, stem = self.cleaned_data, f"level_{number}_owner_"
        chosen = [_owner(given[name]) for name in self.fields if name.startswith(stem) and given[name]]
        return chosen + [{"address": address} for address in lines(given[f"level_{number}_addresses"])]

    def document(self) -> dict[str, Any]:
        given = self.cleaned_data
        used = [number for number in self.levels if self._is_used(number)]
        document: dict[str, Any] = {
            "schema": 1,
            "hours": given["hours"],
            "thresholds": {
                priority: [hours for number in used if (hours := given[f"level_{number}_{priority}"])]
                for priority in PRIORITIES
            },
            "levels": [{"owners": self._owners(number)} for number in used],
        }
        asked = filled(
            stages=given["stages"], engagements=given["engagements"], business_units=lines(given["business_units"])
        )
        hold = filled(**{key: given[f"hold_{key}"] for key in (*PRIORITIES, "times")})
        more = {"acknowledgement": hold, "applies_to": asked, "retired": given["retired"]}
        return document | {key: value for key, value in more.items() if value}

    def problems(self, document: Any) -> Iterable[tuple[str | None, str]]:
        return [(None, words) for words in ladder.validate_path(document)]

    # --- how the page lays it out

    def steps(self) -> Iterable[tuple[str, list[Any], list[Any], Any]]:
        """Each level: its name, hours by priority, owners, addresses."""
        for number in self.levels:
            stem = f"level_{number}"
            owners = [self[name] for name in self.fields if name.startswith(f"{stem}_owner_")]
            hours = self.group(*(f"{stem}_{priority}" for priority in PRIORITIES))
            yield f"Level {number + 1}", hours, owners, self[f"{stem}_addresses"]

    def when(self) -> list[Any]:
        return self.group("hours")

    def hold(self) -> list[Any]:
        return self.group("hold_standard", "hold_critical", "hold_times")

    def scope(self) -> list[Any]:
        named: Any = self.fields["engagements"]
        return self.group("stages", *(["engagements"] if named.choices else []), "business_units", "retired")


def _initial_level(number: int, owners: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {f"level_{number}_addresses": ""}
    chosen = [owner for owner in owners if isinstance(owner, Mapping) and len(owner) == 1]
    addresses = [str(owner["address"]) for owner in chosen if "address" in owner]
    found[f"level_{number}_addresses"] = "\n".join(addresses)
    for slot, owner in enumerate(owner for owner in chosen if "address" not in owner):
        ((key, value),) = owner.items()
        found[f"level_{number}_owner_{slot}"] = f"{key}:{value}"
    return found


def owner_choices(known: Known, kept: Collection[str]) -> list[Any]:
    """Nobody; whoever holds it; a role; a member. Somebody who has left stays, as a number, until another is chosen."""
    people: list[Choice] = [(f"person:{number}", name) for number, name in known.people]
    left = [each for each in kept if re.fullmatch("person:[0-9]+", each) and each not in dict(people)]
    people += [(each, f"Member {each.removeprefix('person:')}, who is not active here") for each in sorted(left)]
    groups: list[Any] = [
        ("", "–"),
        ("Of the offer", [(f"who:{who}", rule_words.WHO[who]) for who in ladder.WHO]),
        ("Roles", [(f"role:{role.value}", str(role.label)) for role in Role]),
    ]
    return [*groups, ("People", people)] if people else groups


def _owner(choice: str) -> dict[str, Any]:
    key, _, value = choice.partition(":")
    return {key: int(value) if key == "person" else value}


def _number(value: Decimal | None) -> int | float | None:
    """As JSON writes it: 95 stays 95."""
    return None if value is None else int(value) if value == int(value) else float(value)


class ServiceLevelForm(DocumentForm):
    """Hours of each stage by priority, and how long the candidate has."""

    template = "governance/documents/service_level.html"
    working_days = Whole(1, ladder.MOST_DAYS, label="Working days to answer", required=True)
    remind_days_before = Whole(0, ladder.MOST_DAYS, label="Reminded, days before the last")
    attainment_percent = forms.DecimalField(
        label="In time, % of letters", help_text="Empty: no target.", required=False,
        min_value=Decimal("0.01"), max_value=100, decimal_places=2, widget=forms.NumberInput({"step": "any"}),
    )  # fmt: skip

    @staticmethod
    def initial_of(document: Any) -> dict[str, Any]:
        answer = group_of(document, "candidate_response")
        return {
            **{
                f"{stage}_{priority}": group_of(document, stage).get(priority, "")
                for stage in ladder.STAGES
                for priority in PRIORITIES
            },
            **{key: answer.get(key, "") for key in ("working_days", "remind_days_before")},
            "attainment_percent": group_of(document).get("attainment_percent", ""),
        }

    def build(self) -> None:
        for stage in ladder.STAGES:
            for priority, words in PRIORITIES.items():
                label = f"{rule_words.STAGES[stage]}, {words.lower()}, hours"
                self.fields[f"{stage}_{priority}"] = HoursField(label=label, required=True)

    def check_rows(self, found: dict[str, Any]) -> None:
        if (found["remind_days_before"] or 0) >= found["working_days"]:
            self.mark("remind_days_before", "The reminder must fall inside the time to answer.")

    def document(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "schema": 1,
            **{stage: {priority: given[f"{stage}_{priority}"] for priority in PRIORITIES} for stage in ladder.STAGES},
            "candidate_response": filled(
                working_days=given["working_days"], remind_days_before=given["remind_days_before"]
            ),
            **filled(attainment_percent=_number(given["attainment_percent"])),
        }

    def problems(self, document: Any) -> Iterable[tuple[str | None, str]]:
        return [(None, words) for words in ladder.validate_service_level(document)]

    def stages(self) -> list[tuple[str, list[Any]]]:
        return [
            (rule_words.STAGES[stage], self.group(*(f"{stage}_{priority}" for priority in PRIORITIES)))
            for stage in ladder.STAGES
        ]

    def answer(self) -> list[Any]:
        return self.group("working_days", "remind_days_before", "attainment_percent")
