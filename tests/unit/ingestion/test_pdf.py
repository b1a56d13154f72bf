"""PDF: reading order, running lines, tables."""

from services.ingestion.domain.chunks import Kind
from tests.unit.ingestion.conftest import Pdf

LEFT = [f"Left line {n} is about the plates of the frame" for n in range(8)]
RIGHT = [f"Right line {n} is about the bolts of the frame" for n in range(8)]


def test_two_columns_are_read_one_after_the_other(read):
    pdf = Pdf().text(50, 60, "A title that runs over both of the columns of this page of the paper", 16, bold=True)
    pdf.lines(50, 100, LEFT).lines(310, 103, RIGHT)
    text = read("a.pdf", pdf.bytes(), whole=True).text
    assert text.index("A title") < text.index("Left line 0") < text.index("Left line 7") < text.index("Right line 0")


def test_running_lines_stand_once_and_page_numbers_never(read):
    pdf = Pdf()
    for n in range(1, 4):
        pdf.text(50, 30, "SPEC-7 Rev B").text(480, 30, "Firm").text(50, 820, "Replaces Rev A").text(
            480, 820, f"Page {n}"
        )
        pdf.lines(50, 200, [f"Clause {n} asks for what is written on page {n}."]).page()
    text = read("a.pdf", pdf.bytes(), whole=True).text
    assert text.count("SPEC-7 Rev B") == text.count("Replaces Rev A") == text.count("Firm") == 1
    assert "Page" not in text
    assert all(f"Clause {n} asks" in text for n in (1, 2, 3))


def test_a_ruled_table_keeps_rows_cells_and_header(read):
    rows = [("Part", "Property", "Value"), ("Rod", "Yield strength", "380 MPa"), ("Plate", "Thickness", "12 mm")]
    parsed = read("a.pdf", Pdf().text(50, 80, "Values follow.").grid(50, 100, [90, 120, 80], rows).bytes(), whole=True)
    table = next(piece for piece in parsed.pieces if piece.kind is Kind.TABLE)
    assert table.header == rows[0]
    assert [row.cells for row in table.rows] == rows[1:]
    assert (table.place.page, round(table.place.box.left), round(table.place.box.top)) == (1, 50, 100)


def test_a_table_without_rules_is_told_by_its_columns(read):
    pdf = Pdf().text(50, 80, "The mill has sent these values for the heat.")
    rows = [("Heat", "Yield", "Tensile"), ("H1", "381", "512"), ("H2", "390", "520"), ("H3", "402", "531")]
    for n, row in enumerate(rows):
        for column, cell in enumerate(row):
            pdf.text(50 + 120 * column, 110 + 14 * n, cell)
    parsed = read("a.pdf", pdf.bytes(), whole=True)
    table = next(piece for piece in parsed.pieces if piece.kind is Kind.TABLE)
    assert table.header == rows[0]
    assert [row.cells for row in table.rows] == rows[1:]


def test_a_table_that_goes_on_over_the_page_keeps_its_header(read):
    pdf = Pdf().grid(50, 700, [90, 90, 80], [("Part", "Code", "Value"), ("Rod", "R", "380")]).page()
    pdf.grid(50, 60, [90, 90, 80], [("Plate", "P", "345"), ("Bolt", "B", "640")], bold_header=False)
    tables = [p for p in read("a.pdf", pdf.bytes(), whole=True).pieces if p.kind is Kind.TABLE]
    assert [table.header for table in tables] == [("Part", "Code", "Value")] * 2
    assert [row.cells[0] for table in tables for row in table.rows] == ["Rod", "Plate", "Bolt"]


def test_lines_become_paragraphs_and_divided_words_whole(read):
    lines = [
        "3.1 The wind speed is the three-second gust in open ter-",
        "rain. It is measured here. The QF-",
        "203 frame.",
    ]
    pdf = Pdf().text(50, 80, "3 Actions", 12, bold=True).lines(50, 100, lines).lines(50, 160, ["3.2 A second clause."])
    assert read("a.pdf", pdf.bytes()) == [
        ("HEADING", "3 Actions"),
        (
            "PROSE",
            "3.1 The wind speed is the three-second gust in open terrain. It is measured here. The QF-203 frame.",
        ),
        ("PROSE", "3.2 A second clause."),
    ]


def test_a_page_without_text_is_named(read):
    parsed = read("a.pdf", Pdf().text(50, 100, "Text.").page().page().bytes(), whole=True)
    assert parsed.page_count == 2
    assert parsed.warnings == ("page 2 has no text layer",)


def test_contents_with_dots_are_left_out_and_counted(read):
    pdf = Pdf().lines(50, 100, ["1 Scope .................... 3", "2 Loads .................... 4"])
    parsed = read("a.pdf", pdf.text(50, 200, "The scope of this text.").bytes(), whole=True)
    assert parsed.text == "The scope of this text."
    assert parsed.warnings == ("2 lines of a table of contents left out",)


def test_a_turned_page_reads_as_it_is_seen(read):
    pdf = Pdf()
    pdf.canvas.setPageRotation(90)
    pdf.canvas.rotate(90)
    pdf.canvas.translate(0, -595)
    for n, line in enumerate(["First line of the page.", "Second line of the page."]):
        pdf.canvas.drawString(60, 500 - 40 * n, line)
    assert read("a.pdf", pdf.bytes())[0][1].split("\n") == ["First line of the page.", "Second line of the page."]


def test_a_tab_at_the_edge_is_left_out_and_said(read):
    pdf = Pdf().lines(50, 100, ["Words of the page that", "are read as they stand."])
    pdf.canvas.rotate(90)
    pdf.canvas.drawString(400, -580, "B-1191")
    parsed = read("a.pdf", pdf.bytes(), whole=True)
    assert parsed.text == "Words of the page that are read as they stand."
    assert [warning.replace(" ", "") for warning in parsed.warnings] == ["page1:textsetsidewaysleftout:B-1191"]
