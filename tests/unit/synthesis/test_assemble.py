"""A whole job in memory: splits, declines, tools, and the same result whatever the order."""

import json
import random
from dataclasses import replace

import pytest

from services.synthesis.adapters.units import PintUnits
from services.synthesis.domain.assemble import assemble, plan
from services.synthesis.domain.briefs import by_rules
from services.synthesis.domain.corpus import Corpus
from services.synthesis.domain.declines import Absence, declines
from services.synthesis.domain.examples import DECLINE, Kind, Split, json_lines, trainer_json
from services.synthesis.domain.job import Parameters
from services.synthesis.domain.language import Terms, key
from services.synthesis.domain.split import content_marks
from services.synthesis.domain.tools import read_tools, spoken, verb_phrase
from services.synthesis.domain.verify import value
from services.synthesis.domain.wordings import HELDOUT, TRAIN_COMMON, fill
from tests.unit.synthesis.corpora import ROWS, claim, corpus

UNITS = PintUnits()
PARAMETERS = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "due_on": {"type": "string", "format": "date"},
        "priority": {"enum": ["low", "high"]},
        "hours": {"type": "integer", "minimum": 1, "maximum": 8},
    },
    "required": ["name", "due_on"],
}
TOOLS = [{"type": "function", "function": {"name": "create_task", "description": "x", "parameters": PARAMETERS}}]


def made(over: Corpus | None = None, **parameters):
    planned = plan(over or corpus(), Parameters(**({"unseen_share": 0.2} | parameters)), UNITS)
    outcome = assemble(planned, {f.id: by_rules(planned.brief(f)) for f in planned.facts}, UNITS)
    return planned, outcome


def test_every_fact_is_trained_and_held_out_unless_its_document_is_unseen():
    planned, outcome = made()
    assert len(planned.unseen) == 1
    for fact in planned.facts:
        splits = [e.split for e in outcome.accepted if e.fact == fact.id]
        if planned.is_unseen(fact):
            assert set(splits) == {Split.HELDOUT_UNSEEN}
        else:
            assert splits.count(Split.TRAIN) >= 5
            assert splits.count(Split.HELDOUT_WORDING) == 1


def test_nothing_of_an_unseen_document_is_trained_on():
    planned, outcome = made()
    trained = [e for e in outcome.accepted if e.split is Split.TRAIN]
    assert not {e.document for e in trained} & planned.unseen
    unseen = [e for e in outcome.accepted if e.document in planned.unseen]
    assert unseen
    assert all(e.kind is Kind.READ and e.answer.split()[0] in e.passage for e in unseen)


def test_the_result_does_not_depend_on_the_order_of_claims():
    def lines(over):
        return json_lines([trainer_json(e, "g", "t") for e in made(over)[1].accepted])

    whole = corpus()
    shuffled = list(whole.claims)
    random.Random(3).shuffle(shuffled)
    assert lines(whole) == lines(replace(whole, claims=shuffled))


def test_the_unseen_documents_do_not_depend_on_their_names():
    def renamed(text):
        return text.replace("documents/", "documents/x-")

    whole = corpus()
    other = Corpus(
        [replace(c, chunk=renamed(c.chunk), document=renamed(c.document)) for c in whole.claims],
        {renamed(k): replace(c, id=renamed(k), document=renamed(c.document)) for k, c in whole.chunks.items()},
    )
    assert {renamed(d) for d in made(whole)[0].unseen} == made(other)[0].unseen


def test_declines_ask_what_no_claim_and_no_sentence_says():
    whole = corpus()
    _, outcome = made(whole)
    asked = [e for e in outcome.accepted if e.kind is Kind.DECLINE]
    assert asked
    assert all(e.answer == DECLINE and e.must_decline for e in asked)
    planned = plan(whole, Parameters(), UNITS)
    many = declines(planned.corpus, planned.facts, planned.casing, planned.terms, 500, 0, 0)
    assert len(many) > 20
    cased = [planned.brief(fact).claim for fact in planned.facts]
    answered = {fill(frame, c).replace(" when loaded", "") for c in cased for frame in (*TRAIN_COMMON, *HELDOUT)}
    assert not answered & {example.question for example in many}


def test_the_unseen_documents_do_not_depend_on_the_order_of_chunks():
    extra = [claim(n, name=f"x{n}", chunk=f"{claim(n).chunk}-b", subject=f"Spare part S-{n}") for n in range(10)]
    whole = corpus(*extra)
    chunks = list(whole.chunks.items())
    for seed in range(5):
        random.Random(seed).shuffle(chunks)
        assert content_marks(replace(whole, chunks=dict(chunks)), 0) == content_marks(whole, 0)


def test_a_property_of_the_general_kind_is_not_absent():
    absence = Absence.of(corpus(), Terms([]))
    assert absence.has_topic(key("LK-7 barges"), key("draught"))
    assert absence.has_topic(key("LK-7 barges of the harbour"), key("draught"))
    assert not absence.has_topic(key("LK-9 barges"), key("fire rating"))


def test_calls_name_every_argument_and_fit_the_schema():
    _, outcome = made(tools_json=json.dumps(TOOLS))
    calls = [e for e in outcome.accepted if e.call]
    assert {e.split for e in calls} == {Split.TRAIN, Split.HELDOUT_UNSEEN}
    for example in calls:
        arguments = example.call[1]
        assert {"name", "due_on"} <= set(arguments)
        assert all(str(given) in example.question for given in arguments.values())
        assert arguments.get("priority", "low") in ("low", "high")
        assert 1 <= arguments.get("hours", 1) <= 8


def test_some_requests_call_for_no_tool():
    _, outcome = made(tools_json=json.dumps(TOOLS))
    idle = [e for e in outcome.accepted if e.kind is Kind.TOOL and e.call is None]
    assert {e.split for e in idle} == {Split.TRAIN, Split.HELDOUT_UNSEEN}
    assert any("due on" in e.answer for e in idle)


def test_a_line_is_what_the_trainer_reads():
    _, outcome = made(tools_json=json.dumps(TOOLS))
    line = trainer_json(next(e for e in outcome.accepted if e.call), "rules/1", "2026-01-01")
    function = line["messages"][-1]["tool_calls"][0]["function"]
    assert function["name"] == "create_task"
    assert json.loads(function["arguments"])
    assert [m["role"] for m in line["messages"]] == ["user", "assistant"]
    assert line["tools"] == TOOLS


def test_answers_are_short_and_accept_the_value():
    _, outcome = made()
    facts = [e for e in outcome.accepted if e.kind is Kind.FACT]
    assert len({e.fact for e in facts}) >= len(ROWS) - 3
    for example in facts:
        assert len(example.answer.split()) <= 8
        assert example.accept
        amounts = [form for form in example.accept if "value" in form]
        assert all(value(example.answer.split()[0]) == form["value"] for form in amounts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "must be a list"),
        ('["x"]', "tool 0 has no function"),
        ('[{"function": {}}]', "tool 0 has no function"),
        ("[", "Expecting value"),
        ('[{"function": {"name": "f", "parameters": 1}}]', "parameters of f"),
    ],
)
def test_tools_of_another_shape_are_refused(text, why):
    with pytest.raises(ValueError, match=why):
        read_tools(text)


def test_identifiers_are_spoken():
    assert spoken("createTask") == "create task"
    assert verb_phrase("update_issue") == "update an issue"
    assert verb_phrase("list_tasks") == "list tasks"
