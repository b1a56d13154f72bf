"""Personal data: names with contact details, phone numbers, addresses, account and identity numbers, secrets.

Numbers count only where their check digit or their label speaks for it, so that quantities and part numbers stay.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.curation.domain.passages import Chunk, Quote, Source
from services.curation.understanding import check_digits

_ROLE = re.compile(
    r"^(?:info|sales|support|office|contact|archive|admin|hello|service|no-?reply|help(?:desk)?|webmaster"
    r"|postmaster|press|jobs|hr|marketing|billing|accounts?|orders?|enquir(?:y|ies)|team|security|abuse"
    r"|privacy|careers|mail|reception)(?:[._+-].*)?@",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\b")
_PHONE_LABEL = r"(?:phone|telephone|tel|mobile|cell|call|fax|ph|t|m)\b\.?(?:\s*(?:no|number)\.?)?\s*[:|]?\s*"
_PHONE = re.compile(
    rf"(?P<labelled>(?<!\w)(?i:{_PHONE_LABEL})(?P<a>\+?\(?\d[\d() ./-]{{5,18}}\d))"
    rf"|(?P<b>(?<![\w.-])\+\d{{1,3}}[ .-]?\(?\d[\d() .-]{{5,16}}\d)"
    r"|(?i:\b(?:call|phone|ring|reach|contact)\b[^.;\d]{0,80}?\b(?:on|at)\s+)(?P<e>\d{3}[- ]\d{4}(?![\w-]))"
    r"|(?P<c>(?<![\w.-])\(\d{3}\)\s?\d{3}-\d{4}\b)|(?P<d>(?<![\w.-])\d{3}[-.]\d{3}[-.]\d{4}\b)"
)
_CARD = re.compile(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
# Pattern, check, and the words nearby without which a number of this shape says nothing.
_NATIONAL: Sequence[tuple[re.Pattern[str], Callable[[str], bool], re.Pattern[str] | None]] = (
    (re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), check_digits.ssn, None),
    (
        re.compile(r"(?<![\w-])\d{9}(?![\w-])"),
        check_digits.bsn,
        re.compile(r"\bBSN\b|citizen service|burgerservice", re.IGNORECASE),
    ),
    (re.compile(r"(?<![\w-])\d{3} ?\d{3} ?\d{4}(?![\w-])"), check_digits.nhs, re.compile(r"\bNHS\b", re.IGNORECASE)),
    (re.compile(r"(?<![\w-])[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?![\w-])"), check_digits.nir, None),
    (re.compile(r"\b\d{8}-?[A-Z]\b"), check_digits.dni, re.compile(r"\bDNI\b|\bNIF\b|identidad", re.IGNORECASE)),
    (
        re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),
        lambda _: True,
        re.compile(r"national insurance|\bNINO?\b", re.IGNORECASE),
    ),
)
_SECRETS = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bxox[abpr]-[A-Za-z0-9-]{10,}\b"
    r"|\bsk-[A-Za-z0-9_-]{20,}\b|\bAIza[\w-]{35}\b"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    r"|(?i:\b(?:api[_ -]?key|secret|password|passwd|access[_ -]?token)\b\s*[:=]\s*)[\"']?(?P<value>[^\s\"']{8,})"
)
_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Row|Way|Court|Ct|Square|Sq|Place|Pl|Close|Crescent"
    r"|Boulevard|Blvd|Terrace|Mews|Hill|Quay|Gardens|Grove|Parkway|Pkwy|Highway|Hwy)"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Z][\w'’-]+\s+){{1,4}}{_STREET}\b\.?(?:,\s*[^,\n;|]{{2,40}}){{0,3}}"
    r"|\b[A-Z][a-zà-ÿ]+(?:straat|laan|weg|plein|gracht|kade|strasse|straße|gasse"
    r"|platz)\s+\d{1,4}[a-z]?(?:,\s*\d{4,5}\s?[A-Z]{0,2}\s+[A-Z]\w+)?"
    r"|\b\d{1,4},?\s+(?:rue|avenue|boulevard|place|via"
    r"|calle)\s+(?:[a-z]{1,3}\s+){0,2}[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,3}(?:,\s*\d{4,5}\s+[A-Z]\w+)?"
)
_ADDRESS_LABEL = re.compile(
    r"^\s*(?:home |postal |private |mailing )?address\s*[:|]\s*(?P<value>(?=[^\n|]*\d)[^\n|#${}`]{8,120})",
    re.IGNORECASE | re.MULTILINE,
)
_PART = r"[A-ZÀ-Þ][a-zà-ÿ'’]+(?:-[A-ZÀ-Þ][a-zà-ÿ]+)?"
_NAME = (
    rf"{_PART}(?:[ \t]+(?:(?:van|von|de|der|den|del|da|di|la|le|bin|al)[ \t]+){{0,2}}(?:[A-Z]\.[ \t]+)?{_PART}){{1,2}}"
)
_NAME_LABEL = re.compile(
    rf"(?:^|[\n|])\s*(?i:(?:full |first |last |employee |contact )?name|contact(?: person)?|attn|attention"
    rf"|employee|patient|applicant)\s*[:|]\s*(?P<value>{_NAME})"
)
_NAME_NEAR = re.compile(
    rf"(?P<value>{_NAME})(?=[\s,(|–:-]{{1,4}}(?:(?i:phone|tel|mobile|cell|e-?mail|call|ext)\b|\+\d|[\w.+-]+@))"
)
_NAME_HEADERS = re.compile(
    r"^(?:contact(?: person| name)?|name|full name|employee|person|responsible|representative|attendee"
    r"|patient|customer name|first name|last name|surname)$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"\b(?:Ltd|Inc|Gmb[Hh]|Company|Mill|Works|Department|Desk|Team|Office|Street|Road|Group|Site"
    r"|Steel|University|Council|Authority|Services?|Engineer(?:ing)?|Manager|Director|Department|Phone"
    r"|Email)\b"
)
_PHONE_HEADERS = re.compile(r"\b(?:phone|telephone|tel|mobile|cell|fax)\b", re.IGNORECASE)
_EMAIL_HEADERS = re.compile(r"\be-?mail\b", re.IGNORECASE)
_ADDRESS_HEADERS = re.compile(r"\b(?:home |postal )?address\b", re.IGNORECASE)
LABELS = {
    "person": "name",
    "phone": "phone number",
    "email": "e-mail address",
    "postal_address": "postal address",
    "card_number": "card number",
    "iban": "bank account",
    "national_id": "identity number",
    "secret": "secret",
}


@dataclass(frozen=True)
class Personal:
    """One item of a class, such as `email`, at its place."""

    kind: str
    text: str
    quote: Quote
    confidence: float


@dataclass(frozen=True)
class _Hit:
    kind: str
    start: int
    end: int
    confidence: float


def find(source: Source) -> list[Personal]:
    """Every item of a document, in reading order. A name that contacts gave away is found wherever it stands again."""
    ordinary = {word for chunk in source.chunks for word in re.findall(r"\b[a-z]{3,}\b", _EMAIL.sub(" ", chunk.text))}
    hits = [
        (chunk, hit)
        for chunk in source.chunks
        for hit in _without_overlaps([*_in_text(chunk.text), *_in_table(chunk)])
        if hit.kind != "person" or not _is_ordinary(chunk.text[hit.start : hit.end], ordinary)
    ]
    names = {chunk.text[hit.start : hit.end] for chunk, hit in hits if hit.kind == "person"}
    names |= _names_of_emails(source, [chunk.text[hit.start : hit.end] for chunk, hit in hits if hit.kind == "email"])
    found: list[Personal] = []
    for chunk in source.chunks:
        mine = [hit for owner, hit in hits if owner is chunk]
        again = [
            _Hit("person", m.start(), m.end(), 0.8)
            for name in sorted(names)
            for m in re.finditer(re.escape(name), chunk.text)
        ]
        for hit in sorted(_without_overlaps([*mine, *again]), key=lambda hit: hit.start):
            quote = source.quote(chunk, hit.start, hit.end)
            found.append(Personal(hit.kind, quote.text, quote, hit.confidence))
    return found


def _is_ordinary(name: str, ordinary: set[str]) -> bool:
    """Whether a part of a supposed name is a word that the document writes small elsewhere, as in `Contact Object`."""
    return any(part[:1].isupper() and part.lower() in ordinary for part in name.split())


def _in_text(text: str) -> Iterator[_Hit]:
    yield from _accounts(text)
    for match in _EMAIL.finditer(text):
        if not _ROLE.match(match.group()):
            yield _Hit("email", match.start(), match.end(), 0.95)
    for match in _PHONE.finditer(text):
        group = next(name for name in "abcde" if match.group(name))
        digits = re.sub(r"\D", "", match.group(group))
        if 7 <= len(digits) <= 15:
            yield _Hit("phone", match.start(group), match.end(group), 0.95 if group in "abe" else 0.85)
    for pattern, part, confidence in ((_ADDRESS_LABEL, "value", 0.95), (_ADDRESS, 0, 0.85)):
        for match in pattern.finditer(text):
            start, end = match.span(part)
            yield _Hit("postal_address", start, start + len(text[start:end].rstrip(" .,")), confidence)
    for pattern, confidence in ((_NAME_LABEL, 0.9), (_NAME_NEAR, 0.85)):
        for match in pattern.finditer(text):
            if not _NO_NAME.search(match.group("value")):
                yield _Hit("person", match.start("value"), match.end("value"), confidence)


def _accounts(text: str) -> Iterator[_Hit]:
    """Numbers with check digits, and secrets."""
    for match in _IBAN.finditer(text):
        length = _longest(match.group(), check_digits.iban)
        if length:
            yield _Hit("iban", match.start(), match.start() + length, 0.99)
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if digits[0] in "23456" and len(set(digits)) > 1 and check_digits.luhn(digits):
            yield _Hit("card_number", match.start(), match.end(), 0.95)
    for pattern, check, context in _NATIONAL:
        for match in pattern.finditer(text):
            near = text[max(0, match.start() - 60) : match.end() + 20]
            if check(re.sub(r"[ -]", "", match.group())) and (context is None or context.search(near)):
                yield _Hit("national_id", match.start(), match.end(), 0.95)
    for match in _SECRETS.finditer(text):
        group = "value" if match.group("value") else 0
        yield _Hit("secret", match.start(group), match.end(group), 0.9)


def _longest(text: str, check: Callable[[str], bool]) -> int:
    """The end of the longest head of `text` that passes; a word behind an account number may look like its part."""
    ends = [len(text), *(match.start() for match in reversed(list(re.finditer(" ", text))))]
    return next((end for end in ends if check(text[:end])), 0)


def _in_table(chunk: Chunk) -> Iterator[_Hit]:
    """Cells under titles that say what they hold."""
    is_list_of_people = any(_PHONE_HEADERS.search(title) or _EMAIL_HEADERS.search(title) for title in chunk.header)
    for row in chunk.rows:
        at = row.char_start - chunk.place.char_start
        for title, cell in zip(chunk.header, row.cells, strict=False):
            start = chunk.text.find(cell, max(at, 0)) if cell.strip() else -1
            if start < 0:
                continue
            at = start + len(cell)
            named = _NAME_HEADERS.match(title.strip()) and (is_list_of_people or title.strip().lower() != "name")
            if named and re.fullmatch(_NAME, cell.strip()) and not _NO_NAME.search(cell):
                yield _Hit("person", start, start + len(cell), 0.85)
            if _PHONE_HEADERS.search(title) and 7 <= len(re.sub(r"\D", "", cell)) <= 15:
                yield _Hit("phone", start, start + len(cell), 0.95)
            if _ADDRESS_HEADERS.search(title) and re.search(r"\d", cell) and "@" not in cell:
                yield _Hit("postal_address", start, start + len(cell), 0.85)


def _names_of_emails(source: Source, emails: list[str]) -> set[str]:
    """Names that stand in the text and that an address such as `first.last@` spells."""
    found = set()
    for email in emails:
        parts = re.split(r"[._-]", email.split("@")[0])
        if len(parts) == 2 and all(len(part) > 1 and part.isalpha() for part in parts):
            pattern = re.compile(rf"\b{re.escape(parts[0])}\s+{re.escape(parts[1])}\b", re.IGNORECASE)
            found |= {match.group() for chunk in source.chunks for match in pattern.finditer(chunk.text)}
    return found


def _without_overlaps(hits: list[_Hit]) -> list[_Hit]:
    """The surest of overlapping hits."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (-hit.confidence, hit.start, -hit.end)):
        if hit.end > hit.start and all(hit.end <= other.start or hit.start >= other.end for other in kept):
            kept.append(hit)
    return kept
