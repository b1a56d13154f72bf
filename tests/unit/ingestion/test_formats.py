"""Word, sheets, HTML, Markdown, plain text and mail."""

import io

import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from services.ingestion.adapters.parsers.sniff import Format, sniff
from services.ingestion.domain.chunks import Kind
from tests.unit.ingestion.conftest import Pdf, word, workbook


def test_word_headings_lists_and_tables(read):
    def build(document):
        document.core_properties.title = "Anchor rods"
        document.add_heading("Material", 1)
        document.add_paragraph("Rods are new.")
        document.add_paragraph("zinc", style="List Bullet")
        document.add_paragraph("paint", style="List Bullet")
        table = document.add_table(2, 2)
        for n, text in enumerate(("Part", "Value", "Rod", "380")):
            table.cell(n // 2, n % 2).text = text
        table.cell(0, 0).paragraphs[0].runs[0].bold = table.cell(0, 1).paragraphs[0].runs[0].bold = True

    content = word(build)
    assert read("a.docx", content) == [
        ("HEADING", "Material"),
        ("PROSE", "Rods are new."),
        ("LIST", "- zinc\n- paint"),
        ("TABLE", "Part | Value\nRod | 380"),
    ]
    parsed = read("a.docx", content, whole=True)
    assert (parsed.title, parsed.pieces[-1].header) == ("Anchor rods", ("Part", "Value"))


NUMBERS = """<w:abstractNum {ns} w:abstractNumId="77">
<w:lvl w:ilvl="0"><w:start w:val="4"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%3)"/></w:lvl></w:abstractNum>"""


def numbered(document, text, level):
    paragraph = document.add_paragraph(text)
    marks = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="78"/></w:numPr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(marks))


def test_word_numbers_are_those_that_word_shows(read):
    def build(document):
        root = document.part.numbering_part.element
        root.insert(0, parse_xml(NUMBERS.format(ns=nsdecls("w"))))
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="78"><w:abstractNumId w:val="77"/></w:num>'))
        numbered(document, "Loads", 0)
        numbered(document, "Wind is 51 m/s.", 1)
        numbered(document, "Snow is one of:", 1)
        numbered(document, "1.9 kN/m²", 2)
        numbered(document, "2.1 kN/m²", 2)
        numbered(document, "Bolts", 0)
        numbered(document, "Bolts are new.", 1)

    content = word(build)
    texts = [text for _, text in read("a.docx", content)]
    assert texts[1:3] == ["4.1 Wind is 51 m/s.", "4.2 Snow is one of:\na) 1.9 kN/m²\nb) 2.1 kN/m²"]
    assert texts[3:] == ["5 Bolts", "5.1 Bolts are new."]


def test_word_text_reads_with_changes_accepted_and_without_what_is_hidden(read):
    def build(document):
        paragraph = document.add_paragraph("Kept ")
        for xml in (
            '<w:ins {ns}><w:r><w:t xml:space="preserve">added </w:t></w:r></w:ins>',
            "<w:del {ns}><w:r><w:delText>deleted</w:delText></w:r></w:del>",
            "<w:r {ns}><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>",
            "<w:sdt {ns}><w:sdtContent><w:r><w:t>filled in</w:t></w:r></w:sdtContent></w:sdt>",
        ):
            paragraph._p.append(parse_xml(xml.format(ns=nsdecls("w"))))

    assert read("a.docx", word(build)) == [("PROSE", "Kept added filled in")]


def test_merged_cells_of_word_are_unfolded(read):
    def build(document):
        table = document.add_table(3, 3)
        for n in range(9):
            table.cell(n // 3, n % 3).text = f"c{n}"
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(0, 1).merge(table.cell(0, 2))

    parsed = read("a.docx", word(build), whole=True)
    assert parsed.text.split("\n") == ["c0 | c1 c2 | ", "c3 c6 | c4 | c5", "c3 c6 | c7 | c8"]


def test_sheets_have_cell_ranges_titles_and_shown_values(read):
    rows = [["Materials of 2024"], [], ["Code", "Value", "Share"], ["M1", 355.0, 0.125], ["M2", 0.1 + 0.2, 1]]
    book = openpyxl.load_workbook(io.BytesIO(workbook(Sheet=rows, Secret=[["hidden"]])))
    for row in (4, 5):
        book["Sheet"].cell(row, 3).number_format = "0.0%"
    book["Secret"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    parsed = read("a.xlsx", out.getvalue(), whole=True)
    table = next(piece for piece in parsed.pieces if piece.kind is Kind.TABLE)
    assert (table.cells, table.header) == ("Sheet!A3:C5", ("Code", "Value", "Share"))
    assert [row.cells for row in table.rows] == [("M1", "355", "12.5%"), ("M2", "0.3", "100%")]
    assert parsed.warnings == ("hidden sheet left out: Secret",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_of_any_delimiter(read, delimiter):
    text = "\n".join(
        delimiter.join(row) for row in (["Code", "Name", "Value"], ["M1", '"a, b; c"', "3"], ["M2", "d", "4"])
    )
    parsed = read("a.csv", text, whole=True)
    assert [row.cells for row in parsed.pieces[0].rows] == [("M1", "a, b; c", "3"), ("M2", "d", "4")]
    assert parsed.pieces[0].cells == "A1:C3"


HTML = """<!DOCTYPE html><html><head><title>Portal</title><style>p{}</style><script>evil()</script></head><body>
<nav>Home</nav><h1>Plates</h1><p>Each plate&nbsp;has <b>its</b> heat<br>number.</p><p hidden>All are approved.</p>
<p style="display: none">So are rods.</p><ol type="a" start="2"><li>clean<ul><li>dry</li></ul></li><li>flat</li></ol>
<table><tr><th rowspan=2>Part</th><th colspan=2>Limits</th></tr><tr><th>low</th><th>high</th></tr>
<tr><td rowspan=2>Rod</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>
<p>Paid <ix:nonFraction>12</ix:nonFraction> times, &lt;b&gt; as text.</p><footer>Imprint</footer></body></html>"""


def test_html_is_what_a_reader_sees(read):
    assert read("a.html", HTML) == [
        ("HEADING", "Plates"),
        ("PROSE", "Each plate has its heat\nnumber."),
        ("LIST", "b) clean\n  - dry\nc) flat"),
        ("TABLE", "Part | Limits / low | Limits / high\nRod | 1 | 2\nRod | 3 | 4"),
        ("PROSE", "Paid 12 times, <b> as text."),
    ]
    parsed = read("a.html", HTML, whole=True)
    assert (parsed.title, parsed.warnings) == ("Portal", ("2 hidden parts left out",))


def test_a_layout_table_is_no_table_and_a_claimed_span_no_harm(read):
    layout = "<table><tr><td><p>One.</p></td></tr><tr><td><p>Two.</p></td></tr></table>"
    assert read("a.html", f"<html><body>{layout}</body></html>") == [("PROSE", "One.\nTwo.")]
    wide = "<table><tr><td colspan=999999 rowspan=999999>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    assert "a" in read("a.html", f"<html><body>{wide}</body></html>", whole=True).text


MARKDOWN = """---
title: "Bolts"
---
# Tightening

Lubricate *every* `thread`;
then go on.

1. first
   - inner
2. second

| Size | Torque |
| --- | ---: |
| M24 | 720 |

<script>evil()</script>

<div>Raw <b>words</b></div>

```
torque = 720
```
"""


def test_markdown(read):
    parsed = read("a.md", MARKDOWN, whole=True)
    texts = [parsed.text[piece.start : piece.end] for piece in parsed.pieces]
    assert parsed.title == "Bolts"
    assert texts[1:5] == [
        "Tightening",
        "Lubricate every thread; then go on.",
        "1. first\n  - inner\n2. second",
        "Size | Torque\nM24 | 720",
    ]
    assert "evil" not in parsed.text
    assert texts[-1] == "Raw words\ntorque = 720"


def test_plain_text(read):
    text = (
        "SCOPE OF WORK\n\nThis line was broken by an editor that counts its characters,\nand goes on here.\n\n"
        "- one\n- two\n  rest\n"
    )
    assert read("a.txt", text) == [
        ("HEADING", "SCOPE OF WORK"),
        ("PROSE", "This line was broken by an editor that counts its characters, and goes on here."),
        ("LIST", "- one\n- two rest"),
    ]


def test_text_in_another_encoding_is_read_and_said(read):
    parsed = read("a.txt", "Größe und Stärke der Träger, gemäß Prüfung über Mängel".encode("cp1252"), whole=True)
    assert "Größe und Stärke der Träger" in parsed.text
    assert "guessed" in parsed.warnings[0]
    assert read("b.txt", "Größe".encode("utf-16")) == [("PROSE", "Größe")]


def test_mail(read):
    mail = (
        "From: Ada <ada@mill.example>\nTo: bo@firm.example\nSubject: Heat H4471\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nThe plates left today.\n'
        '--x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="cert.pdf"\n\nabc\n--x--\n'
    )
    parsed = read("a.eml", mail, whole=True)
    assert parsed.title == "Heat H4471"
    assert "The plates left today." in parsed.text
    assert parsed.warnings == ("attachment left out: cert.pdf",)


def test_a_file_is_what_its_bytes_say():
    pdf = Pdf().text(9, 99, "x").bytes()
    assert sniff("a.docx", pdf) == (Format.PDF, "the file is named .docx but is application/pdf")
    assert sniff("a.pdf", word(lambda document: None))[0] is Format.DOCX
    assert sniff("a.csv", workbook(S=[["x"]]))[0] is Format.XLSX
    assert sniff("a.txt", b"<!-- c --><!DOCTYPE html><p>x") == (Format.HTML, "")
    assert sniff("README", b"text") == (Format.TEXT, "")


def test_a_title_that_says_nothing_is_passed_over(read):
    def build(document):
        document.core_properties.title = "Microsoft Word - spec7.doc"
        document.add_heading("Anchor rods", 1)
        document.add_paragraph("Text.")

    assert read("a.docx", word(build), whole=True).title == "Anchor rods"
    assert read("approved list.csv", "a,b,c\n1,2,3\n", whole=True).title == "approved list"
