"""What a browser sends of a form that somebody looked at and did not touch."""

from typing import Any

from django.forms import BooleanField

from governance.rule_forms.base import DocumentForm


def untouched(kind: type[DocumentForm], document: Any, prefix: str = "", **changes: Any) -> dict[str, Any]:
    """The fields of the document's form as sent, each under its name, with these changed: `mon_0_to="25:00"`."""
    form = kind(document=document, prefix=prefix)
    shown = {name: form[name].value() for name in form.fields}
    assert not changes.keys() - shown.keys(), "no such field is drawn"
    sent = {
        name: "on" if value is True else "" if value is None else value
        for name, value in (shown | changes).items()
        if not (isinstance(form.fields[name], BooleanField) and not value) and value != []
    }
    return {form.add_prefix(name): value for name, value in sent.items()}


def filled_in(kind: type[DocumentForm], document: Any, **changes: Any) -> DocumentForm:
    return kind(untouched(kind, document, **changes), document=document)
