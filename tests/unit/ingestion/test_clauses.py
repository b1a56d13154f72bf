import pytest

from services.ingestion.domain.clauses import Outline, heading_number, inline_number, item_mark, lettered


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("5.2 Materials", "5.2"),
        ("5. Materials", "5"),
        ("2-1.3 FIRST LEVEL", "2-1.3"),
        ("§ 12 Scope", "12"),
        ("Section 4.1 – Loads", "4.1"),
        ("Annex B (normative)", "Annex B"),
        ("APPENDIX C REFERENCES", "Appendix C"),
        ("CHAPTER 2 TECHNICAL", "Chapter 2"),
        ("A.3.1 General", "A.3.1"),
        ("Item 1A. Risk Factors", "Item 1A"),
        ("2024 results", ""),
        ("350 MPa steel", ""),
        ("Scope", ""),
        ("Partial factors", ""),
    ],
)
def test_the_number_of_a_heading(heading, number):
    assert heading_number(heading) == number


@pytest.mark.parametrize(
    ("text", "current", "number"),
    [
        ("3.1 Torque wrenches shall", "3", "3.1"),
        ("3.2 Torque", "3.1", "3.2"),
        ("3.1.4 Frames", "3.1", "3.1.4"),
        ("4.1 Next", "3.9", ""),
        ("1.1 Scope", "", "1.1"),
        ("3.5 mm is enough", "", ""),
        ("12 bolts", "12", ""),
        ("3.5", "3", ""),
    ],
)
def test_the_number_of_a_paragraph_follows_from_the_clause_in_force(text, current, number):
    assert inline_number(text, current) == number


def test_marks_of_list_items():
    assert [item_mark(mark) for mark in ("b)", "(iv)", "2.", "-", "•")] == ["b", "iv", "2", "", ""]
    assert [lettered(text) for text in ("(b) text", "b) text", "be) text", "(see 5) text")] == ["(b)", "b)", "", ""]


def test_a_lettered_number_counts_within_its_annex_only():
    outline = Outline()
    outline.enter("A-1 bolts", 1)
    assert outline.clause == ""
    outline.enter("Annex A", 1)
    outline.enter("A-1 General", 2)
    assert outline.clause == "A-1"


def test_nested_marks_make_a_path():
    outline = Outline()
    outline.enter("5 Welds", 1)
    outline.item("a)", 0)
    outline.item("ii)", 1)
    assert outline.clause == "5 a ii"
    outline.item("b)", 0)
    assert outline.clause == "5 b"
    outline.enter("Annex", 1)
    assert outline.clause == ""
