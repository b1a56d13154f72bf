"""Path templates and the route table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import PathMalformed, RouteTable, parse_template, split_path
from gateway.transcoding.surface import Binding, Method, committed, load

SURFACE = load(committed())
BINDINGS = [(method, binding) for method in SURFACE.methods.values() for binding in method.bindings]
# Anything that can be one segment of a resource name; a colon too, as its escape keeps it from starting a verb.
IDS = st.text(
    st.characters(blacklist_characters="/", blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(lambda text: text not in (".", ".."))


@given(st.data())
def test_every_call_is_found_by_the_path_made_for_it(data: st.DataObject) -> None:
    method, binding = data.draw(st.sampled_from(BINDINGS))
    segments = [data.draw(IDS) if segment == "*" else segment for segment in binding.template.segments]
    values = {v.field: "/".join(segments[v.start : v.end]) for v in binding.template.variables}
    path = binding.template.expand(values)
    found = SURFACE.routes.find(binding.verb, path)
    assert found is not None
    assert found.targets[binding.verb][1] == (method, binding)
    assert found.variables(binding.verb) == values


@pytest.mark.parametrize(("method", "binding"), BINDINGS, ids=lambda x: getattr(x, "full_name", ""))
def test_a_template_reads_as_it_was_written(method: Method, binding: Binding) -> None:
    assert parse_template(str(binding.template)) == binding.template


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/v1/{name=projects/*/runs/*}:cancel", "/v1/projects/p/runs/r:cancel", {"name": "projects/p/runs/r"}),
        ("/v1/{a.name=projects/*/only}", "/v1/projects/p/only", {"a.name": "projects/p/only"}),
        ("/v1/{name}", "/v1/x", {"name": "x"}),
        ("/v1/{path=files/**}", "/v1/files/a/b/c", {"path": "files/a/b/c"}),
        ("/v1/{path=files/**}:get", "/v1/files/a/b:get", {"path": "files/a/b"}),
        ("/v1/{parent=projects/*}/documents", "/v1/projects/%C3%A9%3Ax/documents", {"parent": "projects/é:x"}),
        ("/v1/{name=projects/*}", "/v1/projects/a:b", {"name": "projects/a:b"}),
    ],
)  # fmt: skip
def test_a_path_sets_its_fields(template: str, path: str, values: dict[str, str]) -> None:
    table: RouteTable[str] = RouteTable()
    table.add("GET", parse_template(template), "it")
    found = table.find("GET", path)
    assert found is not None
    assert found.variables("GET") == values


def test_a_literal_goes_before_a_wildcard_and_a_verb_before_a_segment() -> None:
    table: RouteTable[str] = RouteTable()
    for template in ("/v1/{name=things/*}", "/v1/{name=things/*}:stop", "/v1/things/special", "/v1/{rest=**}"):
        table.add("GET", parse_template(template), template)
    expected = {
        "/v1/things/a": "/v1/{name=things/*}",
        "/v1/things/a:stop": "/v1/{name=things/*}:stop",
        "/v1/things/a:go": "/v1/{name=things/*}",
        "/v1/things/special": "/v1/things/special",
        "/v1/things/a/b": "/v1/{rest=**}",
    }
    for path, template in expected.items():
        found = table.find("GET", path)
        assert found is not None
        assert found.targets["GET"][1] == template, path


def test_what_has_the_method_is_found_before_what_has_not() -> None:
    table: RouteTable[str] = RouteTable()
    table.add("GET", parse_template("/v1/things/special"), "special")
    table.add("DELETE", parse_template("/v1/{name=things/*}"), "any")
    found = table.find("DELETE", "/v1/things/special")
    assert found is not None
    assert found.targets["DELETE"][1] == "any"


def test_two_calls_cannot_share_a_route() -> None:
    table: RouteTable[str] = RouteTable()
    table.add("GET", parse_template("/v1/{name=things/*}"), "one")
    with pytest.raises(ValueError, match="are one route"):
        table.add("GET", parse_template("/v1/{parent=things/*}"), "two")


@pytest.mark.parametrize("text", ["v1/x", "/", "/v1//x", "/v1/{a", "/v1/{a=}", "/v1/{a=**}/b", "/v1/x}y", "/{N}x"])
def test_a_malformed_template_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a path template"):
        parse_template(text)


@pytest.mark.parametrize("path", ["/v1/a%2Fb", "/v1/..", "/v1/.", "/v1/a%00b", "/v1/%0a"])
def test_a_segment_that_could_forge_a_name_is_refused(path: str) -> None:
    with pytest.raises(PathMalformed):
        split_path(path)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_any_path_is_either_found_not_found_or_malformed(path: str) -> None:
    try:
        found = SURFACE.routes.find("GET", "/" + path)
    except (PathMalformed, UnicodeDecodeError):
        return
    assert found is None or found.targets
