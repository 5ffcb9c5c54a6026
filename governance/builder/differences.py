"""How two policy documents differ, in sentences: rules added, removed, changed field by field, and moved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from governance.builder.sentences import (
    Names,
    conditions,
    otherwise_sentence,
    own_hours,
    readable,
    rule_sentence,
    settings,
    who,
)
from governance.builder.vocabulary import MODE_WORDS


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a comparison. `kind`: added, removed, changed, moved or same; the sides are "" where absent."""

    kind: str
    title: str
    before: str
    after: str
    details: tuple[str, ...] = field(default=())


def differences(old: Any, new: Any, names: Names) -> list[Change]:
    """Everything that is not the same in both documents, in the order of the new one; [] where nothing is."""
    return [change for change in compare(old, new, names) if change.kind != "same"]


def compare(old: Any, new: Any, names: Names) -> list[Change]:
    """Both documents line by line: the settings, every rule under its short name, and "otherwise"."""
    old, new = _document(old), _document(new)
    return [*_settings(old, new), *_rules(old, new, names), _otherwise(old, new, names)]


def _document(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def rules_of(document: Any) -> list[Any]:
    """The rules of a document that may be unsound: whatever of its list can be read as rules."""
    found = _document(document).get("rules")
    return [rule for rule in found if isinstance(rule, Mapping)] if isinstance(found, list) else []


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for (title, before), (_, after) in zip(settings(old), settings(new), strict=True):
        yield Change("same" if before == after else "changed", title, before, after)


def _otherwise(old: Mapping[str, Any], new: Mapping[str, Any], names: Names) -> Change:
    before, after = otherwise_sentence(old, names), otherwise_sentence(new, names)
    same = before == after and old.get("otherwise") == new.get("otherwise")
    titles = [str(_document(each.get("otherwise")).get("title", "")) for each in (old, new)]
    details = (f"Title: “{titles[0]}” is now “{titles[1]}”.",) if all(titles) and titles[0] != titles[1] else ()
    return Change("same" if same else "changed", "Otherwise", before, after, details)


def _rules(old: Mapping[str, Any], new: Mapping[str, Any], names: Names) -> Iterator[Change]:
    before = {str(rule.get("id")): rule for rule in rules_of(old)}
    after = {str(rule.get("id")): rule for rule in rules_of(new)}
    places = {key: i for i, key in enumerate(before, 1)}
    moved = _moved(list(before), list(after))
    for i, (key, rule) in enumerate(after.items(), 1):
        sentence, title = rule_sentence(rule, names), str(rule.get("title", key))
        if key not in before:
            yield Change("added", title, "", sentence)
            continue
        details = tuple(_details(before[key], rule, names))
        if key in moved:
            details += (f"Moved from place {places[key]} to {i}.",)
        kind = "changed" if before[key] != rule else "moved" if key in moved else "same"
        yield Change(kind, title, rule_sentence(before[key], names), sentence, details)
    for key in (key for key in before if key not in after):
        yield Change("removed", str(before[key].get("title", key)), rule_sentence(before[key], names), "")


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Rules that are out of order among those of both: the fewest that explain the new order, near enough."""
    kept = [key for key in old if key in set(new)], [key for key in new if key in set(old)]
    blocks = SequenceMatcher(None, *kept, autojunk=False).get_matching_blocks()
    return set(kept[1]) - {key for block in blocks for key in kept[1][block.b : block.b + block.size]}


def _details(old: Any, new: Any, names: Names) -> Iterator[str]:
    if old.get("title") != new.get("title"):
        yield f"Title: “{old.get('title', '')}” is now “{new.get('title', '')}”."
    if not (readable(old) and readable(new)):
        return
    yield from _lists("Condition", conditions(old), conditions(new))
    yield from _lists("Asked", [_ask(ask, names) for ask in old["ask"]], [_ask(ask, names) for ask in new["ask"]])
    modes = [MODE_WORDS[rule.get("mode", "sequential")] for rule in (old, new)]
    if modes[0] != modes[1]:
        yield f"Order of asking: “{modes[0]}” is now “{modes[1]}”."


def _ask(ask: Mapping[str, Any], names: Names) -> str:
    return who(ask, names) + own_hours(ask)


def _lists(what: str, old: list[str], new: list[str]) -> Iterator[str]:
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    if len(gone) == len(come) == 1:
        yield f"{what}: “{gone[0]}” is now “{come[0]}”."
    else:
        yield from (f"{what} no longer: {each}." for each in gone)
        yield from (f"{what} as well: {each}." for each in come)
    if not gone and not come and old != new:
        yield f"{what}: the order is now {', then '.join(new)}."
