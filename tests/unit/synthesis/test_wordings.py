"""Questions read well and the held-out ones are others than those for training."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.synthesis.adapters.units import PintUnits
from services.synthesis.domain import wordings
from services.synthesis.domain.assemble import plan
from services.synthesis.domain.briefs import by_rules
from services.synthesis.domain.corpus import Comparator, Quantity, Term
from services.synthesis.domain.job import Parameters
from services.synthesis.domain.language import Casing, Terms, condition_phrase, determined, key
from tests.unit.synthesis.corpora import claim, corpus

UNITS = PintUnits()


def questions(n: int, train: int = 12) -> list[str]:
    planned = plan(
        corpus(rows=range(n, n + 1)), Parameters(wordings=train, heldout_wordings=4, unseen_share=0.0), UNITS
    )
    return [draft.question for draft in by_rules(planned.brief(planned.facts[0]))]


def test_a_minimum_is_asked_for_in_many_ways():
    asked = questions(0)
    assert "What is the minimum breaking load of mooring lines of LK-7 barges?" in asked
    assert "How low may the breaking load of mooring lines of LK-7 barges be?" in asked
    assert len(asked) == 16
    assert len(set(asked)) == 16


def test_a_condition_stands_in_every_question():
    assert all("when loaded" in question for question in questions(1))


def test_a_ban_is_asked_about_as_such():
    assert "May deck plates be galvanized?" in questions(5)


def test_a_tolerance_is_called_one():
    told = Quantity(Comparator.BETWEEN, -4.0, "mm", "±4 mm", 4.0)
    assert wordings.quantity_phrase(claim(0, property="plumb deviation", quantity=told)) == "plumb deviation tolerance"


def test_a_bound_in_the_property_is_said_once():
    told = Quantity(Comparator.EQUAL, 345.0, "MPa", "345 MPa")
    assert (
        wordings.quantity_phrase(claim(0, property="Minimum yield strength", quantity=told)) == "minimum yield strength"
    )


def test_no_frame_for_training_is_held_out():
    for comparator in wordings.TRAIN:
        assert not {*wordings.TRAIN_COMMON, *wordings.TRAIN[comparator]} & set(wordings.HELDOUT)
        assert len({*wordings.TRAIN_COMMON, *wordings.TRAIN[comparator]}) == 12
    assert not set(wordings.YES_NO_TRAIN) & set(wordings.YES_NO_HELDOUT)
    assert not set(wordings.DEFINITION_TRAIN) & set(wordings.DEFINITION_HELDOUT)


@given(st.text(min_size=1, max_size=30), st.integers(1, 12))
@settings(max_examples=40)
def test_the_choice_of_frames_is_stable_and_grows_by_adding(salt, count):
    frames = list(wordings.TRAIN_COMMON)
    assert wordings.choose(frames, count, salt) == wordings.choose(frames[::-1], count, salt)
    assert wordings.choose(frames, count, salt) == wordings.choose(frames, count + 1, salt)[:count]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("anchor rods of the mast", "anchor rods of the mast"),
        ("base plate", "the base plate"),
        ("The base plate", "the base plate"),
        ("WPS-17", "WPS-17"),
        ("glass of the roof", "the glass of the roof"),
    ],
)
def test_articles(phrase, expected):
    assert determined(phrase) == expected


def test_words_keep_the_case_that_the_corpus_gives_them():
    casing = Casing(["The plates have a Charpy energy of 34 J. All plates are marked. Notes on Mark are kept."])
    assert casing.lowered("Plates for masts") == "plates for masts"
    assert casing.lowered("Charpy energy") == "Charpy energy"
    assert casing.lowered("LK-7 barges") == "LK-7 barges"


def test_conditions_follow_as_clauses_or_in_brackets():
    assert condition_phrase(["at -20 °C", "indoors"]) == " at -20 °C (indoors)"


def test_names_of_one_thing_have_one_key():
    terms = Terms([Term("Anchor rod", ("anchor bolt", "holding-down bolt"))])
    assert terms.key("the anchor bolts of X-1") == terms.key("Anchor rods for X-1") == key("anchor rod X-1")
    assert terms.variants("anchor rods of X-1") == ["anchor bolts of X-1", "holding-down bolts of X-1"]


def test_one_wording_uses_another_name_of_the_firm():
    asked = questions(0, train=5)
    assert sum("hawsers" in q or "berthing lines" in q for q in asked) == 1
