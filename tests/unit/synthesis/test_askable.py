"""What an extractor gets wrong is not asked about, and what it gets right is."""

import pytest

from services.synthesis.domain.askable import objection, tidy, verb_phrase
from services.synthesis.domain.examples import Reason
from tests.unit.synthesis.corpora import ROWS, claim


@pytest.mark.parametrize("n", range(len(ROWS)))
def test_plain_claims_can_be_asked_about(n):
    assert objection(claim(n)) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Barges are moored at both ends, so that another crew",
        "Hatches carry a seal that",
        "Please name the berth, as we",
        "meets the rule",
        "open, see below",
        "After loading",
        "Moor the barge. Copies of earlier plans",
        "ropes and",
        "the",
        "one two three four five six seven eight nine ten eleven",
    ],
)
def test_pieces_of_sentences_are_no_subjects(subject):
    assert objection(claim(0, subject=subject)) is Reason.SUBJECT_UNCLEAR


def test_a_list_is_a_subject():
    assert objection(claim(0, subject="Ropes, chains and hooks of LK-7 barges")) is None


@pytest.mark.parametrize("name", ["a", "of leaving the dock", "Requirement", "painted", "grade,"])
def test_words_that_name_no_property(name):
    assert objection(claim(4, property=name)) is Reason.PROPERTY_UNCLEAR


@pytest.mark.parametrize("value", ["be legible", "submit a plan", "a " + "very " * 12 + "long value", ""])
def test_what_is_no_value(value):
    assert objection(claim(4, property="submit", value_text=value)) is Reason.VALUE_UNCLEAR


def test_a_ban_is_said_with_what_it_forbids():
    banned = claim(5, property="used", value_text="be used on painted decks")
    assert verb_phrase(banned) == "be used on painted decks"
    assert verb_phrase(claim(5)) == "be galvanized"


def test_a_condition_ends_with_its_sentence():
    assert tidy(claim(1, conditions=("when loaded. See the plan",))).conditions == ("when loaded",)
