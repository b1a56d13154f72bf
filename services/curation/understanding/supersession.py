"""Chains of editions: which document replaces which, by its own words or by the order of editions; stale references."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.curation.domain.passages import Quote, Source
from services.curation.understanding.editions import Edition, Status, normal_number, rank
from services.curation.understanding.sentences import split
from services.curation.understanding.wording import stems

_EDITION_MARK = re.compile(
    r"\b(?i:rev(?:ision)?|issue|edition|version)\.?\s*(?:[Nn]o\.?\s*)?(?P<label>\d+(?:\.\d+)*|[A-Z]{1,2})(?![A-Za-z])"
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_KINDS = (
    r"(?:revision|issue|edition|version|document|standard|specification|procedure|policy|list|register|drawing|manual"
    r"|publication)"
)
_REPLACES = re.compile(
    rf"(?:^\W*(?:it\s+)?|\b(?:this|the present|the new)\s+(?:\w+\s+)?{_KINDS}\b[^.;]{{0,60}}?\s)"
    r"(?P<verb>supersedes?|replaces?|cancels? and replaces?|cancels?|obsoletes?|rescinds?)\b:?\s*"
    r"(?P<target>(?:[^.;]|(?<=\brev)\.|(?<=\bno)\.|(?<=\biss)\.|(?<=\bed)\.){2,160})",
    re.IGNORECASE,
)
_REPLACED = re.compile(
    r"(?P<target>[^.;:\n]{2,120}?)\s+(?:is|are|was|has been|have been|is hereby)\s+(?:now\s+"
    r"|hereby\s+)?(?:superseded|replaced|withdrawn|cancelled|canceled|obsoleted|rescinded|obsolete"
    r"|no longer valid)\b(?P<by>\s+(?:and replaced\s+)?by\s+[^.;\n]{2,120})?",
    re.IGNORECASE,
)
_FUTURE = re.compile(r"\b(?:will|would|shall|when approved|once approved|may|if|intended to|proposed)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Succession:
    """`older` is no longer in force because of `newer`; the quotes show it."""

    older: Edition
    newer: Edition
    by: str
    """statement, edition or date."""
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class StaleReference:
    document: str
    family: str
    quote: Quote
    cited: str
    current: Edition


def chains(sources: Sequence[Source], editions: Mapping[str, Edition]) -> list[Succession]:
    """Each superseded edition once, with the edition that follows it directly."""
    found: dict[str, Succession] = {}
    for succession in [*_by_statement(sources, editions), *_by_order(editions)]:
        if succession.older.status is not Status.DRAFT and succession.older.document != succession.newer.document:
            found.setdefault(succession.older.document, succession)
    return sorted(found.values(), key=lambda s: s.older.document)


def _by_statement(sources: Sequence[Source], editions: Mapping[str, Edition]) -> Iterator[Succession]:
    for source in sources:
        mine = editions[source.document]
        if mine.status is Status.DRAFT:
            continue
        for text, quote in _lines(source):
            if _FUTURE.search(text) and not re.match(r"(?:supersedes|replaces)\b", text, re.IGNORECASE):
                continue
            for target, other in _targets(text):
                newer = _named(other, editions, mine) if other else mine
                older = _older(target, newer or mine, editions)
                if older and newer and older.document != newer.document and not _is_later(older, newer):
                    yield Succession(older, newer, "statement", (older.evidence, quote))


def _lines(source: Source) -> Iterator[tuple[str, Quote]]:
    """Sentences and table rows that may speak of an edition."""
    for chunk in source.chunks:
        if chunk.rows:
            rows = [(" ".join(row.cells), source.quote_row(chunk, row)) for row in chunk.rows]
            head = chunk.text.splitlines()[0] if chunk.text else ""
            rows.append((" ".join(chunk.header), source.quote(chunk, 0, len(head))))
            yield from ((text, quote) for text, quote in rows if _speaks(text))
            continue
        for sentence in split(chunk.text):
            if _speaks(sentence.text):
                yield sentence.text, source.quote(chunk, sentence.start, sentence.end)


def _speaks(text: str) -> bool:
    return bool(re.search(r"supersed|replac|cancel|obsolet|withdrawn|rescind|no longer valid", text, re.IGNORECASE))


def _targets(text: str) -> Iterator[tuple[str, str]]:
    """What a sentence says is replaced, and by what it says so (empty: by this document)."""
    passive = _REPLACED.search(text)
    if passive:
        yield passive.group("target"), re.sub(r"^\s+(?:and replaced\s+)?by\s+", "", passive.group("by") or "")
        return
    active = _REPLACES.search(text)
    if active:
        yield active.group("target"), ""


def _older(target: str, newer: Edition, editions: Mapping[str, Edition]) -> Edition | None:
    """The edition that a phrase such as `Revision A of June 2020` or `the list of 2022` names."""
    family = next((e.family for e in _by_length(editions) if e.number and _mentions(target, e.number)), newer.family)
    members = [e for e in editions.values() if e.family == family and e.document != newer.document]
    mark = _EDITION_MARK.search(target)
    label = mark.group("label").upper() if mark else ""
    exact = [e for e in members if label and e.label == label]
    if exact:
        return exact[0]
    years = {int(year) for year in _YEAR.findall(target)}
    dated = [
        e
        for e in members
        if not label and ((e.date and e.date.year in years) or (e.label.isdigit() and int(e.label) in years))
    ]
    if len(dated) == 1:
        return dated[0]
    general = (
        not label
        and not years
        and re.search(r"\b(?:previous|earlier|prior|former|all|preceding)\b", target, re.IGNORECASE)
    )
    before = [e for e in members if _is_later(newer, e)]
    if general and before:
        return max(before, key=_order)
    named = family != newer.family and not label and not years
    return members[0] if named and len(members) == 1 else None


def _named(phrase: str, editions: Mapping[str, Edition], mine: Edition) -> Edition | None:
    family = next((e.family for e in _by_length(editions) if e.number and _mentions(phrase, e.number)), mine.family)
    members = [e for e in editions.values() if e.family == family]
    mark = _EDITION_MARK.search(phrase)
    exact = [e for e in members if mark and e.label == mark.group("label").upper()]
    return exact[0] if exact else max(members, key=_order) if members else None


def _by_length(editions: Mapping[str, Edition]) -> list[Edition]:
    return sorted(editions.values(), key=lambda e: (-len(e.number), e.document))


def _mentions(text: str, number: str) -> bool:
    return (
        re.search(rf"(?<![\w-]){re.escape(normal_number(number))}(?![\w-])", normal_number(text)) is not None
        if " " not in number
        else (number.lower() in text.lower())
    )


def _by_order(editions: Mapping[str, Edition]) -> Iterator[Succession]:
    families: dict[str, list[Edition]] = defaultdict(list)
    for edition in editions.values():
        if edition.status is Status.CURRENT and not edition.is_series and edition.family not in ("file:", "title:"):
            families[edition.family].append(edition)
    for members in families.values():
        ordered = sorted(members, key=_order)
        for older in ordered:
            later = [e for e in ordered if _is_later(e, older) and _is_alike(e, older)]
            if later:
                newer = min(later, key=_order)
                by = "edition" if older.label != newer.label and older.rank and newer.rank else "date"
                yield Succession(older, newer, by, (older.evidence, newer.evidence))


def _order(edition: Edition) -> tuple[int, str, tuple[int, ...], str, str]:
    kind, value = edition.rank or ("", ())
    day = edition.date.isoformat() if edition.date else ""
    return (
        (1 if edition.rank else 0, kind, value, day, edition.document)
        if edition.rank
        else (0, "", (), day, edition.document)
    )


def _is_later(a: Edition, b: Edition) -> bool:
    """Whether `a` is a later edition than `b`; false where nothing says so, and for copies of one edition."""
    if a.rank and b.rank and a.rank[0] == b.rank[0]:
        return a.rank[1] > b.rank[1] if a.rank != b.rank else False
    if a.label == b.label and a.label:
        return False
    if a.date and b.date and (a.label or b.label):
        return a.date > b.date
    return False


def _is_alike(a: Edition, b: Edition) -> bool:
    """Not so documents that share a number but neither title nor edition, such as a letter about a specification."""
    if a.label and b.label:
        return True
    mine, other = set(stems(a.title)), set(stems(b.title))
    return bool(mine | other) and len(mine & other) / len(mine | other) >= 0.5


def stale_references(
    sources: Sequence[Source], editions: Mapping[str, Edition], superseded: Mapping[str, Edition]
) -> Iterator[StaleReference]:
    """References of documents in force to an edition that a newer one in the corpus replaces."""
    current = _current(editions, superseded)
    for source in sources:
        if source.document in superseded or editions[source.document].status is not Status.CURRENT:
            continue
        for chunk in source.chunks:
            for edition, start, end, label in _references(chunk.text, current):
                own = editions[source.document].family == edition.family
                cited = rank(label)
                older = edition.rank and cited and cited[0] == edition.rank[0] and cited[1] < edition.rank[1]
                if older and not own and not _speaks(chunk.text[max(0, start - 80) : end + 40]):
                    yield StaleReference(
                        source.document, edition.family, source.quote(chunk, start, end), label, edition
                    )


def _current(editions: Mapping[str, Edition], superseded: Mapping[str, Edition]) -> list[Edition]:
    alive = [e for e in editions.values() if e.document not in superseded and e.status is Status.CURRENT and e.number]
    return sorted(alive, key=lambda e: (-len(e.number), e.document))


def _references(text: str, current: Sequence[Edition]) -> Iterator[tuple[Edition, int, int, str]]:
    for edition in current:
        number = re.escape(edition.number).replace(r"\ ", r"\s+")
        pattern = (
            rf"(?<![\w-]){number}(?:\s*,?\s*(?i:rev(?:ision)?|issue|edition|version)\.?\s*(?P<a>\d+(?:\.\d+)*"
            rf"|[A-Z]{{1,2}})(?![A-Za-z])|[:-](?P<b>(?:19|20)\d\d)\b)"
        )
        for match in re.finditer(pattern, text):
            yield edition, match.start(), match.end(), (match.group("a") or match.group("b") or "").upper()
