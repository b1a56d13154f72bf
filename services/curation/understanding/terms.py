"""One thing called by several names: by definition, by glossary, by spelling, by hyphen or space."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.curation.domain.passages import Chunk, Quote, Source
from services.curation.understanding import definitions
from services.curation.understanding.wording import american

_TOKEN = re.compile(r"[A-Za-z]{3,}(?:-[A-Za-z]{2,})*")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
# A compound whose parts also stand side by side by chance needs to be seen this often to count.
MIN_SPELLING_LENGTH = 6


@dataclass(frozen=True)
class Term:
    """A term and its variants as they occur, the preferred first, with one quote for each variant."""

    preferred: str
    variants: tuple[str, ...]
    quotes: tuple[Quote, ...]
    why: str
    confidence: float
    documents: tuple[str, ...]
    is_inconsistent: bool = True
    """False for an abbreviation that the text introduces in brackets: known, but nothing to settle."""


@dataclass(frozen=True)
class _Use:
    source: Source
    chunk: Chunk
    start: int
    end: int


def find(sources: Sequence[Source]) -> list[Term]:
    """Terms of which at least two variants occur, by preferred name."""
    groups = _merged([*_defined(sources), *_spelled(sources)])
    found = [
        term for preferred, (names, why) in sorted(groups.items()) if (term := _term(preferred, names, why, sources))
    ]
    return found


def pairs(terms: Sequence[Term]) -> dict[str, str]:
    """(variant, preferred) of every term: what `Variants` folds."""
    return {variant: term.preferred for term in terms for variant in term.variants if variant != term.preferred}


def _defined(sources: Sequence[Source]) -> Iterator[tuple[str, str, str]]:
    """Names that a document itself says to be one: (preferred, other name, why); what a glossary says comes first."""
    found = [
        (alias.rank, alias, source)
        for source in sources
        for chunk in source.chunks
        for alias in definitions.aliases(chunk)
    ]
    for _, alias, source in sorted(found, key=lambda one: one[0]):
        how = "abbreviates" if alias.rank == 2 else "gives another name of"
        yield alias.preferred, alias.name, f"{source.title} {how} {alias.preferred!r}: {alias.name!r}"


def _spelled(sources: Sequence[Source]) -> Iterator[tuple[str, str, str]]:
    """Words that differ by spelling, hyphen or space only."""
    counts: Counter[str] = Counter()
    for source in sources:
        for chunk in source.chunks:
            counts.update(_words_and_pairs(chunk.text))
    shapes: dict[str, list[str]] = defaultdict(list)
    for written in counts:
        shapes[_shape(written)].append(written)
    for forms in shapes.values():
        for one in _best_forms(forms, counts)[1:]:
            best = _best_forms(forms, counts)[0]
            yield best, one, f"{best!r} and {one!r} are spellings of one term"


def _words_and_pairs(text: str) -> Iterator[str]:
    text = _ADDRESS.sub(" ", text)
    words = [match.group().lower() for match in _TOKEN.finditer(text)]
    yield from (word for word in words if len(word) >= MIN_SPELLING_LENGTH)
    for match in re.finditer(r"(?<![\w-])([A-Za-z]{3,}) ([A-Za-z]{3,})(?![\w-])", text):
        yield match.group().lower()
    for match in re.finditer(r"(?<![\w-])[A-Za-z]{3,} (?=([A-Za-z]{3,} [A-Za-z]{3,})(?![\w-]))", text):
        yield match.group(1).lower()


def _shape(written: str) -> str:
    parts = [american(part) for part in re.split(r"[ -]", written)]
    return "".join(parts)


def _best_forms(forms: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The forms of one shape, the preferred first: American spelling decides, then how often it stands."""
    joined = {form for form in forms if " " not in form and "-" not in form}
    kept = [form for form in forms if joined or "-" in form or len(forms) == 1]
    # Two words apart are a variant of a compound, but not of a hyphened attribute, which grammar alone may ask for.
    if not joined:
        kept = [form for form in kept if american(form) == form or "-" not in form] if len(kept) < 2 else []
    return sorted(kept, key=lambda form: (_is_british(form), -counts[form], form))


def _is_british(form: str) -> bool:
    return any(american(part) != part for part in re.split(r"[ -]", form))


def _merged(found: Sequence[tuple[str, str, str]]) -> dict[str, tuple[list[str], str]]:
    """Groups with one preferred name each; a name belongs to the first group that claims it."""
    home: dict[str, str] = {}
    groups: dict[str, tuple[list[str], str]] = {}
    for preferred, name, why in found:
        key = home.get(_key(preferred), _key(preferred))
        home.setdefault(_key(preferred), key)
        if home.setdefault(_key(name), key) != key:
            continue
        names, first_why = groups.setdefault(key, ([preferred], why))
        if _key(name) not in {_key(n) for n in names} or name.isupper():
            names.append(name)
        groups[key] = (names, first_why)
    return groups


def _key(name: str) -> str:
    low = name.lower().strip()
    return low.removesuffix("s") if len(low) > 4 and not low.endswith("ss") else low


def _term(key: str, names: list[str], why: str, sources: Sequence[Source]) -> Term | None:
    uses = {name: use for name in dict.fromkeys(names) if (use := _first_use(name, names, sources))}
    if len(uses) < 2:
        return None
    preferred = names[0] if names[0] in uses else next(iter(uses))
    ordered = [preferred, *(name for name in uses if name != preferred)]
    quotes = tuple(uses[name].source.quote(uses[name].chunk, *_sentence_around(uses[name])) for name in ordered)
    confidence = 0.7 if "spellings" in why else 0.9
    documents = tuple(sorted({use.source.document for use in uses.values()}))
    return Term(preferred, tuple(ordered), quotes, why, confidence, documents, " abbreviates " not in why)


def _first_use(name: str, names: Sequence[str], sources: Sequence[Source]) -> _Use | None:
    """The first place where a name stands on its own; a place that only lists the names counts last."""
    flags = 0 if name.isupper() and len(name) <= 5 else re.IGNORECASE
    spaced = r"\s+".join(re.escape(part) for part in name.split())
    pattern = re.compile(rf"(?<![\w-]){spaced}(?:e?s)?(?![\w-])", flags)
    fallback = None
    for source in sources:
        for chunk in source.chunks:
            match = pattern.search(chunk.text)
            if match is None:
                continue
            use = _Use(source, chunk, match.start(), match.end())
            if not definitions.glossary_columns(chunk.header):
                return use
            fallback = fallback or use
    return fallback


def _sentence_around(use: _Use) -> tuple[int, int]:
    text = use.chunk.text
    start = max(text.rfind(". ", 0, use.start) + 1, text.rfind("\n", 0, use.start) + 1, 0)
    ends = [at for at in (text.find(". ", use.end), text.find("\n", use.end)) if at >= 0]
    return start, min(ends) + 1 if ends else len(text)
