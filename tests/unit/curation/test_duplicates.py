"""Near-duplicates: what is one passage, and that order never matters."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.curation.understanding import duplicates
from tests.unit.curation.making import source

BASE = (
    "Each delivery is checked against the order on the day of arrival and steel without a heat number is set aside "
    "behind the yellow line until its papers have come from the mill and the storeman has signed the goods inward sheet"
)


def keep_first(document):
    return (document,)


def test_a_passage_with_one_word_changed_is_a_duplicate_and_another_is_not():
    texts = {"a": BASE, "b": BASE.replace("yellow", "red"), "c": " ".join(reversed(BASE.split()))}
    assert [(p.first, p.second) for p in duplicates.pairs(texts)] == [("a", "b")]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=3, max_size=3), st.randoms())
def test_the_order_of_the_texts_changes_nothing(changes, chance):
    words = BASE.split()
    texts = {}
    for n, at in enumerate(changes):
        altered = list(words)
        altered[at * 5] = f"word{n}"
        texts[f"t{n}"] = " ".join(altered)
    names = list(texts)
    chance.shuffle(names)
    assert duplicates.pairs(texts) == duplicates.pairs({name: texts[name] for name in names})


def test_every_pair_above_the_threshold_is_proposed():
    chance = random.Random(7)
    words = [f"w{n}" for n in range(400)]
    texts = {}
    for n in range(40):
        body = chance.sample(words, 120)
        texts[f"{n:02d}a"] = " ".join(body)
        body[60] = "changed"
        texts[f"{n:02d}b"] = " ".join(body)
    assert {(p.first, p.second) for p in duplicates.pairs(texts)} == {(f"{n:02d}a", f"{n:02d}b") for n in range(40)}


def test_a_copied_document_is_one_finding_and_a_different_value_shows():
    parts = [f"{n} {BASE} and part {chr(65 + n)} of lot {n} is kept apart." for n in range(3)]
    copy = [*parts[:2], parts[2].replace("lot 2", "lot 9")]
    (whole,) = duplicates.find([source("a", *parts), source("b", *parts)], keep_first)
    assert whole.whole
    assert whole.same_values
    (differs,) = duplicates.find([source("a", *parts), source("b", *copy)], keep_first)
    assert not differs.same_values


def test_a_passage_inside_a_longer_one_is_the_one_to_drop():
    passage = f"{BASE} and has filed the certificates by heat in the order of arrival"
    longer = f"{passage}. {' '.join(f'more{n}' for n in range(60))}"
    (found,) = duplicates.find([source("short", passage), source("long", longer)], keep_first)
    assert found.first.endswith("long")


def test_clusters_join_what_pairs_connect():
    pairs = [duplicates.Pair("a", "b", 1, 1), duplicates.Pair("b", "d", 1, 1)]
    assert duplicates.clusters(["a", "b", "c", "d"], pairs) == {"a": "a", "b": "a", "c": "c", "d": "a"}
