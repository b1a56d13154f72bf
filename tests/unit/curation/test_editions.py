"""Identity and succession of documents that other firms and bodies wrote."""

from datetime import date

import pytest

from services.curation.understanding import editions, supersession
from services.curation.understanding.editions import Status, rank, read_date, split_number
from tests.unit.curation.making import source


def known(*sources):
    return {one.document: editions.identify(one) for one in sources}


def replaced(*sources):
    found = supersession.chains(sources, known(*sources))
    return {(s.older.document[21:], s.newer.document[21:], s.by) for s in found}


@pytest.mark.parametrize(
    ("written", "number", "year"),
    [
        ("EN 1090-2:2018", "EN 1090-2", "2018"),
        ("ASTM A992/A992M-22", "ASTM A992/A992M", "2022"),
        ("ASTM A36-97a", "ASTM A36", "1997"),
        ("UFC 1-200-01", "UFC 1-200-01", ""),
        ("SOP-114", "SOP-114", ""),
        ("BS-5950-2000", "BS-5950", "2000"),
    ],
)
def test_the_year_of_an_edition_is_no_part_of_the_number(written, number, year):
    assert split_number(written) == (number, year)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Issued 12 February 2024", date(2024, 2, 12)),
        ("March 3, 2019", date(2019, 3, 3)),
        ("June 2020", date(2020, 6, 1)),
        ("2021-09-30", date(2021, 9, 30)),
        ("31.12.2022", date(2022, 12, 31)),
        ("no date, 31.02.2022", None),
    ],
)
def test_dates_are_read_in_the_usual_forms(text, day):
    assert read_date(text) == day


def test_editions_order_by_letter_number_and_year():
    assert rank("B") < rank("C") < rank("AA")
    assert rank("2") < rank("10")
    assert rank("draft") is None


def test_a_title_block_of_lines_or_cells_names_the_document():
    lines = source("a", "Title\n\nSpecification No.: PS-77\n\nRev: C\n\nEffective date: 4 May 2021")
    cells = source(
        "b", {"header": ["Document number", "PS-77"], "rows": [["Revision", "D"], ["Date of issue", "2023-01-09"]]}
    )
    one, other = (editions.identify(s) for s in (lines, cells))
    assert (one.number, one.label, one.date) == ("PS-77", "C", date(2021, 5, 4))
    assert (other.number, other.label, other.date) == ("PS-77", "D", date(2023, 1, 9))
    assert one.evidence.text == "Rev: C"


def test_a_later_letter_replaces_an_earlier_one_and_only_the_next():
    parts = [source(f"r{letter}", f"Document No.: MS-4\n\nRevision: {letter}") for letter in "ACB"]
    assert replaced(*parts) == {("rA", "rB", "edition"), ("rB", "rC", "edition")}


@pytest.mark.parametrize(
    "sentence",
    [
        "This issue cancels and replaces SOP-9 Revision A of June 2020.",
        "Supersedes: SOP-9 Rev. A",
        "Revision A is withdrawn.",
        "SOP-9 Rev A is superseded by SOP-9 Rev B.",
    ],
)
def test_a_statement_names_what_it_replaces(sentence):
    old = source("old", "Document No.: SOP-9\n\nRevision: A")
    new = source("new", f"Document No.: SOP-9\n\nRevision: B\n\n{sentence}")
    assert replaced(old, new) == {("old", "new", "statement")}


def test_a_document_may_replace_one_of_another_number():
    old = source("old", "Document No.: SOP-9\n\nRevision: A")
    new = source("new", "Document No.: SOP-31\n\nRevision: A\n\nThis procedure replaces SOP-9.")
    assert replaced(old, new) == {("old", "new", "statement")}


def test_a_draft_replaces_nothing_and_is_not_in_force():
    old = source("old", "Document No.: SOP-9\n\nRevision: A")
    draft = source("new", "Document No.: SOP-9\n\nRevision: B (DRAFT)\n\nThis revision supersedes Revision A.")
    assert known(draft)[draft.document].status is Status.DRAFT
    assert replaced(old, draft) == set()


def test_speaking_of_drafts_makes_no_draft():
    text = (
        "Document No.: SOP-9\n\nRevision: A\n\nComments on a draft go to the owner. Drawings are withdrawn after use."
    )
    assert known(one := source("x", text))[one.document].status is Status.CURRENT


def test_copies_reports_and_minutes_replace_nothing():
    copies = [source(n, "Document No.: SOP-9\n\nIssue: 2\n\nDate: 4 May 2021") for n in ("one", "copy")]
    yearly = [
        source(f"y{y}", "Turnover grew.", title="Annual report", filename=f"annual-report-{y}.pdf")
        for y in (2022, 2023)
    ]
    reports = [source(f"t{y}", f"Test report TR-{y}-031 on a beam") for y in (2022, 2023)]
    assert replaced(*copies) == replaced(*yearly) == replaced(*reports) == set()


def test_a_list_of_a_year_is_replaced_by_the_list_that_says_so():
    old = source("old", "Code | Name", filename="approved-vendors-2021.csv")
    new = source("new", "Supersedes the list of 2021.", filename="approved-vendors-2024.xlsx")
    assert replaced(old, new) == {("old", "new", "statement")}


def test_files_named_by_their_version_are_editions_of_their_title():
    parts = [
        source(f"v{n}", f"Widget Format\n\nVersion {n}", title="Widget Format", filename=f"{n}.md")
        for n in ("1.9", "1.10")
    ]
    assert replaced(*parts) == {("v1.9", "v1.10", "edition")}


def test_a_column_that_replaces_another_replaces_no_document():
    old = source("old", "Document No.: SOP-9\n\nRevision: A")
    new = source("new", "Document No.: SOP-9\n\nRevision: B\n\nThe new column replaces the one of earlier revisions.")
    assert replaced(old, new) == {("old", "new", "edition")}


def test_a_reference_to_a_replaced_edition_is_stale():
    old = source("old", "Document No.: SOP-9\n\nRevision: A")
    new = source("new", "Document No.: SOP-9\n\nRevision: B")
    user = source(
        "user", "Document No.: PL-1\n\nWash the parts as in SOP-9 Revision A, and dry them as in SOP-9 Revision B."
    )
    every = (old, new, user)
    gone = {s.older.document: s.newer for s in supersession.chains(every, known(*every))}
    (stale,) = supersession.stale_references(every, known(*every), gone)
    assert (stale.quote.text, stale.current.label) == ("SOP-9 Revision A", "B")
