"""Documents for tests: from plain text to sources, with honest offsets."""

from services.curation.domain.passages import Chunk, Place, Row, Source


def source(name, *parts, title="", filename=""):
    """A document of chunks; a part is text, or (heading, text), or {"header": …, "rows": …}."""
    document = f"projects/p/documents/{name}"
    revision = f"{document}/revisions/r1"
    chunks, at = [], 0
    for n, part in enumerate(parts):
        headings, part = (part[0],) if isinstance(part, tuple) else (), part[1] if isinstance(part, tuple) else part
        chunk = _table(revision, n, at, part) if isinstance(part, dict) else _prose(revision, n, at, part)
        chunks.append(_under(chunk, headings))
        at += len(chunk.text) + 2
    return Source(document, revision, filename or f"{name}.md", title or name, tuple(chunks))


def _prose(revision, n, at, text):
    return Chunk(f"{revision}/chunks/{n:03d}", text, _place(revision, n, at, text), ordinal=n)


def _table(revision, n, at, part):
    lines = [" | ".join(cells) for cells in (part["header"], *part["rows"])]
    text, rows, start = "\n".join(lines), [], at + len(lines[0]) + 1
    for cells, line in zip(part["rows"], lines[1:], strict=True):
        rows.append(Row(tuple(cells), start, start + len(line)))
        start += len(line) + 1
    place = _place(revision, n, at, text)
    return Chunk(f"{revision}/chunks/{n:03d}", text, place, "TABLE", (), tuple(part["header"]), tuple(rows), n)


def _place(revision, n, at, text):
    document = revision.split("/revisions/")[0]
    return Place(document, revision, f"{revision}/chunks/{n:03d}", char_start=at, char_end=at + len(text))


def _under(chunk, headings):
    return Chunk(chunk.name, chunk.text, chunk.place, chunk.kind, headings, chunk.header, chunk.rows, chunk.ordinal)
