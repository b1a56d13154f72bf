"""Definitions and other names of a term: in prose, in brackets, in glossary tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.curation.domain.passages import Chunk

_TERM = r"[\"“'‘](?P<quoted>[^\"”'’]{2,60})[\"”'’]"
_MEANS = re.compile(
    rf"{_TERM}\s+(?:means|denotes|refers to|is defined as|shall mean)\s+(?P<meaning>.+)$", re.IGNORECASE
)
_PLAIN = re.compile(
    r"^(?P<plain>[A-Za-z][\w -]{2,50}?)\s+(?:means|is defined as|denotes)\s+(?P<meaning>.+)$", re.IGNORECASE
)
_COLON = re.compile(r"^(?P<plain>[A-Z][\w -]{2,50}):\s+(?P<meaning>(?:an?|the|any)\s+.+)$")
_ALSO = re.compile(
    r"(?:also (?:called|known as|written(?: as)?|referred to as|termed)|call the same (?:part|thing|item"
    r"|property|test)|formerly(?: called)?|"
    r"also (?:write|say|call it)|abbreviated(?: as| to)?|in short|hereafter(?: called)?|hereinafter(?: called"
    r"| referred to as)?|(?:or )?synonym(?:ous with|:))\s+(?P<names>[^.;()]+)",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"(?P<long>(?:[A-Za-z][\w/-]*\s+){1,8})\((?P<short>[A-Z][A-Za-z0-9&/-]{1,9}s?)\)")
_TERM_HEADERS = re.compile(r"^(?:term|word|abbreviation|acronym|symbol|expression|name)s?$", re.IGNORECASE)
_ALSO_HEADERS = re.compile(r"also|synonym|abbreviat|variant|other name|acronym|alias|alternative", re.IGNORECASE)
_MEANING_HEADERS = re.compile(
    r"meaning|definition|description|explanation|stands for|full (?:name|form)", re.IGNORECASE
)


@dataclass(frozen=True)
class Definition:
    term: str
    meaning: str


@dataclass(frozen=True)
class Alias:
    """Another name of a preferred term, both as written at `start:end` of the chunk."""

    preferred: str
    name: str
    start: int
    end: int
    rank: int = 1
    """How sure the source is: 0 a glossary, 1 a sentence, 2 an abbreviation in brackets."""


def define(sentence: str, headings: tuple[str, ...]) -> Definition | None:
    """The definition that a sentence gives; a colon defines only under a heading that says so."""
    match = _MEANS.search(sentence) or _PLAIN.match(sentence)
    if match is None and any(re.search(r"definition|term|glossary", heading, re.IGNORECASE) for heading in headings):
        match = _COLON.match(sentence)
    if match is None:
        return None
    groups = match.groupdict()
    term = groups.get("quoted") or groups.get("plain") or ""
    return Definition(
        re.sub(r"^(?:the|an?) ", "", term.strip(), flags=re.IGNORECASE), match.group("meaning").strip(" .")
    )


def glossary_columns(header: tuple[str, ...]) -> tuple[int, int | None, int | None] | None:
    """Columns (term, other names, meaning) of a glossary's table, or None where the table is none."""
    term = next((n for n, title in enumerate(header) if _TERM_HEADERS.match(title.strip())), None)
    also = next((n for n, title in enumerate(header) if _ALSO_HEADERS.search(title) and n != term), None)
    meaning = next((n for n, title in enumerate(header) if _MEANING_HEADERS.search(title) and n != term), None)
    return None if term is None or (also is None and meaning is None) else (term, also, meaning)


def aliases(chunk: Chunk) -> Iterator[Alias]:
    """Other names that the chunk itself gives to a term."""
    yield from _in_table(chunk)
    yield from _in_prose(chunk.text)
    for match in _ACRONYM.finditer(chunk.text):
        long = expansion(match.group("short"), match.group("long").split())
        if long:
            yield Alias(long, match.group("short"), match.start("short"), match.end("short"), 2)


def _in_table(chunk: Chunk) -> Iterator[Alias]:
    columns = glossary_columns(chunk.header)
    term, also, _ = columns or (0, None, None)
    if also is None:
        return
    first = chunk.place.char_start
    for row in chunk.rows:
        if len(row.cells) > max(term, also):
            for name in re.split(r"[,;/]\s*", row.cells[also]):
                if name.strip(" -"):
                    yield Alias(row.cells[term].strip(), name.strip(), row.char_start - first, row.char_end - first, 0)


def _in_prose(text: str) -> Iterator[Alias]:
    for match in _ALSO.finditer(text):
        term = _term_before(text[: match.start()])
        if term:
            for name in re.split(r",\s*|\s+or\s+|\s+and\s+", match.group("names")):
                clean = re.sub(r"^(?:an?|the)\s+", "", name.strip().strip("\"“”'"), flags=re.IGNORECASE)
                if 2 <= len(clean) <= 50 and len(clean.split()) <= 4:
                    yield Alias(term, clean, match.start(), match.end())


def _term_before(text: str) -> str:
    """The term defined or quoted last before a text's end, within the same paragraph."""
    paragraph = re.split(r"\n\s*\n", text)[-1]
    quoted = [match.group("quoted") for match in re.finditer(_TERM, paragraph)]
    if quoted:
        return quoted[-1].strip()
    line = re.sub(r"^[\d.\s]+", "", paragraph.splitlines()[-1] if paragraph.splitlines() else "")
    colon = _COLON.match(line)
    return colon.group("plain").strip() if colon else ""


def expansion(short: str, before: list[str]) -> str:
    """The words that an acronym stands for (Schwartz and Hearst, PSB 2003), or an empty string."""
    letters = [c.lower() for c in short.rstrip("s") if c.isalnum()]
    text = " ".join(before)
    at, at_letter = len(text) - 1, len(letters) - 1
    while at_letter >= 0:
        while at >= 0 and (
            text[at].lower() != letters[at_letter] or (at_letter == 0 and at > 0 and text[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return ""
        at, at_letter = at - 1, at_letter - 1
    long = text[at + 1 :].strip()
    return long if len(long.split()) <= len(letters) + 3 and len(long) > len(short) + 2 else ""
