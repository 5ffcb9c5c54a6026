"""JSON documents as forms, and on pages as a person can read them."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance.models import Engagement, Membership
from governance.rule_forms.base import DocumentForm, Known
from governance.scoping import ScopedModelForm

WIDTH = 96
MARKED = "It was not taken: what is marked has to be mended."


def laid_out(value: Any, indent: int = 0) -> str:
    """The document over lines: what fits on one stays on one, as in "thresholds": [24, 48, 72]."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= WIDTH or not isinstance(value, dict | list):
        return line
    inner, outer = " " * (indent + 2), " " * indent
    if isinstance(value, dict):
        rows = [f"{inner}{json.dumps(key)}: {laid_out(each, indent + 2)}" for key, each in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    return "[\n" + ",\n".join(f"{inner}{laid_out(each, indent + 2)}" for each in value) + f"\n{outer}]"


def shown(document: Any) -> SafeString:
    """The document as it is read where nothing can be changed."""
    return format_html("<pre>{}</pre>", laid_out(document))


class DocumentWidget(forms.Widget):
    """A form of its own in the place of one field; what is sent comes back as that form, filled in."""

    use_fieldset = True

    def __init__(self, kind: type[DocumentForm]) -> None:
        super().__init__()
        self.kind = kind
        self.known = Known()
        self.kept: Any = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> DocumentForm:
        return self.kind(data, document=self.kept, known=self.known, prefix=name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        form = value if isinstance(value, DocumentForm) else self.kind(document=value, known=self.known, prefix=name)
        return render_to_string("governance/documents/document.html", {"form": form})


class DocumentBound(BoundField):
    @property
    def marked(self) -> list[BoundField]:
        """The fields inside that were refused, so that the summary leads to each."""
        found = self.value() if self.form.is_bound else None
        return [field for field in found if field.errors] if isinstance(found, DocumentForm) else []


class DocumentField(forms.Field):
    """A document that is written by filling in the form of its kind."""

    def __init__(self, kind: type[DocumentForm], **kwargs: Any) -> None:
        super().__init__(required=False, widget=DocumentWidget(kind), **kwargs)

    def get_bound_field(self, form: Any, field_name: str) -> DocumentBound:
        return DocumentBound(form, self, field_name)

    def clean(self, value: DocumentForm) -> Any:
        if not value.is_valid():
            raise ValidationError([*value.non_field_errors()] or [MARKED])
        return value.document()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not data.is_valid() or bool(data.document() != initial)


class DocumentsForm(ScopedModelForm):
    """A row whose documents are forms. They may name members and engagements once the row's client is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        documents = {name: field.widget for name, field in self.fields.items() if isinstance(field, DocumentField)}
        for name, widget in documents.items():
            widget.kept = self.initial.get(name)
            if widget.kind.names_people and self.instance.client_id:
                widget.known = known_at(self.instance.client_id)

    def _update_errors(self, errors: Any) -> None:
        """A document that was refused at its fields is not refused once more as a whole."""
        found = getattr(errors, "error_dict", {})
        for name in [name for name in found if name in self.errors and isinstance(self.fields[name], DocumentField)]:
            del found[name]
        super()._update_errors(errors)  # type: ignore[misc]


def known_at(client_id: int) -> Known:
    """Active members and engagements of a client, by name."""
    members = Membership.objects.filter(client=client_id, is_active=True, user__is_active=True)
    people = members.order_by("user__name", "user").values_list("user", "user__name", "user__email").distinct()
    engagements = Engagement.objects.filter(client=client_id).order_by("name").values_list("code", "name")
    return Known(
        people=tuple((number, name or email) for number, name, email in people),
        engagements=tuple((code, f"{name} ({code})") for code, name in engagements),
    )
