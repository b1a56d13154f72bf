"""From what was understood to findings: quotes, an explanation, the outcome that the product would choose."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from services.curation.domain.findings import Finding, Kind
from services.curation.domain.passages import Quote, Source
from services.curation.understanding import conflicts, duplicates, injection, personal, supersession, terms

MAX_QUOTED_PAIRS = 5


class Raising:
    """Makes findings whose names follow from their content, so that a later analysis meets its earlier ones."""

    def __init__(self, sources: Sequence[Source], now: datetime) -> None:
        self._now = now
        self._project = sources[0].document.split("/documents/")[0] if sources else ""
        self._titles = {source.document: source.title for source in sources}
        self._chunks = {chunk.name: (source, chunk) for source in sources for chunk in source.chunks}

    def _make(
        self, kind: Kind, key: Sequence[str], quotes: Sequence[Quote], why: str, suggested: str, **rest: object
    ) -> Finding:
        digest = hashlib.sha256("\x1f".join([kind.value, *key]).encode()).hexdigest()[:20]
        documents = tuple(sorted({quote.place.document for quote in quotes if quote.place.document}))
        values: dict[str, object] = {"documents": documents} | rest
        return Finding(
            f"{self._project}/findings/{digest}",
            kind,
            tuple(quotes),
            why,
            suggested,
            create_time=self._now,
            update_time=self._now,
            **values,  # type: ignore[arg-type]
        )

    def superseded(self, one: supersession.Succession) -> Finding:
        older, newer = one.older, one.newer
        name = older.number or older.title
        why = f"{name} {older.label} is replaced by {newer.label or newer.title}"
        why += {
            "statement": ", as the newer document says",
            "edition": ", the later edition",
            "date": ", the later date",
        }[one.by]
        documents = (older.document, newer.document)
        confidence = {"statement": 0.97, "edition": 0.9, "date": 0.75}[one.by]
        return self._make(
            Kind.SUPERSEDED, documents, one.quotes, why + ".", "ACCEPT", confidence=confidence, topic=name,
            first=(older.document,), second=(newer.document,), documents=documents,
        )  # fmt: skip

    def conflict(self, one: conflicts.Conflict) -> Finding:
        first, second = tuple(c.name for c in one.first), tuple(c.name for c in one.second)
        sides = sorted(["\x1e".join(sorted(first)), "\x1e".join(sorted(second))])
        shown = [one.first[0], one.second[0], *one.first[1:], *one.second[1:]]
        suggested = "KEEP_SECOND" if one.second_is_newer else "KEEP_NEITHER"
        return self._make(
            Kind.CONFLICT, sides, [c.quote for c in shown], one.why, suggested,
            confidence=one.confidence, topic=one.topic, first=first, second=second,
        )  # fmt: skip

    def duplicate(self, one: duplicates.Duplicate) -> Finding:
        """`first` and `second` pair the passage to keep with the one that repeats it."""
        first = tuple(pair.first for pair in one.pairs)
        second = tuple(pair.second for pair in one.pairs)
        shown = [name for pair in one.pairs[:MAX_QUOTED_PAIRS] for name in (pair.first, pair.second)]
        what = "a copy of" if one.whole else f"{len(one.pairs)} passages in common with"
        why = f"{self._title(one.second)} is {what}" if one.whole else f"{self._title(one.second)} has {what}"
        why += f" {self._title(one.first)}" + ("." if one.same_values else "; some values differ.")
        alike = sum(pair.jaccard for pair in one.pairs) / len(one.pairs)
        return self._make(
            Kind.NEAR_DUPLICATE, [*first, *second], [self._whole(name) for name in shown], why,
            "KEEP_FIRST" if one.same_values else "KEEP_BOTH", confidence=round(alike, 2),
            topic=f"{self._title(one.first)} / {self._title(one.second)}", first=first, second=second,
            documents=(one.first, one.second),
        )  # fmt: skip

    def term(self, one: terms.Term) -> Finding:
        key = sorted(name.lower() for name in one.variants)
        return self._make(
            Kind.TERM, key, one.quotes, f"{one.why}.", "PREFER", confidence=one.confidence, topic=one.preferred,
            terms=one.variants, documents=one.documents,
        )  # fmt: skip

    def stale(self, one: supersession.StaleReference) -> Finding:
        place = one.quote.place
        why = f"{self._title(one.document)} refers to {one.quote.text}; the edition in force is {one.current.label}."
        key = (place.chunk, str(place.char_start), one.quote.text)
        return self._make(
            Kind.STALE_REFERENCE, key, [one.quote], why, "ACCEPT", confidence=0.85, topic=one.current.number
        )

    def injection(self, one: injection.Injection) -> Finding:
        key = (one.quote.place.chunk, str(one.quote.place.char_start), one.quote.text)
        why = f"The passage {', '.join(one.reasons)}."
        suggested = "KEEP" if one.is_about else "DROP"
        return self._make(
            Kind.INJECTION, key, [one.quote], why, suggested, confidence=one.confidence, topic="orders to a model"
        )

    def personal(self, sources: Sequence[Source]) -> Iterator[Finding]:
        """One finding for each item of a document, with every place where it stands."""
        for source in sources:
            items: dict[tuple[str, str], list[personal.Personal]] = defaultdict(list)
            for one in personal.find(source):
                items[one.kind, one.text].append(one)
            for (kind, text), places in items.items():
                label = personal.LABELS[kind]
                why = f"{source.title} holds a {label} in {len(places)} place{'s' if len(places) > 1 else ''}."
                yield self._make(
                    Kind.PERSONAL_DATA, (source.revision, kind, text), [p.quote for p in places], why, "MASK",
                    confidence=max(p.confidence for p in places), topic=label,
                )  # fmt: skip

    def _title(self, document: str) -> str:
        return self._titles.get(document) or document.rsplit("/", 1)[-1]

    def _whole(self, name: str) -> Quote:
        source, chunk = self._chunks[name]
        return source.quote(chunk, 0, len(chunk.text))
