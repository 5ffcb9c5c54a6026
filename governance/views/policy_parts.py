"""The forms of the builder: one rule, the policy's own settings, and who is asked where no rule speaks.

Every form works without a script: its buttons post the whole form and get it back changed, and only “Save” saves.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from governance.builder import codec, drafts, sentences
from governance.builder.drafts import ChangedMeanwhile, PolicyError
from governance.builder.sheet import Cell, Sheet, changed, plain
from governance.builder.vocabulary import MANAGER_WORDS
from governance.models import ApprovalPolicy, Membership
from governance.policy_schema import CONDITIONS, DEFAULT_DUE, Problem
from governance.views.frame import find_policy, portal, show

BLANK = {"when": [{"test": ""}], "ask": [{}]}
SAVE = "save"


def find_draft(request: Any, pk: int) -> ApprovalPolicy | None:
    """The draft that the person may change; None, and a message, where the version is published."""
    policy = find_policy(request, pk, "change")
    if policy.published_at:
        messages.error(request, f"{policy} is published and cannot change: make a new version of it.")
        return None
    return policy


def holders_of(client_id: int) -> dict[str, int]:
    """How many active people hold each role at the client."""
    rows = Membership.objects.filter(client_id=client_id, is_active=True, user__is_active=True)
    return Counter(rows.values_list("role", flat=True))


def sheet_of(policy: ApprovalPolicy, rule: dict[str, Any], problems: Iterable[Problem] = (), focus: str = "") -> Sheet:
    names, holders = drafts.people_of(policy.client_id), holders_of(policy.client_id)
    return Sheet(rule, names=names, holders=holders, problems=problems, focus=focus)


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def rule(request: Any, pk: int, key: str = "") -> HttpResponse:
    """One rule of a draft, new or there already."""
    policy = find_draft(request, pk)
    if policy is None:
        return redirect("policies:policy", pk)
    place = drafts.find_rule(policy.document, key) if key else None
    standing = policy.document["rules"][place] if place is not None else None
    if request.method != "POST":
        if key and standing is None:
            raise Http404
        readable = standing if standing is None or sentences.readable(standing) else _salvaged(standing)
        return _rule_page(request, policy, key, readable or _copy(BLANK), was=drafts.mark(standing))
    data = request.POST
    found, do = codec.rule_of(data), data.get("do", SAVE)
    if do != SAVE:
        found, focus = changed(found, do)
        if do.startswith("fill:"):
            _in_own_money(found, policy.client.currency)
        return _rule_page(request, policy, key, found, was=data.get("was", ""), focus=focus)
    problems = strangers(found, standing, policy)
    try:
        if problems:
            raise PolicyError("The rule is not saved yet.", problems=problems)
        saved = drafts.save_rule(policy, found, key=key, was=data.get("was", ""), actor=request.user)
    except PolicyError as error:
        now = drafts.mark(standing) if isinstance(error, ChangedMeanwhile) else data.get("was", "")
        return _rule_page(request, policy, key, found, was=now, error=error)
    messages.success(request, f"Saved: {sentences.rule_sentence(saved, drafts.people_of(policy.client_id))}")
    return redirect(f"{reverse('policies:policy', args=[pk])}#rule-{saved['id']}")


def _in_own_money(rule: dict[str, Any], currency: str) -> None:
    """An amount that has just been asked for is in the client's own money until somebody says otherwise."""
    for item in rule["when"]:
        for condition in item.get("any", [item]):
            kind = CONDITIONS.get(condition.get("test", ""))
            if kind and "currency" in kind.needs:
                condition.setdefault("currency", currency)


def _copy(rule: dict[str, Any]) -> dict[str, Any]:
    return {"when": [dict(each) for each in rule["when"]], "ask": [dict(each) for each in rule["ask"]]}


def _salvaged(rule: dict[str, Any]) -> dict[str, Any]:
    """Of a rule that no form wrote: its name and title, to be filled in again."""
    return _copy(BLANK) | {name: rule[name] for name in ("id", "title") if isinstance(rule.get(name), str)}


def strangers(rule: dict[str, Any], standing: Any, policy: ApprovalPolicy) -> tuple[Problem, ...]:
    """People who do not work for the client, unless the rule named them before: they may have left since."""
    before = standing.get("ask", []) if isinstance(standing, dict) else []
    known = set(drafts.people_of(policy.client_id)) | {
        ask.get("person") for ask in before if isinstance(ask, dict)
    }  # fmt: skip
    return tuple(
        Problem(f"ask[{i}].person", f"Person {i + 1} to ask: nobody of this number works for this client.")
        for i, ask in enumerate(rule["ask"])
        if isinstance(ask.get("person"), int) and ask["person"] not in known
    )


def _rule_page(
    request: Any,
    policy: ApprovalPolicy,
    key: str,
    found: dict[str, Any],
    *,
    was: str,
    focus: str = "",
    error: PolicyError | None = None,
) -> HttpResponse:
    sheet = sheet_of(policy, found, error.problems if error else (), focus)
    names = sheet.names
    said = {**found, "id": "x", "title": "x", "ask": found["ask"]}
    return show(
        request,
        "policy_rule",
        f"Rule “{found['title']}”" if key and found.get("title") else "New rule",
        400 if error else 200,
        policy=policy,
        sheet=sheet,
        error=error,
        was=was,
        sentence=sentences.rule_sentence(said, names) if sentences.readable(said) else "",
        url=reverse("policies:rule", args=[policy.pk, key]) if key else reverse("policies:rule-new", args=[policy.pk]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def otherwise(request: Any, pk: int) -> HttpResponse:
    """Who is asked about an offer that no rule speaks for; or nobody."""
    policy = find_draft(request, pk)
    if policy is None:
        return redirect("policies:policy", pk)
    document = policy.document if isinstance(policy.document, dict) else {}
    standing = document.get("otherwise")
    found = standing if isinstance(standing, dict) else {"title": "Not covered by any rule", "ask": [{}]}
    error, focus, was = None, "", drafts.mark([standing])
    if request.method == "POST":
        data, was = request.POST, request.POST.get("was", "")
        found, do = _otherwise_of(data), data.get("do", SAVE)
        if do not in (SAVE, "nobody"):
            found, focus = changed(found, do)
        else:
            try:
                _save_otherwise(policy, None if do == "nobody" else found, standing, was, request.user)
            except PolicyError as caught:
                error = caught
                was = drafts.mark([standing]) if isinstance(caught, ChangedMeanwhile) else was
            else:
                messages.success(request, "Saved.")
                return redirect(f"{reverse('policies:policy', args=[pk])}#otherwise")
    problems = [Problem(each.path.removeprefix("otherwise."), each.message) for each in error.problems] if error else ()
    return show(
        request,
        "policy_otherwise",
        "Where no rule speaks",
        400 if error else 200,
        policy=policy,
        sheet=sheet_of(policy, found, problems, focus),
        error=error,
        was=was,
        there=standing is not None,
    )


def _otherwise_of(data: Any) -> dict[str, Any]:
    title = data.get("title", "").strip(" \t\r\n")
    return ({"title": title} if title else {}) | codec.asks_of(data)


def _save_otherwise(policy: ApprovalPolicy, found: Any, standing: Any, was: str, actor: Any) -> None:
    if found and (problems := strangers(found, standing, policy)):
        raise PolicyError("This is not saved yet.", problems=problems)

    def change(document: dict[str, Any]) -> None:
        document.pop("otherwise", None)
        if found is not None:
            document["otherwise"] = found

    drafts.save_parts(policy, change, ("otherwise",), was=was, actor=actor)


@require_http_methods(["GET", "HEAD", "POST"])
@portal
def settings(request: Any, pk: int) -> HttpResponse:
    """The policy's own settings: name, the manager's step, changed terms, due hours."""
    policy = find_draft(request, pk)
    if policy is None:
        return redirect("policies:policy", pk)
    document = policy.document if isinstance(policy.document, dict) else {}
    standing = drafts.mark([document.get(part) for part in codec.SETTINGS])
    values, was, error = codec.settings_fields(document), standing, None
    if request.method == "POST":
        values, was = request.POST.dict(), request.POST.get("was", "")
        found = codec.settings_of(values)

        def change(document: dict[str, Any]) -> None:
            for part in codec.SETTINGS:
                document.pop(part, None)
            document.update(found)

        try:
            drafts.save_parts(policy, change, codec.SETTINGS, was=was, actor=request.user)
        except PolicyError as caught:
            error, was = caught, standing if isinstance(caught, ChangedMeanwhile) else was
        else:
            messages.success(request, "Saved.")
            return redirect("policies:policy", pk)
    problems = error.problems if error else ()
    return show(
        request,
        "policy_settings",
        "Settings of the policy",
        400 if error else 200,
        policy=policy,
        cells=settings_cells(values, problems),
        summary=[(f"id_{codec.field_at(each.path)}", plain(each).replace("\u0000", "")) for each in problems],
        delta=values.get("delta_aware", ""),
        given=values.get("given", ""),
        error=error,
        was=was,
    )


def settings_cells(values: dict[str, str], problems: Iterable[Problem]) -> list[Cell]:
    faults = {codec.field_at(each.path): plain(each).rpartition("\u0000")[2] for each in problems}

    def cell(name: str, label: str, **more: Any) -> Cell:
        at = "standard" if name == "standard" and "due" in faults else name
        return Cell(name, label, values.get(name, ""), faults.get(at, ""), **more)

    hours = f"Left empty, both: {DEFAULT_DUE['standard']} h, critical {DEFAULT_DUE['critical']} h."
    return [
        cell("name", "Name", help="What pages and mails call the policy."),
        cell("manager_step", "Hiring manager", options=list(MANAGER_WORDS.items())),
        cell("standard", "An approval is due after, hours", keyboard="numeric", help=hours),
        cell("critical", "For critical hires, hours", keyboard="numeric"),
    ]
