"""The verifier accepts what the chunk says and refuses the rest, each with its reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.synthesis.adapters.units import PintUnits
from services.synthesis.domain.corpus import Chunk, Comparator, Corpus, Quantity
from services.synthesis.domain.examples import Example, Kind, Reason, Split
from services.synthesis.domain.facts import build_facts
from services.synthesis.domain.language import Terms
from services.synthesis.domain.verify import Verifier, quantities, value, without_duplicates
from tests.unit.synthesis.corpora import TERMS, claim, corpus

UNITS = PintUnits()


def check(n, question, answer, *extra):
    made = corpus(*extra)
    fact = next(f for f in build_facts(made, UNITS) if f.claim.name == f"projects/p/claims/c{n}")
    example = Example(Kind.FACT, Split.TRAIN, question, answer, fact=fact.id, accept=fact.answer.accept)
    found = Verifier(made, Terms(TERMS), UNITS).check(example, fact)
    return found.reason if found else None


BREAKING = "What is the minimum breaking load of mooring lines of LK-7 barges?"


@pytest.mark.parametrize(
    ("n", "question", "answer", "reason"),
    [
        (0, BREAKING, "310 kN", None),
        (0, "How strong must the hawsers of LK-7 barges be at least?", "310 kN", None),
        (0, BREAKING, "0.31 MN", None),
        (0, BREAKING, "310 MN", Reason.ANSWER_NOT_IN_CHUNK),
        (0, BREAKING, "311 kN", Reason.ANSWER_NOT_IN_CHUNK),
        (0, BREAKING, "a lot", Reason.ANSWER_NOT_IN_CHUNK),
        (0, "What is the minimum breaking load of mooring lines?", "310 kN", Reason.SUBJECT_MISSING),
        (1, "What draught may LK-7 barges have when loaded?", "1.4 m", None),
        (1, "What draught may LK-7 barges have?", "1.4 m when loaded", Reason.AMBIGUOUS),
        (1, "What draught may LK-7 barges have?", "1.4 m", Reason.CONDITION_MISSING),
        (3, "What is the film thickness of hull paint?", "180 to 240 µm", None),
        (3, "What is the film thickness of hull paint?", "180 to 250 µm", Reason.ANSWER_NOT_IN_CHUNK),
        (4, "Which steel grade have deck plates?", "S235JR", None),
        (4, "Which steel grade have deck plates?", "S355J2", Reason.ANSWER_NOT_IN_CHUNK),
        (5, "May deck plates be galvanized?", "No.", None),
        (5, "May deck plates be galvanized?", "Yes.", Reason.ANSWER_NOT_IN_CHUNK),
        (0, BREAKING + " Say" + " please" * 60, "310 kN", Reason.TOO_LONG),
        (0, BREAKING, " ", Reason.EMPTY),
    ],
)
def test_each_reason(n, question, answer, reason):
    assert check(n, question, answer) == reason


def test_a_second_value_in_force_makes_a_question_ambiguous():
    other = Quantity(Comparator.AT_LEAST, 290.0, "kN", "290 kN")
    rival = claim(0, name="projects/p/claims/r", chunk="projects/p/documents/z/revisions/1/chunks/1", quantity=other)
    assert check(0, BREAKING, "310 kN", rival) is Reason.AMBIGUOUS


def test_the_same_value_elsewhere_is_no_rival_and_one_fact():
    twin = claim(0, name="projects/p/claims/t", chunk="projects/p/documents/z/revisions/1/chunks/1", document="z")
    assert check(0, BREAKING, "310 kN", twin) is None
    fact = next(f for f in build_facts(corpus(twin), UNITS) if len(f.claims) == 2)
    assert len(fact.chunks) == 2
    assert len(fact.documents) == 2


def test_a_table_has_its_unit_in_another_column():
    row = Chunk(claim(0).chunk, "| Item | Value | Unit |\n| Mooring lines of LK-7 barges | 310 | kN |", "a")
    one = Corpus([claim(0)], {row.id: row})
    fact = build_facts(one, UNITS)[0]
    example = Example(Kind.FACT, Split.TRAIN, BREAKING, "310 kN", fact=fact.id)
    assert Verifier(one, Terms([]), UNITS).check(example, fact) is None
    other = Example(Kind.FACT, Split.TRAIN, BREAKING, "310 MPa", fact=fact.id)
    assert Verifier(one, Terms([]), UNITS).check(other, fact).reason is Reason.ANSWER_NOT_IN_CHUNK


def test_repeated_questions_and_held_out_ones_close_to_training_are_dropped():
    first = Example(Kind.FACT, Split.TRAIN, "What is the load of the line?", "1 kN", fact="f")
    again = replace(first, question="what is the load of the line")
    near = replace(first, question="What is the load of the line, the line?", split=Split.HELDOUT_WORDING)
    other = replace(first, question="I need the load of the line. What is it?", split=Split.HELDOUT_WORDING)
    outcome = without_duplicates([first, again, near, other])
    assert [e.question for e in outcome.accepted] == [again.question, other.question] or (
        [e.question for e in outcome.accepted] == [first.question, other.question]
    )
    assert sorted(r.reason for r in outcome.rejected) == [Reason.DUPLICATE_WORDING, Reason.HELDOUT_TOO_CLOSE]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between 12 mm and 18 mm", [(12.0, "mm"), (18.0, "mm")]),
        ("12 to 18 mm", [(12.0, "mm"), (18.0, "mm")]),
        ("12–18 mm", [(12.0, "mm"), (18.0, "mm")]),
        ("at -20 °C", [(-20.0, "°C")]),
        ("±4 mm", [(4.0, "mm")]),
        ("of QF-203", [(203.0, "")]),
        ("1,200 kg and 1\u202f500 kg", [(1200.0, "kg"), (1500.0, "kg")]),
    ],
)
def test_numbers_as_documents_write_them(text, expected):
    assert quantities(text) == expected


@given(st.integers(-(10**6), 10**6))
def test_a_number_is_read_back_from_how_it_is_written(number):
    assert value(f"{number:,}") == value(str(number)) == float(number)


def test_what_is_allowed_here_and_forbidden_there_is_ambiguous():
    allowed = claim(
        5, name="projects/p/claims/y", chunk="z/1", value_text="be galvanized", negated=False, modality="shall"
    )
    assert check(5, "May deck plates be galvanized?", "No.") is None
    assert check(5, "May deck plates be galvanized?", "No.", allowed) is Reason.AMBIGUOUS


def test_one_amount_in_two_units_is_one_fact():
    twin = claim(
        0,
        name="projects/p/claims/t",
        chunk="projects/p/documents/z/revisions/1/chunks/1",
        quantity=Quantity(Comparator.AT_LEAST, 69.7, "kip", "69.7 kip"),
    )
    assert len(build_facts(corpus(twin), UNITS)) == len(build_facts(corpus(), UNITS))
    assert check(0, BREAKING, "310 kN", twin) is None


def test_a_lower_and_an_upper_limit_are_told_apart_by_the_question():
    upper = Quantity(Comparator.AT_MOST, 500.0, "kN", "500 kN")
    other = claim(0, name="projects/p/claims/u", chunk="projects/p/documents/z/revisions/1/chunks/1", quantity=upper)
    assert check(0, BREAKING, "310 kN", other) is None
    assert check(0, "Which breaking load have mooring lines of LK-7 barges?", "310 kN", other) is Reason.AMBIGUOUS
