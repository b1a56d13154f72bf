"""Words in a form that can be compared: spelling, inflection and known variants folded."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


WORD = re.compile(r"[A-Za-z\u00c0-\u024f][\w\u00c0-\u024f]*(?:[-'’./][\w]+)*|\d+(?:[.,]\d+)*(?:[-/][\w]+)*")
STOP = word_set(
    "a an the of for to in on at by with and or from under over into onto per as is are be been was were "
    "it its their this that these those which who such any all each every shall must should may will can "
    "not no than have has had having do does there where when if then so also only use used using both "
    "other"
)
# Words that say how a value binds, which the comparator carries already, or that add nothing to what is meant.
_SOFT = word_set(
    "minimum maximum min max least most lowest highest specified required permitted allowable allowed "
    "value design nominal measured stated given duration interval requirement requires require provide "
    "provided"
)
_IRREGULAR = {
    "thickness": "thick", "thicknesses": "thick", "width": "wide", "widths": "wide", "length": "long",
    "lengths": "long", "depth": "deep", "depths": "deep", "height": "high", "heights": "high", "held": "hold",
    "kept": "keep", "feet": "foot", "stored": "store", "made": "make", "welding": "weld", "bolting": "bolt",
    "painting": "paint", "metre": "meter", "metres": "meter", "centre": "center", "centres": "center", "grey": "gray",
    "aluminium": "aluminum", "mould": "mold", "retention": "keep", "retained": "keep", "inches": "inch",
    "strengths": "strength", "axes": "axis",
}  # fmt: skip
_BRITISH = (
    (re.compile(r"is(e|es|ed|ing|ation|ations|er|ers)$"), r"iz\1"),
    (re.compile(r"ys(e|es|ed|ing)$"), r"yz\1"),
    (re.compile(r"(col|behavi|harb|lab|vap|fav|flav|neighb|arm|hon)our"), r"\1or"),
    (re.compile(r"(fib|lit|met|calib|theat)re(s?)$"), r"\1er\2"),
    (re.compile(r"(travel|label|cancel|model|level|channel)l(ed|ing|er)$"), r"\1\2"),
    (re.compile(r"ogue(s?)$"), r"og\1"),
)
# Words in -ise that are not the British form of -ize.
_NOT_IZE = word_set(
    "rise raise noise precise otherwise exercise expertise premise enterprise advise revise supervise "
    "franchise arise wise poise promise merchandise concise devise surprise compromise comprise praise "
    "cruise disguise likewise clockwise rising raising advised revised supervised raised risen revising "
    "comprised comprising exercised rises raises"
)
IDENTIFIER = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[\w]+(?:[-/.:][\w]+)*$")


def words(text: str) -> list[str]:
    return WORD.findall(text)


def american(word: str) -> str:
    """A lower-case word in American spelling."""
    if word in _NOT_IZE or len(word) < 6:
        return _IRREGULAR.get(word, word) if word in ("metre", "metres", "centre", "grey", "mould") else word
    for pattern, replacement in _BRITISH:
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A crude, stable stem of one word; identifiers keep their form in lower case."""
    low = unicodedata.normalize("NFKC", word).lower().replace("’", "'").removesuffix("'s").strip("'")
    if any(c.isdigit() for c in low):
        return low
    low = american(low)
    low = _IRREGULAR.get(low, low)
    for suffix, put in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if low.endswith(suffix) and len(low) > len(suffix) + 2:
            low = low.removesuffix(suffix) + put
            break
    else:
        if low.endswith("s") and not low.endswith(("ss", "us", "is")) and len(low) > 3:
            low = low[:-1]
    return _without_ending(_IRREGULAR.get(low, low))


def _without_ending(low: str) -> str:
    for suffix in ("ically", "ation", "ness", "ing", "ed", "ly"):
        if low.endswith(suffix) and len(low) - len(suffix) >= 3:
            low = low.removesuffix(suffix)
            if suffix in ("ing", "ed") and len(low) > 3 and low[-1] == low[-2] and low[-1] not in "ls":
                low = low[:-1]
            if suffix == "ically":
                return low + "ic"
            break
    return low.removesuffix("e") if len(low) > 4 else low


def stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order; a hyphenated word counts as its parts, an identifier as one."""
    found: list[str] = []
    for word in words(text):
        parts = [word] if any(c.isdigit() for c in word) else re.split(r"[-/]", word)
        found += [stem(part) for part in parts if part.lower() not in STOP and part]
    return found


class Variants:
    """Folds known variants of a term into one: built from pairs (variant, preferred)."""

    def __init__(self, pairs: Mapping[str, str]) -> None:
        folded = {tuple(stems(variant)): tuple(stems(preferred)) for variant, preferred in pairs.items()}
        self._pairs = {variant: preferred for variant, preferred in folded.items() if variant and variant != preferred}
        self._longest = max((len(variant) for variant in self._pairs), default=0)

    def fold(self, tokens: list[str]) -> list[str]:
        """Replaces variants, the longest first."""
        out: list[str] = []
        at = 0
        while at < len(tokens):
            size = next((n for n in range(self._longest, 0, -1) if tuple(tokens[at : at + n]) in self._pairs), 0)
            out += self._pairs[tuple(tokens[at : at + size])] if size else [tokens[at]]
            at += size or 1
        return out


NO_VARIANTS = Variants({})


def topic_bag(parts: Iterable[str], variants: Variants = NO_VARIANTS) -> frozenset[str]:
    """What a statement is about, whatever the order of its words."""
    tokens = [token for part in parts for token in variants.fold(stems(entity(part)))]
    return frozenset(token for token in tokens if token not in SOFT_STEMS)


SOFT_STEMS = frozenset(stem(word) for word in _SOFT)


def entity(phrase: str) -> str:
    """A phrase whose last word is an identifier is named by it alone: `welding procedure WP-17` is `WP-17`."""
    parts = phrase.split()
    if len(parts) > 1 and is_code(parts[-1]) and not any(is_code(part) for part in parts[:-1]):
        known = [part for part in parts[:-1] if part.lower() in ("of", "for", "in", "with", "to", "on")]
        return phrase if known else parts[-1]
    return phrase


def is_code(word: str) -> bool:
    """True for designations such as `WP-17`, `S355J2` or `PS-4`, not for plain numbers or words."""
    return bool(IDENTIFIER.match(word.strip(".,;:()"))) and any(c.isupper() for c in word)


def is_specific(subject: str) -> bool:
    """Whether a subject means the same in every document: it has a designation or at least two telling words."""
    tokens = stems(subject)
    return any(any(c.isdigit() for c in token) for token in tokens) or len(set(tokens)) >= 2
