"""Drafts of approval policies as rows: begin one, change one part of it, publish it. A published one never changes."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

from babel.numbers import list_currencies
from django.db import transaction
from django.utils.text import slugify

from governance.builder.checks import Verdict, check
from governance.builder.sentences import conditions, readable
from governance.history import because
from governance.models import ApprovalPolicy, Client, ExchangeRate, Membership, User
from governance.policy_schema import Problem, validate
from governance.programme import Programme, load
from governance.versions import next_number, starting_document

TITLE = 200
RESERVED = ("otherwise", "manager-step")


class PolicyError(Exception):
    """A refusal in words: what happened, and what to do next. `problems` where fields are at fault."""

    def __init__(self, message: str, next_step: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.next_step, self.problems = message, next_step, problems


class ChangedMeanwhile(PolicyError):
    """Somebody else wrote the same part since it was shown."""


def mark(part: Any) -> str:
    """A short print of a part of a document, to see whether it has changed since it was shown."""
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


def people_of(client_id: int) -> dict[int, str]:
    """The names of everybody active in a role at the client, by user id."""
    rows = Membership.objects.filter(client_id=client_id, is_active=True, user__is_active=True)
    return {user: name or email for user, name, email in rows.values_list("user", "user__name", "user__email")}


def money_of(client: Client) -> set[str]:
    """The client's own currency, and every one that its exchange rates name."""
    rows = ExchangeRate.objects.filter(client=client).values_list("base", "quote").distinct()
    return {client.currency}.union(*rows)


def verdict_of(policy: ApprovalPolicy, programme: Programme, names: Mapping[int, str]) -> Verdict:
    """What speaks against publishing this draft now."""
    return check(policy.document, programme, names, money_of(policy.client))


def begin(client: Client, name: str, *, start: str, actor: User) -> ApprovalPolicy:
    """A first draft under a name, or the next of that name: a copy of the version in force ("force"), the starting
    template ("template"), or without rules ("empty"). Raises PolicyError where the name has a draft already."""
    if ApprovalPolicy.objects.filter(client=client, name=name, published_at=None).exists():
        raise PolicyError(f"“{name}” has a draft already.", "Go on with it, or choose another name.")
    document = _beginning(client, start) | {"name": name}
    if problems := tuple(each for each in validate(document) if each.path == "name"):
        raise PolicyError("This name cannot be used.", problems[0].message, problems)
    with because(actor=actor.pk, action="approvalpolicy.add"):
        number = next_number(ApprovalPolicy, client, name)
        policy: ApprovalPolicy = ApprovalPolicy.objects.create(
            client=client, name=name, version=number, document=document
        )
        return policy


def _beginning(client: Client, start: str) -> dict[str, Any]:
    if start == "force" and (rule := load(client.pk).policy):
        return dict(rule.document)
    if start == "template":
        return dict(starting_document("approval_policy"))
    return {
        "schema": 1,
        "name": "",
        "rules": [],
        "otherwise": {"title": "Every offer", "ask": [{"role": "hr_partner"}]},
    }


# --- changing one part


@contextmanager
def editing(policy: ApprovalPolicy, verb: str, *, actor: User) -> Iterator[dict[str, Any]]:
    """The draft's document, locked, to be changed in place: saved at the end. Raises PolicyError once published."""
    with transaction.atomic(), because(actor=actor.pk, action=f"approvalpolicy.{verb}"):
        row = ApprovalPolicy.objects.select_for_update(of=("self",)).filter(pk=policy.pk).first()
        if row is None:
            raise PolicyError("This draft has been deleted meanwhile.", "Begin a new version.")
        if row.published_at:
            raise PolicyError("This version has been published meanwhile.", "Make a new version of it.")
        document = row.document if isinstance(row.document, dict) else {}
        document.setdefault("schema", 1)
        document["rules"] = document["rules"] if isinstance(document.get("rules"), list) else []
        yield document
        policy.document = row.document = document
        row.save(update_fields=["document"])


def find_rule(document: Any, key: str) -> int | None:
    """The place of the rule with this short name, None where there is none."""
    rules = document.get("rules") if isinstance(document, Mapping) else None
    found = [i for i, rule in enumerate(rules or ()) if isinstance(rule, Mapping) and rule.get("id") == key]
    return found[0] if found else None


def save_rule(
    policy: ApprovalPolicy, rule: dict[str, Any], *, key: str = "", was: str = "", actor: User
) -> dict[str, Any]:
    """Put the rule in the place of the one called `key`, or behind the last. A rule without a short name or title gets
    one. Raises PolicyError with every problem, ChangedMeanwhile where `was` is not the mark of what stands there."""
    with editing(policy, "change_rule" if key else "add_rule", actor=actor) as document:
        rules = document["rules"]
        place = find_rule(document, key) if key else None
        if key and place is None:
            raise ChangedMeanwhile("Somebody has removed this rule meanwhile.", "Add it as a new one if it is wanted.")
        if place is not None and was and mark(rules[place]) != was:
            raise ChangedMeanwhile(
                "Somebody else has changed this rule meanwhile.", "Save again to put yours in its place."
            )
        others = [each for i, each in enumerate(rules) if i != place]
        at = len(rules) if place is None else place
        taken = {each.get("id") for each in others if isinstance(each, Mapping)}
        rule = completed(rule, taken)
        problems = problems_of({**document, "rules": [*others[:at], rule, *others[at:]]}, f"rules[{at}]")
        if rule.get("id") in taken and not any(each.path == "id" for each in problems):
            problems += (
                Problem("id", f"Rule {at + 1} “{rule.get('title')}”: the short name “{rule['id']}” is taken."),
            )
        problems = without_made_up(problems, rule)
        problems += tuple(unknown_money(rule, f"Rule {at + 1} “{rule.get('title')}”")) if not problems else ()
        if problems:
            raise PolicyError("The rule is not saved yet.", problems=problems)
        rules[at : at + 1] = [rule]
    return rule


def without_made_up(problems: tuple[Problem, ...], rule: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Not the names that the builder makes itself, as long as something else keeps it from making them."""
    made = {key for key in ("id", "title") if key not in rule}
    return tuple(each for each in problems if each.path not in made) or problems


def unknown_money(rule: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """Currencies of a sound rule that nobody pays in: a document may hold any three letters, a form only these."""
    known = list_currencies()
    for i, item in enumerate(rule["when"]):
        for k, condition in enumerate(item.get("any", [item])):
            if condition.get("currency", "USD") not in known:
                at = f"when[{i}].any[{k}].currency" if "any" in item else f"when[{i}].currency"
                yield Problem(at, f"{where}, condition {i + 1}: the currency {condition['currency']} is not known.")


def completed(rule: dict[str, Any], taken: Collection[Any]) -> dict[str, Any]:
    """The rule with a title made of its conditions and a short name made of its title, where it has none."""
    found = dict(rule)
    if "title" not in found and readable({"id": "x", "title": "x", "when": found.get("when"), "ask": []}):
        words = ", ".join(conditions(found))
        found["title"] = (words[0].upper() + words[1:])[:TITLE].rstrip()
    if "id" not in found and "title" in found:
        stem = slugify(found["title"])[:48].strip("-_").replace("_", "-") or "rule"
        free = (name for n in count(1) if (name := stem if n == 1 else f"{stem}-{n}") not in {*taken, *RESERVED})
        found["id"] = next(free)
    return found


def problems_of(document: Mapping[str, Any], prefix: str) -> tuple[Problem, ...]:
    """What is wrong inside one part of the document, its path beginning behind the part's."""
    found = [each for each in validate(document) if each.path == prefix or each.path.startswith(f"{prefix}.")]
    return tuple(Problem(each.path[len(prefix) + 1 :], each.message) for each in found)


def move_rule(policy: ApprovalPolicy, key: str, by: int, *, actor: User) -> None:
    """Move a rule up (-1) or down (1) by one place; at the end of the list nothing happens."""
    with editing(policy, "move_rule", actor=actor) as document:
        rules, place = document["rules"], find_rule(document, key)
        if place is not None and 0 <= place + by < len(rules):
            rules[place], rules[place + by] = rules[place + by], rules[place]


def remove_rule(policy: ApprovalPolicy, key: str, *, actor: User) -> None:
    with editing(policy, "remove_rule", actor=actor) as document:
        place = find_rule(document, key)
        if place is not None:
            del document["rules"][place]


def save_parts(
    policy: ApprovalPolicy,
    change: Callable[[dict[str, Any]], None],
    parts: tuple[str, ...],
    *,
    was: str = "",
    actor: User,
) -> None:
    """Change some of the document's own fields, `parts`. Raises PolicyError with what is then wrong with them."""
    with editing(policy, f"change_{parts[0]}", actor=actor) as document:
        if was and mark([document.get(part) for part in parts]) != was:
            raise ChangedMeanwhile("Somebody else has changed this meanwhile.", "Save again to put yours in its place.")
        before = dict(document)
        change(document)
        found = [each for each in validate(document) if each.path.partition(".")[0].partition("[")[0] in parts]
        if found:
            document.clear()
            document.update(before)
            raise PolicyError("This is not saved yet.", problems=tuple(found))


# --- publishing


def publish(
    policy: ApprovalPolicy, *, seen: str, against: int | None, confirmed: bool, actor: User, now: datetime
) -> None:
    """Freeze the draft. `seen` marks the document that was shown, `against` is the version in force it was compared
    with. Raises PolicyError for a refusal, unconfirmed warnings, or a draft or rival that is not what was shown."""
    with transaction.atomic(), because(actor=actor.pk, action="approvalpolicy.publish"):
        Client.objects.select_for_update().get(
            pk=policy.client_id
        )  # one at a time: what is in force stays what was seen
        row = ApprovalPolicy.objects.select_for_update(of=("self",)).select_related("client").get(pk=policy.pk)
        if row.published_at:
            raise PolicyError("This version has been published meanwhile.", "Make a new version of it.")
        programme = load(row.client_id)
        force = programme.policy.id if programme.policy else None
        if mark(row.document) != seen or force != against:
            raise ChangedMeanwhile(
                "The draft, or the version in force, has changed since this page was shown.",
                "Read the differences again, then publish.",
            )
        verdict = verdict_of(row, programme, people_of(row.client_id))
        if verdict.refusals:
            raise PolicyError("It cannot be published yet.", "Mend what is listed below.")
        if verdict.warnings and not confirmed:
            raise PolicyError("Nothing is published yet.", "Confirm that the warnings are meant.")
        row.publish(actor=actor, now=now)
