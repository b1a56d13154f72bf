"""Enough English to put a claim's own words into a question: case, number, articles, and keys for comparing.

It knows closed classes of words only (prepositions, articles); everything else it reads off the corpus.
"""

import itertools
import re
from collections.abc import Iterable, Sequence

from services.synthesis.domain.corpus import Term

PREPOSITIONS = frozenset(
    re.findall(
        r"\w+",
        "of for in to with on at by from under above below between during after before over within per inside outside "
        "against near through as without beside",
    )
)
CONJUNCTIONS = frozenset(re.findall(r"\w+", "when while if where unless until once except provided"))
ARTICLES = frozenset(re.findall(r"\w+", "the a an each every all any"))
_STOP = PREPOSITIONS | CONJUNCTIONS | ARTICLES | {"and", "or", "is", "are", "be"}
_TOKEN = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*", re.UNICODE)


def words(text: str) -> list[str]:
    """The words of a text in lower case, in order; a code such as `QF-203` is one."""
    return [word.lower() for word in _TOKEN.findall(text)]


def stem(word: str) -> str:
    """A noun's singular, for comparing only."""
    if not word.isalpha() or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word.removesuffix("s")


def key(text: str) -> frozenset[str]:
    """What a phrase says apart from its grammar: `Anchor rods for X` and `anchor rod of the X` have one key."""
    return frozenset(stem(word) for word in words(text)) - _STOP


class Terms:
    """Reads every name of a thing as its preferred one."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._names = {term.preferred: _names(term) for term in terms}
        self._keys: dict[str, frozenset[str]] = {}
        known = [(name, preferred) for preferred, names in self._names.items() for name in names]
        # The longest name first, so that `anchor bolt sleeve` is not read as `anchor bolt`.
        self._patterns = [(_spelled(name), preferred) for name, preferred in sorted(known, key=lambda k: -len(k[0]))]

    def normal(self, text: str) -> str:
        """The text with preferred names only."""
        for pattern, preferred in self._patterns:
            text = pattern.sub(preferred, text)
        return text

    def variants(self, text: str) -> list[str]:
        """The text with one term called by another of its names, for each such name."""
        found: list[str] = []
        for _, names in sorted(self._names.items()):
            used = next((hit for name in names if (hit := _spelled(name).search(text))), None)
            if used is not None:
                found += [text[: used.start()] + name + used.group(1) + text[used.end() :] for name in names]
        return [variant for variant in dict.fromkeys(found) if variant.lower() != text.lower()]

    def key(self, text: str) -> frozenset[str]:
        """As `key`, the same for all names of a thing. Kept, for every claim is compared with many."""
        found = self._keys.get(text)
        if found is None:
            found = self._keys[text] = key(self.normal(text))
        return found


def _names(term: Term) -> list[str]:
    """The names of a thing as they stand within a sentence: small, but for codes and names of people."""
    return list(dict.fromkeys(_small(name) for name in (term.preferred, *term.variants)))


def _small(name: str) -> str:
    first, _, rest = name.partition(" ")
    is_plain = first[1:].islower() or not first[1:]
    return f"{first.lower()} {rest}".strip() if is_plain and name[1:].islower() else name


def _spelled(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(s?)(?![\w-])", re.IGNORECASE)


class Casing:
    """Knows from a corpus which words are written small in the middle of a sentence."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._small: set[str] = set()
        self._large: set[str] = set()
        for text in texts:
            for line in text.splitlines():
                parts = line.split()
                for before, part in itertools.pairwise(parts):
                    self._note(before, part.strip(",.;:()"))

    def _note(self, before: str, word: str) -> None:
        if word[:1].islower():
            self._small.add(word)
        elif before[-1].isalpha() and before[0].islower():
            self._large.add(word.lower())

    def lowered(self, phrase: str) -> str:
        """A phrase as it stands within a sentence: `Anchor rods` small, `Charpy energy` and `WPS-17` as they are."""
        first, _, rest = phrase.strip().partition(" ")
        if not first or not first[0].isupper() or any(c.isupper() or c.isdigit() for c in first[1:]):
            return phrase.strip()
        small = first.lower()
        is_name = rest[:1].isupper() and rest[1:2].islower()
        if is_name or (small not in self._small and small in self._large):
            return phrase.strip()
        return f"{small} {rest}".strip()


def raised(phrase: str) -> str:
    """A phrase as it begins a sentence."""
    return phrase[:1].upper() + phrase[1:]


def without_article(phrase: str) -> str:
    first, _, rest = phrase.strip().partition(" ")
    return rest if first.lower() in ARTICLES and rest else phrase.strip()


def head(phrase: str) -> str:
    """The noun that a noun phrase is about: the last word before its first preposition."""
    parts = phrase.split()
    end = next((i for i, part in enumerate(parts) if i and part.lower() in PREPOSITIONS), len(parts))
    return parts[end - 1].strip(",;") if parts else ""


def is_plural(phrase: str) -> bool:
    noun = head(phrase).lower()
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def determined(phrase: str) -> str:
    """A noun phrase with the article that it needs: plurals and codes take none."""
    bare = without_article(phrase)
    if is_plural(bare) or any(c.isdigit() for c in head(bare)):
        return bare
    return f"the {bare}"


def condition_phrase(conditions: Sequence[str]) -> str:
    """Conditions as they follow a clause, with a space before each: ` at -20 °C`, ` (indoors)`."""
    parts = [condition.strip() for condition in conditions if condition.strip()]
    return "".join(f" {part}" if _joins(part) else f" ({part})" for part in parts)


def _joins(part: str) -> bool:
    return part.split()[0].lower() in PREPOSITIONS | CONJUNCTIONS


def has_preposition(phrase: str) -> bool:
    return any(word in PREPOSITIONS for word in words(phrase)[1:])
