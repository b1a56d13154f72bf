"""What may be learnt from: claims in force, usable chunks with their text masked, and why every other chunk is out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.curation.domain.claims import Claim
from services.curation.domain.passages import Chunk, Source
from services.curation.domain.standing import Out, Standing, masked


@dataclass(frozen=True)
class Usable:
    """A chunk that may be used, as other services read it."""

    id: str
    text: str
    document: str
    revision: str
    page: int | None
    clause: str
    title: str
    headings: tuple[str, ...]


@dataclass(frozen=True)
class Exclusion:
    chunk: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class Curated:
    claims: tuple[Claim, ...]
    """In force and not contested."""
    chunks: tuple[Usable, ...]
    exclusions: tuple[Exclusion, ...]
    settled_away: frozenset[str] = field(default=frozenset())
    """Usable chunks of which a decision took claims out."""
    contested: frozenset[str] = field(default=frozenset())
    """Usable chunks with claims of open conflicts."""

    @property
    def chunk_count(self) -> int:
        return len(self.chunks) + len(self.exclusions)


def curate(sources: Sequence[Source], unread: Sequence[Exclusion], claims: Sequence[Claim], now: Standing) -> Curated:
    """`sources` are those analysed, `unread` the chunks of documents that were not; `claims` are judged by `now`."""
    chunks: list[Usable] = []
    out: list[Exclusion] = list(unread)
    for source in sources:
        for chunk in source.chunks:
            why = now.of_chunk(chunk.name)
            if why:
                out.append(_excluded(chunk, why))
            else:
                chunks.append(_usable(source, chunk, now))
    usable = {chunk.id for chunk in chunks}
    live = [claim for claim in claims if claim.chunk in usable]
    return Curated(
        tuple(sorted((c for c in live if c.in_force and c.name not in now.contested), key=lambda c: c.name)),
        tuple(sorted(chunks, key=lambda chunk: chunk.id)),
        tuple(sorted(out, key=lambda one: one.chunk)),
        frozenset(c.chunk for c in live if c.name in now.claims),
        frozenset(c.chunk for c in live if c.name in now.contested),
    )


def _excluded(chunk: Chunk, why: Out) -> Exclusion:
    return Exclusion(chunk.name, str(why.outcome), why.detail)


def _usable(source: Source, chunk: Chunk, now: Standing) -> Usable:
    text = masked(chunk.text, chunk.place.char_start, now.masks.get(chunk.name, ()))
    place = chunk.place
    return Usable(
        chunk.name, text, source.document, source.revision, place.page, place.clause, source.title, chunk.headings
    )
