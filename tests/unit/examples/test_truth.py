"""What truth.json lists is in the documents, word for word, and there is enough of it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.examples.reading import collapse, text_of

Truth = dict[str, Any]
read = functools.cache(text_of)


def _quotes(truth: Truth) -> Iterator[tuple[str, str]]:
    for kind in ("facts", "superseded_facts", "injection", "drafts"):
        yield from ((entry["file"], entry["quote"]) for entry in truth[kind])
    for conflict in truth["conflicts"]:
        yield from zip(conflict["files"], conflict["quotes"], strict=True)
    yield from ((entry["file"], entry["text"]) for entry in truth["personal_data"])
    yield from ((entry["newer"], entry["quote"]) for entry in truth["supersession"] if entry["quote"])


def _conflicts(truth: Truth, true: bool) -> list[Truth]:
    return [entry for entry in truth["conflicts"] if entry["true"] is true]


def test_every_quote_is_in_its_document(documents: Path, truth: Truth) -> None:
    missing = [(file, quote) for file, quote in _quotes(truth) if collapse(quote) not in read(documents / file)]
    assert missing == []


def test_every_quote_of_a_firm_is_in_its_document(firms: Path, truth: Truth) -> None:
    missing = [fact for fact in truth["firm_facts"] if fact["quote"] not in read(firms / fact["file"])]
    assert missing == []


def test_facts_repeated_elsewhere_are_there(documents: Path, truth: Truth) -> None:
    for fact in truth["facts"]:
        for file in fact.get("also_in", []):
            assert f"{_shown(fact['value'])} {fact['unit']}" in read(documents / file)


def test_every_value_is_in_its_quote(truth: Truth) -> None:
    for fact in truth["facts"] + truth["firm_facts"] + truth["superseded_facts"]:
        values = fact["value"] if isinstance(fact["value"], list) else [fact["value"]]
        shown = [_shown(value) for value in values] + ([fact["unit"]] if fact["unit"] else [])
        assert all(re.search(rf"(?<![\w.]){re.escape(part)}(?!\w)", fact["quote"]) for part in shown), fact


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def test_clause_of_a_sentence_stands_before_it(documents: Path, truth: Truth) -> None:
    for fact in truth["facts"]:
        if re.fullmatch(r"\d+(\.\d+)+", fact["clause"]):
            assert f"{fact['clause']} {collapse(fact['quote'])}" in read(documents / fact["file"]), fact


@pytest.mark.parametrize(
    ("kind", "least"),
    [("supersession", 6), ("drafts", 1), ("terms", 5), ("near_duplicates", 3), ("personal_data", 6), ("injection", 1)],
)
def test_enough_is_planted(truth: Truth, kind: str, least: int) -> None:
    assert len(truth[kind]) >= least


def test_enough_contradictions_true_and_apparent(truth: Truth) -> None:
    true, apparent = _conflicts(truth, true=True), _conflicts(truth, true=False)
    assert len(true) >= 8
    assert len(apparent) >= 4
    assert {"across_units", "range_against_value", "shall_against_shall_not", "worded"} <= {e["kind"] for e in true}
    assert {"same_value", "scope_differs", "superseded", "draft"} <= {e["kind"] for e in apparent}


def test_true_contradictions_are_between_documents_in_force(truth: Truth) -> None:
    gone = {entry["older"] for entry in truth["supersession"]} | {entry["file"] for entry in truth["drafts"]}
    for conflict in _conflicts(truth, true=True):
        assert len(set(conflict["files"]) - gone) == 2
        assert conflict["preferred"] in conflict["files"]


def test_facts_are_in_force_and_few_enough_to_train_on_a_laptop(truth: Truth) -> None:
    gone = {entry["older"] for entry in truth["supersession"]} | {entry["file"] for entry in truth["drafts"]}
    assert not gone & {fact["file"] for fact in truth["facts"]}
    distinct = {(fact["subject"], fact["property"]) for fact in truth["facts"] if fact["part"] == "train"}
    assert 60 <= len(distinct) <= 80


def test_unseen_facts_are_the_facts_of_the_unseen_documents(truth: Truth) -> None:
    unseen = {fact["file"] for fact in truth["facts"] if fact["part"] == "unseen"}
    seen = {fact["file"] for fact in truth["facts"] if fact["part"] == "train"}
    assert unseen == set(truth["unseen_documents"])
    assert not unseen & seen


def test_same_subject_and_property_twice_is_a_listed_contradiction(truth: Truth) -> None:
    stated: dict[tuple[str, str], list[Truth]] = {}
    for fact in truth["facts"]:
        stated.setdefault((fact["subject"].lower(), fact["property"]), []).append(fact)
    listed = {frozenset(entry["files"]) for entry in truth["conflicts"]}
    for facts in stated.values():
        files = frozenset(fact["file"] for fact in facts)
        assert len(facts) == 1 or files in listed, facts


def test_variants_of_a_term_are_used(documents: Path, truth: Truth) -> None:
    for term in truth["terms"]:
        assert set(term["seen_in"]) == set(term["variants"])
        for variant, file in term["seen_in"].items():
            assert variant.lower() in read(documents / file).lower(), variant


def test_near_duplicates_are_near_but_not_equal(documents: Path, truth: Truth) -> None:
    for entry in truth["near_duplicates"]:
        left, right = (_shingles(_part(read(documents / file), entry)) for file in entry["files"])
        assert left != right
        assert len(left & right) / len(left | right) >= 0.7, entry


def _part(text: str, entry: Truth) -> str:
    if entry["level"] == "document":
        return text
    start = text.index(entry["what"])
    next_section = re.search(r" (Qualified:|\d [A-Z])", text[start + len(entry["what"]) :])
    assert next_section
    return text[start : start + len(entry["what"]) + next_section.start()]


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return set(zip(words, words[1:], words[2:], strict=False))


def test_firms_have_twelve_facts_each_and_share_a_vocabulary(firms: Path, truth: Truth) -> None:
    by_firm: dict[str, list[Truth]] = {}
    for fact in truth["firm_facts"]:
        by_firm.setdefault(fact["firm"], []).append(fact)
    assert len(by_firm) == 3
    assert all(len(facts) == 12 for facts in by_firm.values())
    assert len({frozenset(fact["property"] for fact in facts) for facts in by_firm.values()}) == 1
    assert len({fact["quote"] for fact in truth["firm_facts"]}) == 36


def test_firms_listing_names_every_file(firms: Path) -> None:
    listing = json.loads((firms / "firms.json").read_text(encoding="utf-8"))
    named = [file for firm in listing["firms"] for file in firm["files"]]
    assert sorted(named) == sorted(str(path.relative_to(firms)) for path in firms.glob("*/*"))
