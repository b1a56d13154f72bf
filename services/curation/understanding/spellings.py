"""Words that differ by spelling, hyphen or space only: galvanising, nonshrink, baseplate and base plate."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.curation.understanding.wording import STOP, american, stem, word_set

MIN_LENGTH = 6
MIN_PART = 3
# A form is extended by the word behind it where that word follows this share of its uses.
MIN_FOLLOWED = 0.6
_NO_PROSE = re.compile(r"\S*@\S+|https?://\S+|www\.\S+|\S*_\S*")
_RUN = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?: [A-Za-z]+(?:-[A-Za-z]+)*)*")
# Particles that join a verb or a number as one word or two by grammar, not by taste.
_PARTICLES = STOP | word_set(
    "out up off down back about after before some one more less way time times body thing self"
)


@dataclass
class _Uses:
    counts: Counter[str] = field(default_factory=Counter)
    followers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def variants(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(preferred form, other form) in a stable order. Names in mixed case, such as those of programs, are no words."""
    uses = _Uses()
    for text in texts:
        _count(text, uses)
    shapes: dict[str, list[str]] = defaultdict(list)
    for form in uses.counts:
        shapes[_shape(form)].append(form)
    for shape in sorted(shapes):
        best, *others = _ranked(shapes[shape], uses.counts) or [""]
        noun = _common_follower([best, *others], uses) if others else ""
        yield from ((f"{best} {noun}".strip(), f"{other} {noun}".strip()) for other in others)


def _count(text: str, uses: _Uses) -> None:
    for run in _RUN.finditer(_NO_PROSE.sub(" . ", text)):
        words = run.group().split(" ")
        for n, word in enumerate(words):
            if len(word) >= MIN_LENGTH and _is_word(word):
                _note(uses, word, words[n + 1 : n + 2])
            pair = words[n : n + 2]
            if len(pair) == 2 and all(len(part) >= MIN_PART and _is_part(part) for part in pair):
                _note(uses, " ".join(pair), words[n + 2 : n + 3])


def _note(uses: _Uses, form: str, after: Sequence[str]) -> None:
    uses.counts[form.lower()] += 1
    uses.followers[form.lower()].update(word.lower() for word in after if _is_word(word))


def _is_word(word: str) -> bool:
    return not re.search(r"[a-z][A-Z]", word)


def _is_part(word: str) -> bool:
    return _is_word(word) and "-" not in word and word.lower() not in _PARTICLES


def _shape(form: str) -> str:
    return "".join(american(part) for part in re.split(r"[ -]", form))


def _ranked(forms: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The forms of one shape, the preferred first: American spelling decides, then how often it stands.

    Two words apart are a variant of one word written together. They are none of a hyphened attribute, which grammar may
    ask for beside them.
    """
    has_joined = any(" " not in form and "-" not in form for form in forms)
    kept = forms if has_joined else [form for form in forms if " " not in form]
    return sorted(kept, key=lambda form: (_is_british(form), -counts[form], form))


def _is_british(form: str) -> bool:
    return any(american(part) != part for part in re.split(r"[ -]", form))


def _common_follower(forms: Sequence[str], uses: _Uses) -> str:
    """The noun that stands behind every form nearly always: `non-shrink` is said of grout only."""
    nouns = []
    for form in forms:
        total = uses.counts[form]
        word, count = max(uses.followers[form].items(), key=lambda one: (one[1], one[0]), default=("", 0))
        if count < MIN_FOLLOWED * total or word in _PARTICLES or len(word) < MIN_PART:
            return ""
        nouns.append(word)
    return nouns[0] if len({stem(noun) for noun in nouns}) == 1 else ""
