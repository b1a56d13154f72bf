"""The generator gives the same bytes each time, and the formats and layouts that a firm's folder has."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from examples.quantumforge.archive import normalise
from examples.quantumforge.generate import generate
from examples.quantumforge.source import Bullets, Heading, PageBreak, Paragraph, Table, parse_blocks, read_source
from tests.unit.examples.reading import pages_of, text_of


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_two_runs_give_the_same_bytes(documents: Path, tmp_path: Path) -> None:
    generate(tmp_path)
    assert _hashes(tmp_path) == _hashes(documents)


def _workbook(at: tuple[int, int, int, int, int, int]) -> bytes:
    """A ZIP as openpyxl writes it at that moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml", at), "<workbook/>")
        modified = f'<dcterms:modified xsi:type="dcterms:W3CDTF">{at[0]}-01-01T00:00:00Z</dcterms:modified>'
        archive.writestr(zipfile.ZipInfo("docProps/core.xml", at), modified)
    return out.getvalue()


def test_office_file_does_not_keep_the_time_of_writing() -> None:
    early, late = _workbook((2020, 1, 1, 0, 0, 0)), _workbook((2031, 1, 1, 0, 0, 0))
    assert early != late
    assert normalise(early, "2024-06-03T00:00:00Z") == normalise(late, "2024-06-03T00:00:00Z")


def test_every_format_is_there(documents: Path) -> None:
    formats = Counter(path.suffix for path in documents.iterdir())
    assert sum(formats.values()) >= 40
    assert all(formats[suffix] >= 2 for suffix in (".pdf", ".docx", ".html", ".md", ".xlsx", ".csv"))


def test_long_specification_has_pages_with_running_lines(documents: Path) -> None:
    pages = pages_of(documents / "QF-SPEC-101-RevC.pdf")
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert "QF-SPEC-101 Rev C - Structural Steel" in page
        assert f"Page {number}" in page


def test_two_columns_are_read_one_after_the_other(documents: Path) -> None:
    text = text_of(documents / "QF-PR-22.pdf")
    assert text.index("1 Purpose") < text.index("3 Timing") < text.index("6 Reports")


def test_workbook_has_title_rows_above_its_header(documents: Path) -> None:
    sheet = openpyxl.load_workbook(documents / "approved-materials-2024.xlsx")["Materials"]
    assert sheet["A2"].value.startswith("Issued 3 June 2024")
    assert [cell.value for cell in sheet[3]][:2] == ["Code", "Material"]


def test_blocks_of_a_source() -> None:
    blocks = parse_blocks("## 1 Scope\n\n1.1 One\ntwo.\n\n- a\n- b\n\n***\n\n| H | V |\n| --- | --- |\n| x | 1 |\n")
    assert blocks == (
        Heading(2, "1 Scope"),
        Paragraph("1.1 One two."),
        Bullets(("a", "b")),
        PageBreak(),
        Table((("H", "V"), ("x", "1"))),
    )


def test_a_source_with_an_unknown_block_is_refused() -> None:
    with pytest.raises(ValueError, match="blockquote"):
        parse_blocks("> quoted\n")


def test_a_source_without_a_title_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nameless.md"
    path.write_text("---\noutput: nameless.pdf\ndate: 2024-01-01\n---\nText.\n")
    with pytest.raises(KeyError, match="title"):
        read_source(path)
