"""The gate passes a good specialist and refuses each kind of bad one with its reason."""

import math
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training import gate
from services.training.domain.evaluation import Forgetting
from services.training.domain.versions import Verdict
from services.training.gate import Policy
from tests.unit.training_service.evidence import (
    EVALUATION,
    PROMPTS,
    REFERENCE,
    answers,
    evidence,
    other,
    probe,
    served,
    version,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def judged(**changes):
    return gate.judge(evidence(**changes), Policy(), NOW)


def reasons(**changes):
    report = judged(**changes)
    assert (report.verdict is Verdict.REFUSE) == bool(report.reasons)
    return report.reasons


def with_answers(*given_answers):
    return replace(EVALUATION, answers=given_answers)


def serving(number, **changes):
    given_prompt = PROMPTS[number]
    everything = {p.id: served(p) for p in PROMPTS} | {given_prompt.id: served(given_prompt, **changes)}
    return probe(served=everything)


def test_a_good_specialist_passes_with_a_value_and_an_interval():
    report = judged()
    assert report.verdict is Verdict.PASS
    gained = report.checks[0]
    assert gained.value == pytest.approx(37 / 40)
    assert gained.low <= gained.value <= gained.high


def test_no_gain_is_refused():
    same = with_answers(*answers(right=12, base=0))
    assert reasons(evaluation=same) == ["NO_GAIN"]


def test_a_gain_measured_on_few_questions_is_no_gain():
    few = with_answers(*answers(right=5, of=5, base=0))
    assert reasons(evaluation=few) == ["TOO_FEW_QUESTIONS"]


def test_a_gain_that_may_be_luck_is_refused_though_it_is_large_enough():
    # 12 wordings of one fact that it knows, one wording each of 3 that only the base knows.
    lucky = [replace(a, group="one") for a in answers(right=12, of=12, base=0)[:12]]
    unlucky = [replace(a, id=f"u{n}", group=f"u{n}") for n, a in enumerate(answers(right=0, of=3, base=3)[:3])]
    checked = gate.gain([*lucky, *unlucky], Policy())
    assert checked.value >= 0.4
    assert checked.low < 0
    assert checked.reason == "NO_GAIN"


@pytest.mark.parametrize(
    "forgotten",
    [Forgetting(30, 0.6, 0.4, 2.5, 2.6), Forgetting(30, 0.6, 0.6, 2.5, 3.5), Forgetting(30, 0.6, 0.6, 2.5, math.nan)],
)
def test_forgetting_is_refused(forgotten):
    assert reasons(evaluation=replace(EVALUATION, forgetting=forgotten)) == ["FORGETS"]


def test_forgetting_that_was_not_measured_is_refused():
    assert set(reasons(evaluation=replace(EVALUATION, forgetting=None))) == {"FORGETTING_UNKNOWN"}


@pytest.mark.parametrize("flags", [{"must_call": True}, {}])
def test_wrong_calls_and_calls_that_are_not_due_are_refused(flags):
    bad = [other(n, "tool", False, **flags) for n in range(5)]
    assert reasons(evaluation=with_answers(*answers()[:40], *bad)) == ["TOOL_CALLS_INVALID"]


def test_inventing_answers_is_refused():
    bad = [other(n, "decline", n < 2, must_decline=True) for n in range(10)]
    assert reasons(evaluation=with_answers(*answers()[:40], *bad)) == ["MUST_DECLINE_FAILED"]


@pytest.mark.parametrize(
    ("probed", "why"),
    [
        (probe(adapter_digest="0" * 64), "adapter is"),
        (probe(base_digest="0" * 64), "base is"),
        (probe(dtype="float32"), "dtype is"),
        (probe(end_token_ids=(2, 3)), "end tokens is"),
        (probe(served={}), "no answer to p0"),
        (serving(1, prompt_ids=(1, 5, 1)), "rendered otherwise from token 1"),
        (serving(1, scored=(-0.1, -0.2, -0.9)), "differ by 0.6"),
        (serving(1, scored=(-0.1, -0.2)), "differ by inf"),
        (serving(1, scored=(-0.1, -0.2, math.nan)), "differ by inf"),
        (serving(2, generated_ids=(7, 4, 9), logprobs=(-0.1, -3.0, -0.3)), "another answer from token 1"),
        (serving(2, generated_ids=(7, 8)), "another answer from token 2"),
    ],
)
def test_another_model_on_the_server_breaks_parity(probed, why):
    report = judged(probe=probed)
    assert report.reasons == ["PARITY_BROKEN"]
    assert why in next(check.explanation for check in report.checks if check.name == "parity")


def test_a_tie_that_falls_the_other_way_breaks_nothing():
    tied = serving(2, generated_ids=(7, 4, 5), logprobs=(-0.1, -0.19, -0.3))
    assert reasons(probe=tied) == []


def test_a_server_that_never_answers_is_named_as_such():
    assert reasons(probe=None, probe_failure="the model server did not answer") == ["SERVER_UNREACHABLE"]


def test_without_parity_prompts_there_is_no_parity():
    assert reasons(evaluation=replace(EVALUATION, parity=None)) == ["PARITY_BROKEN"]
    assert reasons(evaluation=replace(EVALUATION, parity=replace(REFERENCE, prompts=()))) == ["PARITY_BROKEN"]


def test_a_missing_influence_index_and_a_withdrawn_document_are_refused():
    assert reasons(version=version(influence=None)) == ["INFLUENCE_MISSING"]
    assert reasons(version=version(taints=("document d: withdrawn",))) == ["DATASET_WITHDRAWN"]
    assert reasons(dataset_fault="the dataset is tainted") == ["DATASET_WITHDRAWN"]


def test_nothing_measured_is_refused_on_every_count():
    assert {"TOO_FEW_QUESTIONS", "FORGETTING_UNKNOWN", "PARITY_BROKEN"} <= set(reasons(evaluation=None))


@pytest.mark.parametrize("field", [field.name for field in fields(Policy)])
def test_another_policy_has_another_digest(field):
    changed = replace(Policy(), **{field: False if field == "require_influence" else 99})
    assert changed.digest != Policy().digest
    assert Policy().digest == Policy().digest


@given(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=3), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_the_interval_holds_its_mean_and_is_the_same_every_time(groups):
    mean, low, high = gate.clustered_mean(groups)
    assert low - 1e-9 <= mean <= high + 1e-9
    assert gate.clustered_mean(groups) == (mean, low, high)


@given(st.integers(0, 50), st.integers(1, 50))
def test_wilsons_interval_holds_the_share(right, more):
    low, high = gate.wilson(right, right + more)
    assert 0 <= low <= right / (right + more) <= high <= 1
