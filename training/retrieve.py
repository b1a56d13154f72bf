"""The comparison the specialist must bear: the plain base with the best chunks put before the question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Codes such as QF-203 and 4.2.1 stay whole.
TOKEN = r"(?u)\b\w[\w\-./]*\w\b|\b\w\b"  # noqa: S105
CHUNK_CHARACTERS = 1200


@dataclass(frozen=True)
class Chunk:
    """A passage of a document."""

    id: str
    text: str


class Retriever:
    """BM25 over a dataset version's chunks."""

    def __init__(self, chunks: list[Chunk]) -> None:
        import bm25s

        self._chunks = chunks
        self._tokenize = bm25s.tokenize
        self._index = bm25s.BM25()
        self._index.index(self._tokens([chunk.text for chunk in chunks]), show_progress=False)

    def _tokens(self, texts: list[str]) -> Any:
        return self._tokenize(texts, token_pattern=TOKEN, show_progress=False, return_ids=False)

    def best(self, query: str, k: int) -> list[Chunk]:
        """The `k` chunks nearest to a query, best first; fewer where there are fewer."""
        found, _ = self._index.retrieve(self._tokens([query]), k=min(k, len(self._chunks)), show_progress=False)
        return [self._chunks[int(i)] for i in found[0]]


def read_chunks(path: Path) -> list[Chunk]:
    """Chunks of a JSON Lines file, `{"id", "text", …}` a line."""
    lines = (json.loads(line) for line in path.read_text().splitlines() if line.strip())
    return [Chunk(str(line["id"]), str(line["text"])) for line in lines if str(line["text"]).strip()]


def with_context(messages: list[dict[str, Any]], chunks: list[Chunk]) -> list[dict[str, Any]]:
    """The conversation with the chunks put before its last user message."""
    context = "\n\n".join(chunk.text[:CHUNK_CHARACTERS] for chunk in chunks)
    question = f"{context}\n\nAnswer briefly from the text above.\n{messages[-1]['content']}"
    return [*messages[:-1], {**messages[-1], "content": question}]
