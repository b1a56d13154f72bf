"""Verbatim runs and evidence, against a search that looks at every place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.provenance.adapters import text_index
from services.provenance.adapters.serving import called_text, question_of
from services.provenance.adapters.text_index import TextIndex, build, tokens_of
from services.provenance.domain import fidelity

MEASURED = {"lds": 0.5, "lds_low": 0.4, "lds_high": 0.6, "retrains": 50}


def example(id_, prompt, completion):
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": completion}]
    return {"id": id_, "messages": messages}


def chunk(id_, text):
    return {"id": id_, "text": text}


def index(folder, examples=(), chunks=()):
    build(folder, list(examples), list(chunks))
    return TextIndex(folder)


def test_a_run_is_the_longest_and_names_every_text_that_holds_it(tmp_path):
    found = index(
        tmp_path,
        [example("e0", "Which bolt?", "an M20 bolt of class 8.8"), example("e1", "Torque?", "210 N·m")],
        [chunk("c0", "Use an M20 bolt of class 8.8, galvanised."), chunk("c1", "Any M20 bolt of steel.")],
    ).runs("It takes an M20 bolt of class 8.8!", 5)
    assert [(run.text, run.tokens, run.examples, run.chunks) for run in found] == [
        ("an M20 bolt of class 8.8", 7, ("e0",), ("c0",))
    ]


@pytest.mark.parametrize(
    ("answer", "runs"),
    [
        ("380 MPa", ["380 MPa"]),
        ("380 and", []),
        ("the steel", []),
        ("4.2.1 applies", []),
        ("Grade S355 holds 12,5 kN", ["12,5 kN"]),
        ("", []),
        ("?!", []),
    ],
)
def test_short_runs_count_where_they_are_a_number_with_its_unit(tmp_path, answer, runs):
    chunks = [chunk("c", "The steel holds 380 MPa and more. 380 and 12,5 kN."), chunk("d", "See 4.2.1.")]
    assert [run.text for run in index(tmp_path, [], chunks).runs(answer, 5)] == runs


def test_no_run_goes_from_one_text_into_the_next(tmp_path):
    chunks = [chunk("c0", "ends with alpha beta"), chunk("c1", "gamma delta begins")]
    assert index(tmp_path, [], chunks).runs("alpha beta gamma delta", 5) == []


def test_a_tool_call_is_text_too(tmp_path):
    call = {"function": {"name": "create_task", "arguments": '{"title": "inspect weld seam"}'}}
    messages = [{"role": "user", "content": "Do it"}, {"role": "assistant", "content": "", "tool_calls": [call]}]
    called = {"id": "e", "messages": messages}
    answer = called_text(
        '[{"function": {"name": "create_task", "arguments": "{\\"title\\": \\"inspect weld seam\\"}"}}]'
    )
    assert index(tmp_path, [called]).runs(answer, 5)[0].examples == ("e",)


words = st.lists(st.sampled_from(["a1", "bee", "cat", "dog", "7"]), min_size=0, max_size=12)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(words, min_size=1, max_size=5), answer=words)
def test_runs_are_those_of_a_search_that_looks_at_every_place(tmp_path_factory, texts, answer):
    folder = tmp_path_factory.mktemp("index")
    chunks = [chunk(f"c{n}", " ".join(text)) for n, text in enumerate(texts)]
    found = {(run.text, run.chunks) for run in index(folder, [], chunks).runs(" ".join(answer), 100)}
    assert found == set(naive_runs(chunks, " ".join(answer)))


def naive_runs(chunks, answer):
    wanted = [token.text for token in tokens_of(answer)]
    shown = tokens_of(answer)
    texts = [[token.text for token in tokens_of(c["text"])] for c in chunks]
    covered = 0
    for start in range(len(wanted)):
        length = max(
            (n for n in range(len(wanted) - start + 1) if any(holds(t, wanted[start : start + n]) for t in texts)),
            default=0,
        )
        run = wanted[start : start + length]
        if start + length > covered and text_index._counts(shown[start : start + length]):
            covered = start + length
            holders = tuple(c["id"] for c, t in zip(chunks, texts, strict=True) if holds(t, run))
            yield answer[shown[start].start : shown[covered - 1].end], holders


def holds(text, run):
    return any(text[at : at + len(run)] == run for at in range(len(text) - len(run) + 1))


def test_evidence_is_the_passage_that_states_it(tmp_path):
    chunks = [chunk("c0", "Bolts are galvanised."), chunk("c1", "Yield strength shall be 380 MPa."), chunk("c2", "x")]
    found = index(tmp_path, [], chunks).evidence("What is the yield strength? 380 MPa", 5)
    assert [row.chunk for row in found] == ["c1"]
    assert found[0].score > 0


@pytest.mark.parametrize("query", ["", "the of and", "zebra"])
def test_a_query_without_a_known_word_has_no_evidence(tmp_path, query):
    assert index(tmp_path, [], [chunk("c", "Bolts are galvanised.")]).evidence(query, 5) == []


def test_an_empty_version_has_an_index_that_finds_nothing(tmp_path):
    found = index(tmp_path)
    assert (found.runs("380 MPa", 5), found.evidence("bolt", 5)) == ([], [])


@pytest.mark.parametrize(
    ("messages", "question"),
    [
        ("", ""),
        ('[{"role": "system", "content": "s"}]', ""),
        ('[{"role": "user", "content": "first"}, {"role": "user", "content": "last"}]', "last"),
        ('[{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]', "a"),
        ('[{"role": "user", "content": null}]', ""),
    ],
)
def test_the_question_is_the_last_thing_a_user_said(messages, question):
    assert question_of(messages) == question


@pytest.mark.parametrize(
    ("index_", "evaluation", "start"),
    [
        ("", {}, "not available"),
        ("x", {}, "unverified"),
        ("x", {"influence": {"lds": 0.5}}, "unverified"),
        ("x", {"influence": MEASURED}, "LDS 0.50 [0.40, 0.60] over 50"),
        ("x", {"influence": MEASURED | {"lds_low": 0.2}}, "unverified: LDS 0.50"),
        ("x", {"influence": "none"}, "unverified"),
    ],
)
def test_influence_is_worth_what_was_measured(index_, evaluation, start):
    assert fidelity.statement(index_, evaluation).startswith(start)
