"""Text indexes of a dataset version: a suffix array over words for verbatim runs, BM25 for evidence.

Built once from two blobs, kept on disk under a name made of the blobs' hashes, and mapped into memory.
"""

import hashlib
import json
import os
import re
import shutil
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import numpy.typing as npt
from bm25s.stopwords import STOPWORDS_EN
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from pydivsufsort import divsufsort

from services.chassis.blobs import Blobs
from services.provenance.domain.examples import lines_of, text_of
from services.provenance.domain.trace import Found, Run
from services.provenance.errors import DatasetUnreadable
from services.provenance.ports.outside import Texts
from whetstone.type.v1 import location_pb2

FORMAT = 1
"""Part of an index's name; a change of the files' form needs a new number."""
MIN_TOKENS = 3
OCCURRENCES = 8
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%°]")
_STOP = frozenset(STOPWORDS_EN)
_END = 0
"""Token id behind each text; no query holds it, so no run goes from one text into the next."""
_UNKNOWN = -1

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    """Words and numbers, case folded, with their offsets; punctuation does not count."""
    return [Token(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(text)]


def terms_of(text: str) -> list[str]:
    """Search terms: tokens that are no stop words."""
    return [token.text for token in tokens_of(text) if token.text not in _STOP]


class TextIndex:
    """An opened index. Texts are numbered: the examples first, then the chunks."""

    def __init__(self, folder: Path) -> None:
        self._tokens: npt.NDArray[np.int32] = np.asarray(np.load(folder / "tokens.npy", mmap_mode="r"))
        self._suffixes: npt.NDArray[np.int32] = np.asarray(np.load(folder / "suffixes.npy", mmap_mode="r"))
        self._starts: npt.NDArray[np.int64] = np.load(folder / "starts.npy")
        self._vocabulary: dict[str, int] = json.loads((folder / "vocabulary.json").read_text())
        self._examples = {str(line["id"]): line for line in lines_of((folder / "examples.jsonl").read_bytes())}
        self._chunks = {str(line["id"]): line for line in lines_of((folder / "chunks.jsonl").read_bytes())}
        self._example_ids, self._chunk_ids = list(self._examples), list(self._chunks)
        ranked = (folder / "bm25").exists()
        self._bm25 = bm25s.BM25.load(str(folder / "bm25"), mmap=True) if ranked else None

    def example(self, id_: str) -> Mapping[str, Any] | None:
        return self._examples.get(id_)

    def chunk(self, name: str) -> Mapping[str, Any] | None:
        return self._chunks.get(name)

    def evidence(self, query: str, limit: int) -> Sequence[Found]:
        """Chunks by BM25 (Lucene's form), best first; none without a term in common."""
        if self._bm25 is None:
            return []
        terms = [term for term in dict.fromkeys(terms_of(query)) if term in self._bm25.vocab_dict]
        if not terms:
            return []
        k = min(limit, len(self._chunk_ids))
        found = self._bm25.retrieve([terms], k=k, show_progress=False)
        pairs = zip(found.documents[0], found.scores[0], strict=True)
        return [Found(self._chunk_ids[int(n)], float(score)) for n, score in pairs if score > 0]

    def runs(self, text: str, limit: int) -> Sequence[Run]:
        """Maximal runs of at least MIN_TOKENS tokens, or a number with its unit, longest first."""
        tokens = tokens_of(text)
        ids = [self._vocabulary.get(token.text, _UNKNOWN) for token in tokens]
        found: list[Run] = []
        covered = 0
        for start in range(len(ids)):
            length, low, high = self._longest(ids, start)
            if start + length > covered and _counts(tokens[start : start + length]):
                covered = start + length
                shown = text[tokens[start].start : tokens[covered - 1].end]
                found.append(self._run(shown, length, low, high))
        return sorted(found, key=lambda run: -run.tokens)[:limit]

    def _longest(self, ids: Sequence[int], start: int) -> tuple[int, int, int]:
        """Length of the longest run from `start` that stands in the texts, and its range in the suffix array."""
        low, high, depth = 0, len(self._suffixes), 0
        while start + depth < len(ids):
            wanted, offset = ids[start + depth], depth

            def token_at(rank: int, offset: int = offset) -> int:
                return int(self._tokens[self._suffixes[rank] + offset])

            first = bisect_left(range(high), wanted, lo=low, key=token_at)
            last = bisect_right(range(high), wanted, lo=first, key=token_at)
            if first == last:
                break
            low, high, depth = first, last, depth + 1
        return depth, low, high

    def _run(self, text: str, length: int, low: int, high: int) -> Run:
        places = np.searchsorted(self._starts, self._suffixes[low:high], side="right") - 1
        texts = np.unique(places)
        count = len(self._example_ids)
        examples = tuple(self._example_ids[int(n)] for n in texts[texts < count][:OCCURRENCES])
        chunks = tuple(self._chunk_ids[int(n) - count] for n in texts[texts >= count][:OCCURRENCES])
        return Run(text, length, examples, chunks)


def _counts(tokens: Sequence[Token]) -> bool:
    if len(tokens) >= MIN_TOKENS:
        return True
    return len(tokens) == 2 and tokens[0].text[0].isdigit() and _is_unit(tokens[1].text)


def _is_unit(word: str) -> bool:
    return not word[0].isdigit() and word not in _STOP


def build(folder: Path, examples: Lines, chunks: Lines) -> None:
    """Writes the index of these lines into an empty folder."""
    texts = [[t.text for t in tokens_of(text_of(line))] for line in examples]
    texts += [[t.text for t in tokens_of(str(line.get("text", "")))] for line in chunks]
    vocabulary = {word: n for n, word in enumerate(sorted({word for text in texts for word in text}), start=1)}
    numbers = [[*(vocabulary[word] for word in text), _END] for text in texts]
    flat = np.fromiter((n for text in numbers for n in text), dtype=np.int32)
    starts = np.cumsum([0, *(len(text) for text in numbers)], dtype=np.int64)[:-1]
    suffixes = np.asarray(divsufsort(flat), dtype=np.int32) if len(flat) else flat
    np.save(folder / "tokens.npy", flat)
    np.save(folder / "suffixes.npy", suffixes)
    np.save(folder / "starts.npy", starts)
    (folder / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    _write_lines(folder / "examples.jsonl", examples)
    _write_lines(folder / "chunks.jsonl", chunks)
    corpus = [terms_of(f"{line.get('title', '')} {line.get('clause', '')} {line.get('text', '')}") for line in chunks]
    if any(corpus):
        ranking = bm25s.BM25()
        ranking.index(corpus, show_progress=False)
        ranking.save(str(folder / "bm25"), show_progress=False)


def _write_lines(path: Path, lines: Lines) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


class TextIndexFolder:
    """Indexes in a folder, the last few of them open."""

    def __init__(self, folder: Path, blobs: Blobs, open_at_once: int) -> None:
        self._folder, self._blobs, self._limit = folder, blobs, open_at_once
        self._open: OrderedDict[str, TextIndex] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, tenant: str, train: str, chunks: str, places: Callable[[], Iterable[str]]) -> Texts:
        key = hashlib.sha256(f"{FORMAT}\n{tenant}\n{train}\n{chunks}".encode()).hexdigest()[:32]
        # One build at a time: two for the same version would do the same work twice.
        with self._lock:
            if key not in self._open:
                target = self._folder / key
                if not target.exists():
                    self._build(target, tenant, train, chunks, places)
                self._open[key] = TextIndex(target)
            self._open.move_to_end(key)
            while len(self._open) > self._limit:
                self._open.popitem(last=False)
            return self._open[key]

    def _build(self, target: Path, tenant: str, train: str, chunks: str, places: Callable[[], Iterable[str]]) -> None:
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        examples = lines_of(self._blobs.get(tenant, train))
        pieces = lines_of(self._blobs.get(tenant, chunks)) if chunks else []
        if any("id" not in line for line in (*examples, *pieces)):
            raise DatasetUnreadable("a line of the dataset has no id")
        located = dict(self._locations(tenant, {str(line["id"]) for line in pieces}, places()))
        build(temporary, examples, [line | located.get(str(line["id"]), {}) for line in pieces])
        temporary.replace(target)

    def _locations(self, tenant: str, wanted: set[str], blobs: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The exact place of each chunk, as ingestion told it."""
        for blob in blobs:
            for line in lines_of(self._blobs.get(tenant, blob)):
                if line.get("name") in wanted and "location" in line:
                    yield str(line["name"]), {"location": _location(line["location"])}


def _location(value: Any) -> dict[str, Any]:
    try:
        message = ParseDict(value, location_pb2.Location(), ignore_unknown_fields=True)
    except ParseError as error:
        raise DatasetUnreadable(f"a chunk's location can't be read: {error}") from error
    return MessageToDict(message, preserving_proto_field_name=True)
