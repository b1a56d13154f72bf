"""A taxonomy proposed from the corpus: key terms by TF-IDF, chosen so that few cover much, parents by subsumption.

Sanderson and Croft, "Deriving concept hierarchies from text", SIGIR 1999.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from services.curation.domain.passages import Chunk, Source
from services.curation.domain.taxonomy import Topic
from services.curation.understanding.wording import WORD, stem, word_set

MAX_TOPICS = 16
MAX_TERMS = 8
HEADING_WEIGHT = 3
# A topic is told of a text from this share of the weight of its terms on.
MIN_CONFIDENCE = 0.25
_GENERAL = frozenset(
    stem(word)
    for word in word_set(
        "a an and are as at be before by can do each every for from general has have in into introduction is "
        "it its may must no not of on or other over overview page part purpose references scope section shall "
        "should summary such table than that the their then there these they this those to under used uses "
        "using was were when where which while who will with within without document documents requirement "
        "requirements following definitions appendix annex contents date name number value note notes all any "
        "been being both but if more most only same so up we you your our us he she his her i one two three "
        "also per item items see unit property required records revision title issued what how why chapter "
        "draft glossary true false text paragraph line list left blank intentionally figure"
    )
)


def propose(sources: Sequence[Source]) -> list[Topic]:
    """Topics named by their key term, general ones above special ones; the same for the same corpus in any order."""
    texts = {chunk.name: _weighted(chunk) for source in sources for chunk in source.chunks if chunk.kind != "HEADING"}
    homes = {chunk.name: source.document for source in sources for chunk in source.chunks}
    where: dict[str, set[str]] = defaultdict(set)
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for name, grams in texts.items():
        for key, (count, form) in grams.items():
            where[key].add(name)
            written[key][form] += count
    keys = _chosen(where, homes, len(sources))
    parents = _parents(keys, where)
    ids = {key: re.sub(r"[^a-z0-9]+", "-", _title(written[key]).lower()).strip("-") for key in keys}
    return [
        Topic(
            ids[key],
            _title(written[key]),
            ids.get(parents.get(key, ""), ""),
            _terms(key, where, written),
            len(where[key]),
        )
        for key in sorted(keys, key=lambda k: ids[k])
    ]


def _weighted(chunk: Chunk) -> dict[str, tuple[int, str]]:
    """One- and two-word keys of a chunk and its headings: count and written form."""
    grams: dict[str, tuple[int, str]] = {}
    for text, weight in ((chunk.text, 1), *((heading, HEADING_WEIGHT) for heading in chunk.headings[-2:])):
        words = WORD.findall(text)
        for size in (1, 2):
            for n in range(len(words) - size + 1):
                parts = words[n : n + size]
                if all(_tells(part) for part in parts):
                    key = " ".join(stem(part) for part in parts)
                    grams[key] = (grams.get(key, (0, ""))[0] + weight, grams.get(key, (0, " ".join(parts).lower()))[1])
    return grams


def _tells(word: str) -> bool:
    return (
        len(word) > 2 and not word.endswith("ed") and not any(c.isdigit() for c in word) and stem(word) not in _GENERAL
    )


def _chosen(where: Mapping[str, set[str]], homes: Mapping[str, str], document_count: int) -> list[str]:
    """Keys by greedy cover of chunks; a key in one document only, or in most, names no topic."""
    upper = max(2, document_count // 2)
    spread = {key: len({homes[name] for name in names}) for key, names in where.items()}
    lower = 2 if document_count > 3 else 1
    left = {key: names for key, names in where.items() if lower <= spread[key] <= upper and len(names) >= 2}
    covered: set[str] = set()
    chosen: list[str] = []
    while left and len(chosen) < MAX_TOPICS:
        # Two words say more than one, so that they win at the same cover.
        gain = {
            key: len(names - covered) * (1.5 if " " in key else 1.0) * _idf(spread[key], document_count)
            for key, names in left.items()
        }
        best = min(gain, key=lambda key: (-gain[key], key))
        if gain[best] <= 0:
            break
        chosen.append(best)
        covered |= left[best]
        left = {key: names for key, names in left.items() if not set(key.split()) & set(best.split())}
    return chosen


def _idf(spread: int, document_count: int) -> float:
    return math.log(1 + document_count / spread)


def _parents(keys: Sequence[str], where: Mapping[str, set[str]]) -> dict[str, str]:
    """x stands above y where y's chunks are nearly all x's too, and x has clearly more."""
    parents = {}
    for y in keys:
        above = [
            x
            for x in keys
            if x != y and len(where[x] & where[y]) >= 0.8 * len(where[y]) and len(where[x]) > 1.25 * len(where[y])
        ]
        if above:
            parents[y] = min(above, key=lambda x: (len(where[x]), x))
    return parents


def _terms(key: str, where: Mapping[str, set[str]], written: Mapping[str, Counter[str]]) -> tuple[str, ...]:
    """The key term and those that stand in the same chunks most."""
    mine = where[key]
    alike = {
        other: len(mine & names) / len(mine | names)
        for other, names in where.items()
        if other != key and len(mine & names) >= 2
    }
    best = sorted((other for other in alike if alike[other] >= 0.3), key=lambda other: (-alike[other], other))
    return tuple(
        dict.fromkeys(
            [_title(written[key]).lower(), *(_title(written[other]).lower() for other in best[: MAX_TERMS - 1])]
        )
    )


def _title(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))


def assign(text: str, topics: Sequence[Topic]) -> list[tuple[str, float]]:
    """(topic id, confidence) of the topics that a text belongs to, the surest first."""
    stems = " ".join(stem(word) for word in WORD.findall(text))
    found = []
    for topic in topics:
        weights = [2.0] + [1.0] * (len(topic.terms) - 1)
        hits = [w for w, term in zip(weights, topic.terms, strict=False) if f" {_stemmed(term)} " in f" {stems} "]
        confidence = sum(hits) / sum(weights) if topic.terms else 0.0
        if confidence >= MIN_CONFIDENCE or (hits and hits[0] == 2.0):
            found.append((topic.id, round(max(confidence, 0.5 if hits[0] == 2.0 else 0.0), 2)))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _stemmed(term: str) -> str:
    return " ".join(stem(word) for word in WORD.findall(term))
