"""The hostile files are what truth.json says they are, and the planted personal data passes its check digits."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from defusedxml.common import EntitiesForbidden
from defusedxml.ElementTree import parse

from tests.unit.examples.reading import text_of

Truth = dict[str, Any]


def test_four_files_are_to_be_rejected(documents: Path, truth: Truth) -> None:
    rejected = [entry for entry in truth["rejects"] if entry["expected"] == "reject"]
    assert len(rejected) >= 4
    assert all((documents / entry["file"]).stat().st_size < 500_000 for entry in truth["rejects"])


def test_truncated_pdf_does_not_open(documents: Path) -> None:
    path = documents / "archive-scan-2019-plates.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    with pytest.raises(pypdfium2.PdfiumError, match="Data format error"):
        pypdfium2.PdfDocument(path)


def test_encrypted_pdf_asks_for_a_password(documents: Path) -> None:
    with pytest.raises(pypdfium2.PdfiumError, match="Incorrect password"):
        pypdfium2.PdfDocument(documents / "tender-castell-sealed.pdf")
    with pypdfium2.PdfDocument(documents / "tender-castell-sealed.pdf", password="sealed-until-opening") as opened:
        assert len(opened) == 1


def test_zip_bomb_unpacks_to_hundreds_of_times_its_size(documents: Path) -> None:
    path = documents / "drawing-register.docx"
    with zipfile.ZipFile(path) as archive:
        body = archive.getinfo("word/document.xml")
    assert body.file_size > 200 * 1024 * 1024
    assert body.file_size / path.stat().st_size > 500


def test_entity_page_is_refused_by_a_careful_parser(documents: Path) -> None:
    with pytest.raises(EntitiesForbidden):
        parse(documents / "supplier-portal-export.html")


def test_active_page_keeps_words_and_loses_the_rest(documents: Path, truth: Truth) -> None:
    path = documents / "supplier-portal-page.html"
    raw, cleaned = path.read_text(encoding="utf-8"), text_of(path)
    for words in truth["sanitised"]["keep"]:
        assert words in cleaned
    for words in truth["sanitised"]["drop"]:
        assert words in raw
        assert words not in cleaned


def _planted(truth: Truth, kind: str) -> list[str]:
    return [entry["text"] for entry in truth["personal_data"] if entry["kind"] == kind]


def test_kinds_of_personal_data(truth: Truth) -> None:
    kinds = {entry["kind"] for entry in truth["personal_data"]}
    assert kinds == {"person", "phone", "email", "postal_address", "iban", "card_number", "national_id"}


def test_card_number_passes_luhn(truth: Truth) -> None:
    for card in _planted(truth, "card_number"):
        digits = [int(digit) for digit in card if digit.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits[::-1])]
        assert sum(doubled) % 10 == 0


def test_iban_passes_mod_97(truth: Truth) -> None:
    for iban in _planted(truth, "iban"):
        plain = iban.replace(" ", "")
        assert int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def test_national_ids_are_valid_or_reserved(truth: Truth) -> None:
    citizen, social = _planted(truth, "national_id")
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    assert sum(weight * int(digit) for weight, digit in zip(weights, citizen, strict=True)) % 11 == 0
    # Area numbers from 900 are never issued as social security numbers.
    assert social.startswith("9")


def test_phones_and_addresses_are_reserved_for_fiction(truth: Truth) -> None:
    assert all("555-01" in phone for phone in _planted(truth, "phone"))
    reserved = (".example", "example.com", "example.net")
    assert all(address.endswith(reserved) for address in _planted(truth, "email"))
