"""Leaves: one canonical form, a project of their own, and nothing but a commitment to content."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import verify
from services.provenance.adapters.canonical import canonical
from services.provenance.domain import leaf

text = st.text(st.characters(exclude_categories=["Cs"]))


@given(fields=st.dictionaries(text, text))
def test_the_verifiers_canonical_json_is_that_of_rfc_8785_for_text(fields):
    # RFC 8785 sorts by UTF-16 units, Python by code points; they agree below U+D800, where every key of ours is.
    fields = {key: value for key, value in fields.items() if all(ord(c) < 0xD800 for c in key)}
    assert verify.canonical(fields) == canonical(fields)


@pytest.mark.parametrize(
    ("subject", "project"),
    [
        ("projects/steel/documents/d", "steel"),
        ("projects/steel", "steel"),
        ("projects/steelworks/runs/r", "steelworks"),
        ("federations/f", leaf.NO_PROJECT),
        ("my/projects/steel", leaf.NO_PROJECT),
        ("", leaf.NO_PROJECT),
    ],
)
def test_a_leaf_goes_to_the_log_of_its_subjects_project(subject, project):
    assert leaf.project_of(subject) == project


def test_a_time_has_one_form():
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert leaf.utc(moment.astimezone(UTC)) == "2026-03-01T10:00:00.000000Z"


@given(payload=st.binary(), other=st.binary())
def test_a_commitment_opens_to_its_payload_only(payload, other):
    salt = b"s" * 32
    assert (leaf.commitment(salt, payload) == leaf.commitment(salt, other)) == (payload == other)
    assert leaf.commitment(salt, payload) != leaf.commitment(b"t" * 32, payload)


@pytest.mark.parametrize(("parent", "trace"), [(f"00-{'a' * 32}-{'b' * 16}-01", "a" * 32), ("", ""), ("x", "")])
def test_the_trace_id_comes_from_the_traceparent(parent, trace):
    assert leaf.trace_id_of(parent) == trace


def test_the_canonical_form_of_numbers_is_ecmascripts():
    assert canonical({"b": 1e21, "a": 0.1}) == b'{"a":0.1,"b":1e+21}'
    assert json.loads(canonical({"é": "\u2028"})) == {"é": "\u2028"}
