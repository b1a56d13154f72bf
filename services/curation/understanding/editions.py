"""Which document this is: its number, edition, date and status, read from title block, title and file name."""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.curation.domain.passages import Chunk, Place, Quote, Source
from services.curation.understanding.wording import stems

FRONT_CHUNKS = 8
_MONTHS = {name: n // 2 + 1 for n, name in enumerate(
    [
        "january", "jan", "february", "feb", "march", "mar", "april", "apr", "may", "may", "june", "jun", "july", "jul",
        "august", "aug", "september", "sep", "october", "oct", "november", "nov", "december", "dec"
    ]
)}  # fmt: skip
_MONTH = "|".join(sorted({*_MONTHS, "sept"}, key=len, reverse=True))
_DATES = (
    re.compile(r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)(?:-(?P<d>\d\d))?\b"),
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?P<name>{_MONTH})\.?,?\s+(?P<y>(?:19|20)\d\d)\b", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<name>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,\s*(?P<y>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(rf"\b(?P<name>{_MONTH})\.?,?\s+(?P<y>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(r"\b(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>(?:19|20)\d\d)\b"),
)
_KIND = (
    r"(?:document|doc\.?|procedure|specification|spec\.?|standard|report|policy|sop|drawing|instruction|manual"
    r"|guideline|form|method|file|publication)"
)
_LABELS = {
    "number": re.compile(
        rf"^(?:{_KIND}\s*(?:no|number|nr|id|code|ref(?:erence)?|#)\b\.?|{_KIND}\s+identifier|reference(?:\s+(?:no"
        rf"|number)\.?)?|(?:number|no|id)\.?)$",
        re.IGNORECASE,
    ),
    "edition": re.compile(
        r"^(?:rev(?:ision)?|issue|edition|version|ver|release)(?:\s+(?:no|number|nr|status))?\.?$", re.IGNORECASE
    ),
    "date": re.compile(
        r"^(?:(?:issue|revision|release|publication|approval|effective|document)\s+date|date(?:\s+of\s+\w+)?"
        r"|effective(?:\s+(?:date|from))?|issued(?:\s+on)?|published|valid\s+from|dated)$",
        re.IGNORECASE,
    ),
    "status": re.compile(r"^(?:document\s+)?(?:status|state)$", re.IGNORECASE),
    "supersedes": re.compile(r"^(?:supersedes|replaces|supersession|cancels(?: and replaces)?)$", re.IGNORECASE),
}
_LINE = re.compile(
    r"^\s*[-*|]?\s*(?P<label>[A-Za-z][A-Za-z. #]{1,30}?)\s*(?::|\||\t)\s*(?P<value>[^|\n]{1,160})", re.MULTILINE
)
# A line or heading that is nothing but an edition.
_BARE_EDITION = re.compile(
    r"^[#*\s]*(?P<label>(?i:version|revision|edition|issue|release))\s+(?P<value>\d+(?:\.\d+)*|[A-Z]{1,2})\s*$",
    re.MULTILINE,
)
_DRAFT = re.compile(
    r"\bdrafts?\b|\bfor comment\b|\bnot for construction\b|\bpreliminary\b|\bunapproved\b|\bnot in force\b"
    r"|\bnot approved\b",
    re.IGNORECASE,
)
_DEAD = re.compile(r"\b(?:withdrawn|obsolete|cancelled|canceled|superseded|void|rescinded)\b", re.IGNORECASE)
_LOUD_DRAFT = re.compile(r"\bDRAFT\b|\bNOT FOR CONSTRUCTION\b|\bFOR COMMENT ONLY\b")
_FILE_EDITION = re.compile(
    r"[\s_.(-]*(?i:rev(?:ision)?|issue|iss|edition|ed|version|ver|v)[\s_.-]*(?P<edition>\d+(?:\.\d+)*"
    r"|[A-Z]{1,2})(?![A-Za-z])"
)
_FILE_YEAR = re.compile(r"[\s_.(-]+(?P<year>(?:19|20)\d\d)(?:[-_.]?\d\d){0,2}\)?$")
_NOISE = re.compile(r"[\s_.(-]+(?:draft|final|copy|signed|scan|approved|issued|site copy|\d{1,2})\)?$", re.IGNORECASE)
_NUMBER = re.compile(
    r"\b(?:(?:ASTM|AISC|ISO|IEC|EN|BS|DIN|NFPA|UFC|ANSI|ASME|AWS|ACI|API|IEEE|MIL|NIST|OSHA|FIPS|AS|NZS"
    r"|JIS)[ -/]*)?[A-Z]{1,8}\d*(?:[-/ ][A-Z]{1,6})*[-/ ]?\d[\w./-]*\w|\b[A-Z]{2,8}(?:-[A-Z0-9]+)+\b"
)
_SERIES = re.compile(
    r"\b(?:reports?|minutes|meeting|letter|bulletin|note|memo|invoice|statement|newsletter|10-[kq]|agenda|log"
    r"|record|certificate|summary|register)\b",
    re.IGNORECASE,
)


class Status(StrEnum):
    CURRENT = "CURRENT"
    DRAFT = "DRAFT"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True)
class Edition:
    """A document as one edition of a family. `rank` orders editions of a kind: letters, or numbers and years."""

    document: str
    title: str
    number: str
    family: str
    label: str
    rank: tuple[str, tuple[int, ...]] | None
    date: datetime.date | None
    status: Status
    evidence: Quote
    is_series: bool = False


@dataclass(frozen=True)
class _Label:
    value: str
    chunk: Chunk
    start: int
    end: int


def identify(source: Source) -> Edition:
    """The identity that a document gives itself; what it does not say stays empty."""
    labels = _labels(source)
    stem, file_label = _of_file(source.filename)
    named = labels["number"].value if "number" in labels else _number_in_title(source, stem)
    number, year = split_number(named)
    label = (_edition_value(labels["edition"].value) if "edition" in labels else "") or year or file_label
    when = next((found for key in ("date",) if key in labels and (found := read_date(labels[key].value))), None)
    when = when or read_date(source.title) or read_date(source.filename.replace("_", "-"))
    family = normal_number(number) if number else _unnumbered_family(source, stem, label)
    return Edition(
        source.document,
        source.title,
        number,
        family,
        label,
        rank(label),
        when,
        _status(source, labels),
        _evidence(source, labels),
        is_series=not number and bool(_SERIES.search(f"{source.title} {stem}")),
    )


def _unnumbered_family(source: Source, stem: str, label: str) -> str:
    """By file name; by title where the file is named by its edition only, such as `3.1.0.md`."""
    return f"title:{' '.join(sorted(set(stems(source.title))))}" if label and not stem else f"file:{stem.lower()}"


def _labels(source: Source) -> dict[str, _Label]:
    """The first value of each label of the title block."""
    found: dict[str, _Label] = {}
    for chunk in source.chunks[:FRONT_CHUNKS]:
        for label, value, start, end in _pairs(chunk):
            key = next((name for name, pattern in _LABELS.items() if pattern.match(label.strip(" .:"))), None)
            if key and value.strip(" -|"):
                found.setdefault(key, _Label(value.strip(), chunk, start, end))
    return found


def _pairs(chunk: Chunk) -> Iterator[tuple[str, str, int, int]]:
    first = chunk.place.char_start
    rows = [(chunk.header, 0, 0)] if chunk.header else []
    rows += [(row.cells, row.char_start - first, row.char_end - first) for row in chunk.rows]
    for cells, start, end in rows:
        if len(cells) in (2, 4):
            yield from ((cells[n], cells[n + 1], start, end) for n in range(0, len(cells), 2))
    if not chunk.rows:
        for match in [*_LINE.finditer(chunk.text), *_BARE_EDITION.finditer(chunk.text)]:
            yield match.group("label"), match.group("value"), match.start(), match.end()


def _of_file(filename: str) -> tuple[str, str]:
    """A file's stem without its edition, and that edition."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", filename.rsplit("/", 1)[-1])
    while (shorter := _NOISE.sub("", stem)) != stem and not re.search(r"\d$", stem):
        stem = shorter
    edition = _FILE_EDITION.search(stem)
    if edition and edition.start() > 0:
        return stem[: edition.start()].strip(" _.-"), edition.group("edition")
    if re.fullmatch(r"[vV]?\d+(?:\.\d+)+", stem):
        return "", stem.lstrip("vV")
    year = _FILE_YEAR.search(stem)
    return (stem[: year.start()].strip(" _.-"), year.group("year")) if year else (stem, "")


def _number_in_title(source: Source, stem: str) -> str:
    """A number that stands at the head of the title or the first heading, or that the file is named by."""
    heads = [source.title, *(chunk.text.splitlines()[0] for chunk in source.chunks[:2] if chunk.text.strip())]
    for head in heads:
        match = _NUMBER.match(head.strip().lstrip("# "))
        if match and len(match.group()) >= 4 and re.search(r"\d", match.group()):
            return match.group()
    match = _NUMBER.fullmatch(stem.replace("_", "-"))
    return match.group() if match and re.search(r"\d", stem) else ""


def split_number(written: str) -> tuple[str, str]:
    """A number without the year of its edition, and that year: `EN 1090-2:2018`, `ASTM A992/A992M-22`, `X-131-2019`."""
    match = re.match(
        r"^(?P<number>.+?)\s*(?::\s*(?P<a>(?:19|20)\d\d)|-(?P<b>(?:19|20)\d\d))(?:[+/]A\d.*)?$", written.strip()
    )
    if match:
        return match.group("number").strip(), match.group("a") or match.group("b")
    astm = re.match(r"^(?P<number>ASTM\s+[A-Z]\d+(?:/[A-Z]\d+M)?)-(?P<year>\d\d)[a-z]?$", written.strip())
    if astm:
        year = int(astm.group("year"))
        return astm.group("number"), str(1900 + year if year > 50 else 2000 + year)
    return written.strip(), ""


def normal_number(number: str) -> str:
    return re.sub(r"[\s_]+", "", number).upper()


def _edition_value(written: str) -> str:
    match = re.match(
        r"^(?:rev(?:ision)?|issue|edition|version|v)?\.?\s*(?:no\.?\s*)?(\d+(?:\.\d+)*|[A-Za-z]{1,2})\b",
        written.strip(),
        re.IGNORECASE,
    )
    return match.group(1).upper() if match else ""


def rank(label: str) -> tuple[str, tuple[int, ...]] | None:
    """Orders editions: A < B < … < Z < AA; 1 < 2 < 10; years as numbers. Kinds don't compare with each other."""
    if re.fullmatch(r"\d+(?:\.\d+)*", label):
        return "number", tuple(int(part) for part in label.split("."))
    if re.fullmatch(r"[A-Z]{1,2}", label):
        return "letter", (len(label), *(ord(c) for c in label))
    return None


def read_date(text: str) -> datetime.date | None:
    """The first date that a text names; one without a day is its first."""
    for pattern in _DATES:
        match = pattern.search(text)
        if match is None:
            continue
        parts = match.groupdict()
        month = _MONTHS[parts["name"].lower()[:3].replace("sept", "sep")] if parts.get("name") else int(parts["m"])
        day = int(parts.get("d") or 1)
        try:
            return datetime.date(int(parts["y"]), month, day)
        except ValueError:
            continue
    return None


def _status(source: Source, labels: dict[str, _Label]) -> Status:
    stated = " ".join(labels[key].value for key in ("status", "edition") if key in labels)
    named = re.sub(r"[-_.]", " ", source.filename)
    front = "\n".join(chunk.text for chunk in source.chunks[:2])
    if (
        _DRAFT.search(stated)
        or re.search(r"\bdraft\b", f"{named} {source.title}", re.IGNORECASE)
        or _LOUD_DRAFT.search(front)
    ):
        return Status.DRAFT
    return Status.WITHDRAWN if _DEAD.search(labels["status"].value if "status" in labels else "") else Status.CURRENT


def _evidence(source: Source, labels: dict[str, _Label]) -> Quote:
    """The line that names the edition, else the document's first line."""
    for key in ("edition", "date", "number"):
        if key in labels:
            label = labels[key]
            return source.quote(label.chunk, label.start, label.end)
    if not source.chunks:
        return Quote(source.title, Place(source.document, source.revision), source.title)
    first: Sequence[str] = source.chunks[0].text.splitlines() or [source.chunks[0].text]
    return source.quote(source.chunks[0], 0, len(first[0]))
