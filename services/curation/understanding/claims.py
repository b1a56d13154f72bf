"""Claims of a document: every statement of its sentences, list items and table rows, with its evidence span."""

import hashlib
import re
from collections.abc import Iterator

from services.curation.domain.claims import Claim
from services.curation.domain.passages import Chunk, Quote, Source
from services.curation.understanding import definitions, sentences, statements, tables
from services.curation.understanding.quantities import find
from services.curation.understanding.statements import Reading

_TEST_REPORT = re.compile(
    r"\b(?:test report|test summary|test results?|laboratory report|inspection report|survey report)\b", re.IGNORECASE
)
_LABEL = re.compile(r"^(?P<label>[A-Z][\w /()-]{2,60}?)\s*[:=]\s+(?P<value>\S.*)$")
_FRONT_MATTER = re.compile(
    r"^(?:document|doc|procedure|specification|report|drawing|revision|rev|issue|edition|version|date|status"
    r"|owner|author|title|supersedes|replaces|"
    r"approved|checked|prepared|distribution|to|from|subject|cc|project|department|page|name|address|phone"
    r"|tel|fax|e-?mail|present|place|client|contract|order|note)\b",
    re.IGNORECASE,
)
_IT = re.compile(r"^(?:It|They)\b")
EXTRACTOR = "rules/1"


def read(source: Source) -> list[Claim]:
    """Every claim of a document, in reading order."""
    measured = bool(_TEST_REPORT.search(source.title))
    return [claim for chunk in source.chunks for claim in _of_chunk(source, chunk, measured)]


def _of_chunk(source: Source, chunk: Chunk, measured: bool) -> Iterator[Claim]:
    if chunk.rows:
        for found in tables.read(chunk):
            yield _claim(source, chunk, found.reading, source.quote_row(chunk, found.row), found.extractor, measured)
        return
    if chunk.kind == "HEADING":
        return
    subject = ""
    for sentence in sentences.split(chunk.text):
        readings = _readings(sentence.text, chunk, subject)
        quote = source.quote(chunk, sentence.start, sentence.end)
        for reading, extractor in readings:
            yield _claim(source, chunk, reading, quote, extractor, measured)
            subject = reading.subject


def _readings(text: str, chunk: Chunk, before: str) -> list[tuple[Reading, str]]:
    definition = definitions.define(text, chunk.headings)
    if definition:
        return [(Reading(definition.term, "definition", "means", 0.9, value_text=definition.meaning), "definition")]
    label = _labelled(text, chunk)
    if label:
        return [(label, "label")]
    if before and _IT.match(text):
        text = _IT.sub(lambda _: before, text)
        return [(reading, "sentence/pronoun") for reading in statements.read(text)]
    return [(reading, "sentence") for reading in statements.read(text)]


def _labelled(text: str, chunk: Chunk) -> Reading | None:
    """A line `Dry film thickness: 120 µm` under a heading that names the subject."""
    match = _LABEL.match(text)
    if match is None or _FRONT_MATTER.match(match.group("label")) or not chunk.headings:
        return None
    found = find(match.group("value"))
    if len(found) != 1 or found[0].start > 12:
        return None
    subject = re.sub(r"^[\d.\s]+", "", chunk.headings[-1]).strip()
    return Reading(subject, match.group("label").strip(), "is", 0.75, found[0].quantity) if subject else None


def _claim(source: Source, chunk: Chunk, reading: Reading, quote: Quote, extractor: str, measured: bool) -> Claim:
    project = source.document.split("/documents/")[0]
    modality = "was" if measured and reading.modality == "is" else reading.modality
    value = reading.quantity.text if reading.quantity else reading.value_text
    place = quote.place
    identity = (
        place.revision,
        place.chunk,
        place.char_start,
        place.char_end,
        reading.subject,
        reading.property,
        value,
        *reading.conditions,
    )
    digest = hashlib.sha256("\x1f".join(map(str, identity)).encode()).hexdigest()[:20]
    return Claim(
        f"{project}/claims/{digest}",
        reading.subject,
        reading.property,
        modality,
        quote,
        f"{EXTRACTOR} {extractor}",
        round(reading.confidence - (0.3 if "pronoun" in extractor else 0), 2),
        reading.quantity,
        reading.value_text,
        tuple(" ".join(condition.split()) for condition in reading.conditions),
        reading.negated,
        reading.action,
        chunk.headings,
    )
