"""Blocks to text and chunks: what must hold for whatever a parser finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingestion.domain.blocks import Grid, Heading, Item, Paragraph, Place, Reading, SheetRange
from services.ingestion.domain.chunks import MAX_PROSE, MAX_TABLE, Kind, column_name, compose
from services.ingestion.domain.normal import clean

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["5.2.1 Plates shall be flat.", "b) the second", "(iv) last", "Table 3 Limits", "One of the following:", "x" * 1500]
)
places = st.builds(Place, st.none() | st.integers(1, 3))
rows = st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[words] * n), min_size=1, max_size=6))
blocks = st.one_of(
    st.builds(Heading, words, st.integers(0, 8), places),
    st.builds(Paragraph, words | st.text(max_size=4000), places),
    st.builds(Item, words, st.sampled_from(["-", "a)", "(b)", "1.", "iv)"]), st.integers(0, 3), places),
    rows.map(lambda cells: Grid(cells[0], tuple(cells[1:]))),
    rows.map(lambda cells: Grid((), tuple(cells))),
)


def composed(*found):
    return compose(Reading("text/plain", "test/1", tuple(found)), "title")


def texts(parsed):
    return [parsed.text[piece.start : piece.end] for piece in parsed.pieces]


@settings(max_examples=150, deadline=None)
@given(st.lists(blocks, max_size=12))
def test_chunks_are_slices_in_order_that_cover_the_text(found):
    parsed = composed(*found)
    end = 0
    for piece in parsed.pieces:
        assert end <= piece.start < piece.end <= len(parsed.text)
        assert not parsed.text[end : piece.start].strip()
        chunk = parsed.text[piece.start : piece.end]
        assert chunk.strip() == chunk or piece.kind is Kind.TABLE
        end = piece.end
    assert end == len(parsed.text)
    assert parsed.text.encode().decode() == parsed.text


@settings(max_examples=100, deadline=None)
@given(st.lists(blocks, max_size=12))
def test_prose_is_bounded_and_rows_stand_where_they_say(found):
    parsed = composed(*found)
    for piece in parsed.pieces:
        if piece.kind is Kind.PROSE:
            assert piece.end - piece.start <= MAX_PROSE
        for row in piece.rows:
            assert piece.start <= row.start <= row.end <= piece.end
            assert parsed.text[row.start : row.end] == " | ".join(row.cells)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)


def test_cleaning_takes_out_what_nobody_sees():
    assert clean("soft\u00adware \u200bof\u00a0\u2009steel\ufeff \U000e0041") == "software of steel"
    assert clean("ﬁre\r\n  \r\nﬂame\tA\u0301") == "fire\nflame Á"
    assert clean("\ud800x") == "\ufffdx"


def test_a_clause_is_a_chunk_with_its_headings_and_number():
    parsed = composed(
        Heading("5 Materials", 1),
        Heading("5.2 Plates", 2),
        Paragraph("5.2.1 Plates shall be flat."),
        Item("within 2 mm on site", "a)"),
        Item("within 1 mm in the shop", "b)"),
        Paragraph("5.2.2 Plates shall be dry."),
    )
    assert [piece.clause for piece in parsed.pieces] == ["5", "5.2", "5.2.1", "5.2.1 a", "5.2.1 b", "5.2.2"]
    assert parsed.pieces[4].headings == ("5 Materials", "5.2 Plates")
    assert texts(parsed)[4] == "b) within 1 mm in the shop"


def test_a_list_stays_with_the_sentence_that_leads_to_it():
    parsed = composed(Paragraph("4.1 The coating is one of:"), Item("zinc", "a)"), Item("paint", "b)"))
    assert texts(parsed) == ["4.1 The coating is one of:\na) zinc\nb) paint"]
    assert parsed.pieces[0].kind is Kind.LIST


def test_a_number_in_prose_is_no_clause():
    parsed = composed(Heading("4 Loads", 1), Paragraph("3.5 MPa is enough."), Paragraph("2.4 kA/m is too much."))
    assert [piece.clause for piece in parsed.pieces] == ["4", "4"]


def test_a_long_paragraph_is_cut_between_sentences():
    sentence = "The engineer signs the survey sheet before the grouting of the base plates begins. "
    parsed = composed(Paragraph(sentence * 40))
    assert len(parsed.pieces) > 2
    assert all(text.endswith("begins.") for text in texts(parsed))


def test_a_long_table_keeps_its_header_and_cuts_no_row():
    rows_ = tuple((f"part {n}", "x" * 200) for n in range(40))
    parsed = composed(
        Paragraph("Table 7 Parts"), Grid(("Part", "Text"), rows_, cells=SheetRange("S", 1, 3, tuple(range(4, 44))))
    )
    assert all(text.startswith("Table 7 Parts\nPart | Text\n") for text in texts(parsed))
    assert all(len(text) <= MAX_TABLE + 50 for text in texts(parsed))
    assert [row.cells for piece in parsed.pieces for row in piece.rows] == list(rows_)
    assert parsed.pieces[0].cells.startswith("S!B3:C")
    assert parsed.pieces[-1].cells.endswith(":C43")


def test_a_table_label_set_as_heading_is_none():
    parsed = composed(Heading("2-3 Tables", 1), Heading("Table 2-1 Example", 1), Paragraph("Text."))
    assert parsed.pieces[-1].headings == ("2-3 Tables",)
    assert parsed.pieces[-1].clause == "2-3"


def test_columns_are_named_as_sheets_name_them():
    assert [column_name(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
