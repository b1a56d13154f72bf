"""How arguments are written into a request, and where a request may go."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tools.adapters.arguments import digest
from services.tools.adapters.http.credentials import REDACTED, Credential, Credentials
from services.tools.adapters.http.guard import Guard, is_under, normal, same_origin
from services.tools.adapters.http.request import build
from services.tools.domain import AuthKind, AuthScheme, Operation, Placement, Where
from services.tools.errors import ArgumentsInvalid, BaseUrlInvalid, CredentialMissing, CredentialRefInvalid

BASE = "https://api.example/v1"


def made(*placements: Placement, path: str = "/x", method: str = "GET", media: str = "", **arguments: Any) -> Any:
    return build(BASE, Operation("t.op", "", method, path, {}, placements, media), arguments)


def query(style: str, explode: bool, value: Any) -> str:
    return str(made(Placement("q", Where.QUERY, "q", style, explode), q=value).url.query, "ascii")


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("form", True, ["a", "b"], "q=a&q=b"),
        ("form", False, ["a", 2], "q=a%2C2"),
        ("pipeDelimited", False, ["a", "b"], "q=a%7Cb"),
        ("form", True, {"k": True, "l": 1.5}, "k=true&l=1.5"),
        ("deepObject", True, {"k": "v"}, "q%5Bk%5D=v"),
        ("json", False, {"k": [1]}, "q=%7B%22k%22%3A+%5B1%5D%7D"),
        ("form", True, "a&b=c #d", "q=a%26b%3Dc+%23d"),
    ],
)
def test_query_styles(style: str, explode: bool, value: Any, written: str) -> None:
    assert query(style, explode, value).replace("%20", "+") == written


@pytest.mark.parametrize(
    ("media", "content_type", "content"),
    [
        ("application/json", "application/json", b'{"n": "\xc2\xb5"}'),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", b"n=%C2%B5"),
        ("application/vnd.api+json", "application/vnd.api+json", b'{"n": "\xc2\xb5"}'),
    ],
)
def test_bodies(media: str, content_type: str, content: bytes) -> None:
    request = made(Placement("body", Where.BODY, "body"), method="POST", media=media, body={"n": "µ"})
    assert request.headers["Content-Type"] == content_type
    assert request.read() == content


SEGMENT = Placement("id", Where.PATH, "id", "simple", False)


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_no_path_argument_leaves_its_segment(text: str) -> None:
    """Neither host nor path before or behind can be changed by a value."""
    try:
        request = made(SEGMENT, path="/items/{id}/parts", id=text)
    except ArgumentsInvalid:
        assert text in ("", ".", "..") or not text.isprintable() or any(ord(c) > 0xD7FF for c in text)
        return
    parts = request.url.raw_path.decode().split("/")
    assert same_origin(request.url, BASE)
    assert parts[:3] == ["", "v1", "items"]
    assert parts[4:] == ["parts"]


def test_a_path_of_the_document_cannot_climb_out_of_the_base_url() -> None:
    assert is_under(made(path="/items").url, BASE)
    assert not is_under(made(path="/../admin").url, BASE)
    assert not is_under(made(path="/items").url, "http://api.example/v1")


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_dotted_segments_are_refused(text: str) -> None:
    with pytest.raises(ArgumentsInvalid):
        made(SEGMENT, path="/items/{id}", id=text)


def test_a_header_takes_no_line_break() -> None:
    with pytest.raises(ArgumentsInvalid):
        made(Placement("h", Where.HEADER, "X-H", "simple", False), h="a\r\nHost: evil.example")


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example", "a.example/v1", "https://u:p@a.example", "https://a.example/?k=v", "https://a.example/#f"],
)
def test_base_urls_that_are_refused(url: str) -> None:
    with pytest.raises(BaseUrlInvalid):
        normal(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
    ],
)
def test_private_addresses_are_refused_unless_named(address: str) -> None:
    url = made().url
    with pytest.raises(BaseUrlInvalid):
        Guard([], lambda host, port: [address]).address(url)
    assert Guard(["api.example"], lambda host, port: [address]).address(url) == address


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(BaseUrlInvalid):
        Guard([], lambda host, port: ["93.184.215.14", "10.0.0.1"]).address(made().url)
    assert Guard([], lambda host, port: ["93.184.215.14"]).address(made().url) == "93.184.215.14"


@pytest.mark.parametrize("reference", ["env:WHETSTONE_INTERNAL_KEY", "env:PATH", "file:/etc/passwd", "TOOL_X", "env:"])
def test_only_variables_of_the_prefix_are_credentials(reference: str) -> None:
    with pytest.raises(CredentialRefInvalid):
        Credentials({"PATH": "x"}, "TOOL_").check(reference)


def test_a_credential_that_is_not_set_is_an_error() -> None:
    with pytest.raises(CredentialMissing):
        Credentials({}, "TOOL_").get("env:TOOL_X", AuthScheme())
    assert Credentials({}, "TOOL_").get("", AuthScheme()) is None


@pytest.mark.parametrize(
    ("scheme", "header", "value"),
    [
        (AuthScheme(), "Authorization", "Bearer s3cr/et+"),
        (AuthScheme(AuthKind.BASIC), "Authorization", "Basic czNjci9ldCs="),
        (AuthScheme(AuthKind.HEADER, "X-Key"), "X-Key", "s3cr/et+"),
    ],
)
def test_credentials_go_on_the_request_and_out_of_the_answer(scheme: AuthScheme, header: str, value: str) -> None:
    credential = Credential(scheme, "s3cr/et+")
    request = made()
    credential.put_on(request)
    assert request.headers[header] == value
    echoed = credential.redact(f'{{"echo": "{value}", "url": "/?k=s3cr%2Fet%2B"}}')
    assert "s3cr" not in echoed
    assert "czNj" not in echoed
    assert REDACTED in echoed
    assert "s3cr" not in repr(credential)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), _JSON, max_size=4))
def test_the_digest_does_not_depend_on_order_or_spelling(value: dict[str, Any]) -> None:
    shuffled = json.loads(json.dumps(dict(reversed(value.items())), ensure_ascii=True))
    assert digest(value) == digest(shuffled)
    assert digest(value) != digest({**value, "one more": 1})


def test_what_has_no_canonical_json_has_no_digest() -> None:
    with pytest.raises(ArgumentsInvalid):
        digest({"a": float("nan")})
