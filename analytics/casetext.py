"""Looks through free text for what would say who it is about, before the text may stand in a case book. Pure.

It is a gate, not a pencil: text in which anything is found does not appear at all, because what stands around a
blacked-out name tells as much. It knows the names that it is given, and takes any capital inside a sentence, any digit
and any word of money for one more; so it withholds too much rather than too little.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache


class Found(StrEnum):
    NAME = "a name"
    AMOUNT = "a number or an amount"
    ADDRESS = "an address"
    DATE = "a date"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ADDRESS = re.compile(r"@|https?:|www\.|\b[\w-]+\.(?:com|org|net|de|io|co|eu|pl|uk)\b|\bstreet\b|\bavenue\b|strasse")
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:^|[.!?…:\n\r“\"(–—-])[\s“\"'(]*([^\W\d_]+)")
_MONEY = _set(
    """dollar dollars euro euros pound pounds zloty zlotys franc francs yen cent cents usd eur gbp pln chf jpy grand k
    hundred hundreds thousand thousands million millions ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"""
)
_DAYS = _set(
    """january february april june july august september october november december monday tuesday wednesday thursday
    friday saturday sunday"""
)
# Words that may begin a sentence and name nobody; any other capital may be somebody.
_OPENERS = _set(
    """a after all already although am an and another any are as at base be because before benefits better but by
    could did do does even everybody everything family for from good had has have he her his how however i if in is it
    its late less long low lower many may me more most much my near no nobody not nothing of offer on one only or other
    our part pay personal salary same said she should since so some somebody somewhere still than thank thanks that the
    their them then there these they this those time to too until very was we went were what when where which while why
    with without work would you your"""
)
_COMMON = _set("a and at for in new of on the")  # words of names that stand everywhere
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})


def scan(text: str, names: Iterable[str], *, capitals: bool = True) -> tuple[Found, ...]:
    """What stands in the text that must not be told, in a fixed order; empty where nothing was found.

    `names` are whole names, of people, companies, units and places: every word of them counts, whatever its capitals
    and accents. Without `capitals` a capital alone is no sign of a name, as in a title.
    """
    plain = _plain(text)
    words = [(match.group(), match.start()) for match in _WORD.finditer(plain)]
    names = list(names)
    known = set().union(*map(_words_of, names)) - _COMMON
    begins = {match.start(1) for match in _BEGINS.finditer(plain)}
    lower = _fold(text)
    folded = _WORD.findall(lower)
    whole = "".join(folded)
    found = {
        Found.NAME: any(word in known for word in folded)
        or any(_inside(name, whole) for name in names)
        or (capitals and any(_may_name(word, begins=at in begins) for word, at in words)),
        Found.AMOUNT: any(unicodedata.category(char) in ("Nd", "Nl", "No", "Sc") or char == "%" for char in plain)
        or any(word in _MONEY for word in folded),
        Found.ADDRESS: bool(_ADDRESS.search(lower)),
        Found.DATE: any(word in _DAYS for word in folded),
    }
    return tuple(each for each, yes in found.items() if yes)


def _may_name(word: str, *, begins: bool) -> bool:
    if word == "I" or not any(char.isupper() for char in word):
        return False
    return not (begins and word.casefold() in _OPENERS)


def _inside(name: str, letters: str) -> bool:
    """True where a name of two words or more stands in the text run together or spaced out: “annaberg”, “a n n a”."""
    joined = _run_together(name)
    return len(joined) > 5 and joined in letters


@lru_cache(2048)
def _words_of(name: str) -> frozenset[str]:
    """A name's words as it is written, and as by whoever has no capitals: a Greek iota goes under or beside."""
    return frozenset(word for form in (_fold(name), _fold(name.casefold())) for word in _WORD.findall(form))


@lru_cache(2048)
def _run_together(name: str) -> str:
    words = _WORD.findall(_fold(name))
    return "".join(words) if len(words) > 1 else ""


def _plain(text: str) -> str:
    """Compatibility forms folded, accents and invisible characters taken off: “Müller” is “Muller”."""
    spread = unicodedata.normalize("NFKD", text)
    return "".join(char for char in spread if unicodedata.category(char) not in _INVISIBLE)


def _fold(text: str) -> str:
    """As _plain, whatever the capitals: taken off twice, because capitals may hide accents and accents capitals."""
    return _plain(_plain(_plain(text).casefold()).casefold())
