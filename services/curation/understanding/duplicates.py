"""Passages that say almost the same: MinHash LSH proposes pairs, exact Jaccard and containment decide.

Broder, "On the resemblance and containment of documents", 1997.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rensa import RMinHash, RMinHashLSH

from services.curation.domain.passages import Chunk, Source

SHINGLE_WORDS = 3
PERMUTATIONS = 126
BANDS = 42
SEED = 20_260_101
# With 42 bands of 3 rows a pair of Jaccard 0.45, such as a passage within one of twice its size, is proposed with
# probability 0.98, and one of 0.1 with 0.04.
LSH_THRESHOLD = 0.0
MIN_JACCARD = 0.75
MIN_CONTAINMENT = 0.9
MIN_OWN_JACCARD = 0.9
MIN_WORDS = 12
# Fewer repeated words between two documents than this are a common phrase.
MIN_SHARED_WORDS = 40
_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_VALUE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Pair:
    """Two passages and how alike they are; containment is of the smaller in the larger."""

    first: str
    second: str
    jaccard: float
    containment: float


@dataclass(frozen=True)
class Duplicate:
    """Documents that share passages; `second` repeats `first`. `same_values` is False where numbers differ."""

    first: str
    second: str
    pairs: tuple[Pair, ...]
    whole: bool
    same_values: bool


def shingles(text: str, size: int = SHINGLE_WORDS) -> frozenset[str]:
    """Runs of `size` words, lower case; a shorter text is one shingle."""
    words = [word.lower() for word in _WORD.findall(text)]
    if not words:
        return frozenset()
    return frozenset(" ".join(words[n : n + size]) for n in range(max(1, len(words) - size + 1)))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0


def pairs(
    texts: Mapping[str, str],
    min_jaccard: float = MIN_JACCARD,
    min_containment: float = MIN_CONTAINMENT,
    min_words: int = MIN_WORDS,
) -> list[Pair]:
    """Near-duplicate pairs among named texts, in the order of names; the same whatever the order of the input."""
    names = sorted(name for name, text in texts.items() if len(_WORD.findall(text)) >= min_words)
    sets = {name: shingles(texts[name]) for name in names}
    found = []
    for a, b in _candidates(names, sets):
        common = len(sets[a] & sets[b])
        alike = common / (len(sets[a]) + len(sets[b]) - common)
        inside = common / min(len(sets[a]), len(sets[b]))
        if alike >= min_jaccard or inside >= min_containment:
            found.append(Pair(a, b, alike, inside))
    return sorted(found, key=lambda pair: (pair.first, pair.second))


def _candidates(names: Sequence[str], sets: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    index = RMinHashLSH(threshold=LSH_THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    for n, name in enumerate(names):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        sketch.update(sorted(sets[name]))
        for other in index.query(sketch):
            yield names[other], name
        index.insert(n, sketch)


def clusters(names: Sequence[str], found: Sequence[Pair]) -> dict[str, str]:
    """The cluster of each name: the smallest name that pairs connect it to."""
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in found:
        a, b = sorted((root(pair.first), root(pair.second)))
        parent[b] = a
    return {name: root(name) for name in names}


def find(sources: Sequence[Source], order: Callable[[str], tuple[str, ...]]) -> list[Duplicate]:
    """Near-duplicates between and within documents, one entry for two documents. `order` puts the one to keep first."""
    chunks = {chunk.name: chunk for source in sources for chunk in source.chunks if chunk.kind != "HEADING"}
    by_documents: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs({name: _running_text(chunk) for name, chunk in chunks.items()}):
        first, second = chunks[pair.first], chunks[pair.second]
        contained = pair.jaccard < MIN_JACCARD
        # A passage inside a longer one is the one to drop, wherever it stands.
        swap = (
            len(first.text) < len(second.text)
            if contained
            else order(second.place.document) < order(first.place.document)
        )
        if swap:
            pair = Pair(pair.second, pair.first, pair.jaccard, pair.containment)
            first, second = second, first
        # Within a document a passage may come back in parts; only a whole repetition is one.
        if first.place.document != second.place.document or pair.jaccard >= MIN_OWN_JACCARD:
            by_documents[first.place.document, second.place.document].append(pair)
    sizes = {source.document: sum(len(_WORD.findall(c.text)) for c in source.chunks) for source in sources}
    duplicates = [_duplicate(documents, found, chunks, sizes) for documents, found in sorted(by_documents.items())]
    return [one for one in duplicates if one.whole or (one.pairs and _shared_words(one, chunks) >= MIN_SHARED_WORDS)]


def _shared_words(duplicate: Duplicate, chunks: Mapping[str, Chunk]) -> int:
    return sum(len(_WORD.findall(chunks[pair.second].text)) for pair in duplicate.pairs)


def _running_text(chunk: Chunk) -> str:
    # Clause numbers differ between copies of one passage.
    return re.sub(r"^\s*\d+(?:\.\d+)*\s+", "", chunk.text, flags=re.MULTILINE)


def _duplicate(
    documents: tuple[str, str], found: list[Pair], chunks: Mapping[str, Chunk], sizes: Mapping[str, int]
) -> Duplicate:
    found = _one_each(found)
    covered = sum(len(_WORD.findall(chunks[pair.second].text)) for pair in found)
    whole = documents[0] != documents[1] and covered >= 0.7 * sizes[documents[1]]
    agreeing = [pair for pair in found if _values(chunks[pair.first]) >= _values(chunks[pair.second])]
    # Passages that differ in a value are a template or a contradiction; they are shown as part of a copy only.
    shown = found if whole else agreeing
    return Duplicate(documents[0], documents[1], tuple(shown), whole, len(agreeing) == len(shown))


def _one_each(found: list[Pair]) -> list[Pair]:
    """The best partner of each repeated passage."""
    best: dict[str, Pair] = {}
    for pair in found:
        if pair.second not in best or pair.jaccard > best[pair.second].jaccard:
            best[pair.second] = pair
    return [best[name] for name in sorted(best)]


def _values(chunk: Chunk) -> frozenset[str]:
    return frozenset(_VALUE.findall(_running_text(chunk)))
