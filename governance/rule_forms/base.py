"""What the forms over documents share: rows that grow without a script, and problems said at their fields."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

Choice = tuple[str, str]
MOST = 400  # rows of one kind, whatever is sent


@dataclass(frozen=True, slots=True)
class Known:
    """Whom and what a document may name at its client: members by number, engagements by code."""

    people: Sequence[tuple[int, str]] = ()
    engagements: Sequence[Choice] = ()


class DocumentForm(forms.Form):
    """A form over one document. A kind adds its fields in `build`, reads them in `initial_of` and writes `document`."""

    template: ClassVar[str] = ""
    names_people: ClassVar[bool] = False  # or engagements, so that it needs to know them

    def __init__(self, data: Any = None, *, document: Any = None, known: Known | None = None, prefix: str = "") -> None:
        self.known = known or Known()
        self.kept = self.initial_of(document)  # what was there before: it may stay, although it is not known any more
        super().__init__(data, initial=self.kept, prefix=prefix or None)
        start = f"{prefix}-" if prefix else ""
        sent = (name.removeprefix(start) for name in data or () if name.startswith(start))
        self.marked: dict[str, str] = {}
        self.names = frozenset(self.kept if data is None else sent)
        self.build()

    @staticmethod
    def initial_of(document: Any) -> dict[str, Any]:
        """First values from a document, sound or not: what cannot be read stays empty. Never raises."""
        raise NotImplementedError

    def build(self) -> None:
        """Add the fields whose number depends on the document."""

    def document(self) -> Any:
        """The document of what was filled in; only of a form without errors."""
        raise NotImplementedError

    def problems(self, document: Any) -> Iterable[tuple[str | None, str]]:
        """What the document's own check says, each with its field or None."""
        return ()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors:
            self.check_rows(found)
            for place, words in self.marked.items():
                self.add_error(place, words)
        if not self.errors:
            for name, message in self.problems(self.document()):
                self.add_error(name, message)
        return found

    def check_rows(self, found: dict[str, Any]) -> None:
        """Rows that are filled in by half, before there is a document at all."""

    def count(self, pattern: str, *, spare: int, least: int = 0) -> int:
        """How many rows to draw: those there are and some to fill in; as many as were sent where some were."""
        rows = re.compile(pattern)
        there = max((int(found[1]) + 1 for name in self.names if (found := rows.fullmatch(name))), default=0)
        return max(min(there, MOST) if self.is_bound else there + spare, least)

    def group(self, *names: str) -> list[Any]:
        return [self[name] for name in names]

    def mark(self, name: str, message: str) -> None:
        """Refuse a field once its row has been looked at; values stay readable until all of them were."""
        self.marked.setdefault(name, message)


def group_of(document: Any, *path: str) -> Mapping[str, Any]:
    """The group at this path of a document, or an empty one."""
    for key in path:
        document = document.get(key) if isinstance(document, Mapping) else None
    return document if isinstance(document, Mapping) else {}


def list_of(document: Any, key: str) -> list[Any]:
    found = group_of(document).get(key)
    return found if isinstance(found, list) else []


def filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def lines(text: str) -> list[str]:
    """One entry a line, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class Whole(forms.IntegerField):
    """A whole number, narrow as numbers are."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=most, **{"required": False, **kwargs})


class Lines(forms.CharField):
    """Several entries, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea({"rows": 3}), **kwargs)
