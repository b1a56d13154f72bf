"""One thing called by several names: by definition, by glossary, by spelling, by hyphen or space."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.curation.domain.passages import Chunk, Quote, Source
from services.curation.understanding import definitions, spellings


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


_Places = Sequence[tuple[Source, Chunk, str]]


def find(sources: Sequence[Source]) -> list[Term]:
    """Terms of which at least two variants occur, by preferred name."""
    groups = _merged([*_defined(sources), *_spelled(sources)])
    places = [(source, chunk, " ".join(chunk.text.lower().split())) for source in sources for chunk in source.chunks]
    found = (_term(names, why, places) for _, (names, why) in sorted(groups.items()))
    return [term for term in found if term]


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
    texts = (chunk.text for source in sources for chunk in source.chunks)
    for best, other in spellings.variants(texts):
        yield best, other, f"{best!r} and {other!r} are spellings of one term"


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


def _term(names: list[str], why: str, places: _Places) -> Term | None:
    uses = {name: use for name in dict.fromkeys(names) if (use := _first_use(name, places))}
    if len(uses) < 2:
        return None
    preferred = names[0] if names[0] in uses else next(iter(uses))
    ordered = [preferred, *(name for name in uses if name != preferred)]
    quotes = tuple(uses[name].source.quote(uses[name].chunk, *_sentence_around(uses[name])) for name in ordered)
    confidence = 0.7 if "spellings" in why else 0.9
    documents = tuple(sorted({use.source.document for use in uses.values()}))
    return Term(preferred, tuple(ordered), quotes, why, confidence, documents, " abbreviates " not in why)


def _first_use(name: str, places: _Places) -> _Use | None:
    """The first place where a name stands on its own; a glossary, which only lists it, counts last."""
    flags = 0 if name.isupper() and len(name) <= 5 else re.IGNORECASE
    spaced = r"\s+".join(re.escape(part) for part in name.split())
    pattern = re.compile(rf"(?<![\w-]){spaced}(?:e?s)?(?![\w-])", flags)
    low, fallback = " ".join(name.lower().split()), None
    for source, chunk, text in places:
        match = pattern.search(chunk.text) if low in text else None
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
