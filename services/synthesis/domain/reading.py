"""Reading: the answer stands in a passage before the question."""

import re
from collections.abc import Sequence
from dataclasses import replace

from services.synthesis.domain.corpus import Corpus
from services.synthesis.domain.examples import Example, Kind, Split
from services.synthesis.domain.facts import Fact

MAX_PASSAGE = 700


def read_example(example: Example, fact: Fact, corpus: Corpus, split: Split) -> Example:
    """The question with its chunk's passage before it."""
    chunk = corpus.chunks[fact.claim.chunk]
    return replace(example, kind=Kind.READ, split=split, passage=passage(chunk.text, fact.claim.quote))


def passage(text: str, quote: str, limit: int = MAX_PASSAGE) -> str:
    """The text, or its whole sentences around the quote, about `limit` characters at most."""
    if len(text) <= limit:
        return text.strip()
    parts = re.split(r"(?<=[.;])\s+|\n+", text)
    middle = next((n for n, part in enumerate(parts) if quote.strip()[:40] in part), 0)
    return " ".join(_around(parts, middle, limit))


def _around(parts: Sequence[str], middle: int, limit: int) -> Sequence[str]:
    first, last = middle, middle + 1
    while first > 0 or last < len(parts):
        wider = (max(first - 1, 0), min(last + 1, len(parts)))
        if sum(len(part) + 1 for part in parts[wider[0] : wider[1]]) > limit:
            break
        first, last = wider
    return parts[first:last]
