"""The OpenAPI document holds to its standard and tells of every call."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.domain import parse_template
from gateway.openapi.document import document, path_parameters, singular
from gateway.transcoding.surface import committed, load

SURFACE = load(committed())
DOCUMENT = document(SURFACE)
OPERATIONS = [(path, verb, what) for path, verbs in DOCUMENT["paths"].items() for verb, what in verbs.items()]


def test_it_is_valid_openapi_3_1() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_annotated_call_is_in_it() -> None:
    told = {what["operationId"] for _, _, what in OPERATIONS}
    expected = {f"{m.service}.{m.full_name.rpartition('.')[2]}" for m in SURFACE.methods.values() if m.bindings}
    assert expected <= told
    assert len(told) == len(OPERATIONS)


def test_the_parameters_of_a_path_are_those_in_it() -> None:
    for path, _, what in OPERATIONS:
        names = [parameter["name"] for parameter in what["parameters"] if parameter["in"] == "path"]
        assert names == re.findall(r"{(\w+)}", path)


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        found: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_the_protos_comments_are_in_it() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "offsets point into it" in schemas["ingestion.v1.Revision"]["properties"]["text"]["description"]
    upload = DOCUMENT["paths"]["/v1/projects/{project}/documents:upload"]["post"]
    assert upload["description"].startswith("Takes one file.")
    form = upload["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert "parent" not in form["properties"]
    assert form["required"] == ["content"]


def test_a_path_reads_as_people_write_it() -> None:
    path, parameters = path_parameters(parse_template("/v1/{name=projects/*/logEntries/*}:inclusionProof"))
    assert path == "/v1/projects/{project}/logEntries/{logEntry}:inclusionProof"
    assert [parameter["name"] for parameter in parameters] == ["project", "logEntry"]


@pytest.mark.parametrize(
    ("many", "one"),
    [("analyses", "analysis"), ("logEntries", "logEntry"), ("tools", "tool"), ("chaff", "chaff")],
)
def test_singular(many: str, one: str) -> None:
    assert singular(many) == one
