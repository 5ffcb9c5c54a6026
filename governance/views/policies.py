"""The policy builder: a policy as cards of sentences, its versions, and what begins, moves or removes a part of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST

from governance.access import clients_with
from governance.builder import drafts, sentences
from governance.builder.checks import Verdict
from governance.builder.differences import rules_of
from governance.builder.drafts import PolicyError
from governance.builder.vocabulary import MODE_WORDS
from governance.history import because
from governance.models import ApprovalPolicy, Client
from governance.policy_schema import json_schema
from governance.programme import load
from governance.scoping import TOGETHER
from governance.versions import next_version
from governance.views.frame import find_policy, portal, show, versions_of


@require_http_methods(["GET", "HEAD"])
@portal
def overview(request: Any, pk: int) -> HttpResponse:
    """One version: its rules in sentences, its settings, what speaks against publishing it, and its sisters."""
    policy = find_policy(request, pk)
    programme, names = load(policy.client_id), drafts.people_of(policy.client_id)
    editable = not policy.published_at and request.user.has_perm("governance.change_approvalpolicy", policy)
    verdict = drafts.verdict_of(policy, programme, names) if not policy.published_at else Verdict((), ())
    force = programme.policy.id if programme.policy else None
    document = policy.document if isinstance(policy.document, dict) else {}
    return show(
        request,
        "policy",
        policy.name,
        policy=policy,
        state=state_of(policy, force),
        editable=editable,
        may_revise=bool(policy.published_at) and request.user.has_perm("governance.add_approvalpolicy", policy),
        may_delete=editable and request.user.has_perm("governance.delete_approvalpolicy", policy),
        cards=[card(rule, verdict, names) for rule in rules_of(document)],
        settings=sentences.settings(document),
        otherwise=sentences.otherwise_sentence(document, names),
        otherwise_remarks=_remarks(verdict, "otherwise"),
        verdict=verdict,
        versions=[(each, state_of(each, force)) for each in versions_of(policy, request)],
        trial_url=trial_url(policy),
    )


def card(rule: Any, verdict: Verdict, names: dict[int, str]) -> dict[str, Any]:
    """A rule as its card shows it: one sentence, and each condition and ask where there are several."""
    sound = sentences.readable(rule)
    key = str(rule.get("id", ""))
    mode = rule.get("mode", "sequential")
    return {
        "key": key if sentences.readable({"id": key, "title": "x", "when": [{"test": "always"}], "ask": []}) else "",
        "title": str(rule.get("title", "")) or "A rule without a title",
        "sentence": sentences.rule_sentence(rule, names),
        "asking": sentences.asking(rule, names) if sound else "",
        "conditions": sentences.conditions(rule) if sound and len(rule["when"]) > 1 else [],
        "advice": mode == "advice",
        "mode": MODE_WORDS[mode] if sound and len(rule["ask"]) > 1 else "",
        "remarks": _remarks(verdict, key),
    }


def _remarks(verdict: Verdict, key: str) -> list[tuple[str, str]]:
    found = [("bad", each) for each in verdict.refusals] + [("warn", each) for each in verdict.warnings]
    return [(kind, each.message) for kind, each in found if each.rule == key]


def state_of(policy: ApprovalPolicy, force: int | None) -> tuple[str, str]:
    """Kind and text of the pill of a version."""
    if policy.published_at is None:
        return "warn", "Draft"
    return ("ok", "In force") if policy.pk == force else ("quiet", "Replaced")


def trial_url(policy: ApprovalPolicy) -> str:
    """Where it is tried on past offers; "" in a portal that has none."""
    try:
        return reverse("offers:policy-trial", args=[policy.pk])
    except NoReverseMatch:
        return ""


# --- beginning


class StartForm(forms.Form):
    client = forms.ModelChoiceField(Client.objects.none(), empty_label="Choose a client")
    name = forms.CharField(max_length=80, help_text="Its versions are numbered under this name.")
    start = forms.ChoiceField(
        label="Begin with",
        choices=(
            ("force", "A copy of the policy in force"),
            ("template", "The starting template “Balanced”"),
            ("empty", "No rules: every offer goes to the HR business partner"),
        ),
    )

    def __init__(self, *args: Any, clients: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["client"]
        field.queryset = Client.objects.filter(pk__in=clients)
        if len(clients) == 1:
            field.initial, field.widget = clients[0], forms.HiddenInput()


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def start(request: Any) -> HttpResponse:
    """Begin a draft: under which name, and from what."""
    clients = clients_with(request.user, "governance.add_approvalpolicy")
    if not clients:
        return redirect("admin:governance_approvalpolicy_changelist")
    form = StartForm(request.POST or None, clients=clients, initial={"name": "Balanced"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            policy = drafts.begin(given["client"], given["name"], start=given["start"], actor=request.user)
        except PolicyError as error:
            form.add_error("name", f"{error.message} {error.next_step}")
        except IntegrityError:
            form.add_error(None, TOGETHER)
        else:
            messages.success(request, f"{policy} is a draft: nothing follows it until it is published.")
            return redirect("policies:policy", policy.pk)
    return show(request, "policy_start", "New approval policy", form=form)


@require_POST
@portal
def revise(request: Any, pk: int) -> HttpResponse:
    """The next version as a draft, or the draft that is there already."""
    policy = find_policy(request, pk, "add")
    try:
        with because(actor=request.user.pk, action="approvalpolicy.next_version"):
            draft, made = next_version(policy)
    except IntegrityError:
        messages.error(request, TOGETHER)
        return redirect("policies:policy", pk)
    said = "is a draft: change it, then publish it." if made else "is a draft already."
    messages.success(request, f"{draft} {said}")
    return redirect("policies:policy", draft.pk)


# --- the order of rules, and fewer of them


@require_POST
@portal
def move(request: Any, pk: int, key: str) -> HttpResponse:
    """One place up or down."""
    policy = find_policy(request, pk, "change")
    try:
        drafts.move_rule(policy, key, 1 if request.POST.get("to") == "down" else -1, actor=request.user)
    except PolicyError as error:
        messages.error(request, f"{error.message} {error.next_step}")
    return redirect(f"{reverse('policies:policy', args=[pk])}#rule-{key}")


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def remove(request: Any, pk: int, key: str) -> HttpResponse:
    """GET asks, POST removes the rule from the draft."""
    policy = find_policy(request, pk, "change")
    place = drafts.find_rule(policy.document, key)
    if place is None or policy.published_at:
        return redirect("policies:policy", pk)
    rule = policy.document["rules"][place]
    if request.method == "POST":
        try:
            drafts.remove_rule(policy, key, actor=request.user)
        except PolicyError as error:
            messages.error(request, f"{error.message} {error.next_step}")
        else:
            messages.success(request, f"“{rule.get('title', key)}” is removed from this draft.")
        return redirect("policies:policy", pk)
    names = drafts.people_of(policy.client_id)
    return show(
        request,
        "policy_remove",
        f"Remove “{rule.get('title', key)}”?",
        policy=policy,
        sentence=sentences.rule_sentence(rule, names),
    )


# --- the document itself


@require_http_methods(["GET", "HEAD"])
@portal
def document(request: Any, pk: int) -> HttpResponse:
    """The version as the JSON document that it is."""
    policy = find_policy(request, pk)
    return JsonResponse(policy.document, safe=False, json_dumps_params={"indent": 2, "ensure_ascii": False})


@require_http_methods(["GET", "HEAD"])
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of policy documents; open to everybody, it holds nothing of anybody."""
    return JsonResponse(json_schema(), json_dumps_params={"indent": 2}, content_type="application/schema+json")
