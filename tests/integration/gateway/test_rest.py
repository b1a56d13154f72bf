"""Calls over HTTP reach the service over gRPC whole, and its answers come back whole."""

import base64
import json
import socket
import threading
from typing import Any

import httpx
import pytest

from gateway.errors import FieldUnknown
from services.chassis.errors import GRPC_STATUS, HTTP_STATUS, NotFound, grpc_status
from tests.integration.gateway.conftest import Stage
from tests.integration.gateway.serving import SURFACE, TOKEN

UPLOAD = "whetstone.ingestion.v1.IngestionService.UploadDocument"
GET_DOCUMENT = "whetstone.ingestion.v1.IngestionService.GetDocument"
LIST_DOCUMENTS = "whetstone.ingestion.v1.IngestionService.ListDocuments"
WATCH = "whetstone.training.v1.TrainingService.WatchTrainingJob"
DOWNLOAD = "whetstone.provenance.v1.ProvenanceService.DownloadAuditPack"
FILE = bytes(range(256)) * 4


def reply(method: str, **fields: Any) -> Any:
    return SURFACE.methods[method].response_class()(**fields)


def test_every_annotated_call_reaches_its_service(stage: Stage) -> None:
    for method in SURFACE.methods.values():
        if method.streams or method.service == "pipelines":
            continue
        for binding in method.bindings:
            values = {
                v.field: "/".join(
                    s.replace("*", f"x{n}") for n, s in enumerate(binding.template.segments[v.start : v.end])
                )
                for v in binding.template.variables
            }
            body = {} if binding.body else None
            answer = stage.http.request(binding.verb, binding.template.expand(values), json=body)
            assert answer.status_code == 200, (method.full_name, answer.text)
            name, request, caller = stage.services.requests[-1]
            assert name == method.full_name
            for dotted, value in values.items():
                for part in dotted.split("."):
                    request = getattr(request, part)
                assert request == value
            assert (caller.tenant, caller.subject) == ("local", "user:dev@local")
            assert caller.roles == {"admin", "expert", "approver"}


def test_query_parameters_become_fields(stage: Stage) -> None:
    stage.services.answers[LIST_DOCUMENTS] = lambda request, _: reply(LIST_DOCUMENTS, documents=[{"name": "d"}])
    answer = stage.http.get("/v1/projects/p/documents", params={"pageSize": 3, "page_token": "t", "state": "PARSED"})
    request = stage.services.requests[-1][1]
    assert (request.page_size, request.page_token, request.state) == (3, "t", 2)
    assert answer.json()["documents"][0]["name"] == "d"
    assert answer.json()["nextPageToken"] == ""


@pytest.mark.parametrize("way", ["json", "raw", "form"])
def test_a_file_arrives_the_same_whichever_way_it_is_sent(stage: Stage, way: str) -> None:
    path = "/v1/projects/p/documents:upload"
    if way == "json":
        body = {"filename": "a.bin", "content": base64.b64encode(FILE).decode(), "licence": "own", "requestId": "r"}
        answer = stage.http.post(path, json=body)
    elif way == "raw":
        answer = stage.http.post(
            path,
            params={"filename": "a.bin", "licence": "own", "request_id": "r"},
            content=FILE,
            headers={"content-type": "application/octet-stream"},
        )
    else:
        answer = stage.http.post(path, data={"licence": "own", "requestId": "r"}, files={"content": ("a.bin", FILE)})
    assert answer.status_code == 200, answer.text
    request = stage.services.requests[-1][1]
    assert (request.parent, request.filename, request.content) == ("projects/p", "a.bin", FILE)
    assert (request.licence, request.request_id) == ("own", "r")


def test_a_large_file_passes_and_a_larger_one_is_refused(stage: Stage) -> None:
    path, kind = "/v1/projects/p/documents:upload?filename=a", {"content-type": "application/pdf"}
    assert stage.http.post(path, content=b"x" * (3 * 1024 * 1024), headers=kind).status_code == 200
    assert len(stage.services.requests[-1][1].content) == 3 * 1024 * 1024
    answer = stage.http.post(path, content=b"x" * (5 * 1024 * 1024), headers=kind)
    assert (answer.status_code, reason(answer)) == (413, "BODY_TOO_LARGE")


def test_a_body_that_does_not_say_its_length_is_cut_off_too(stage: Stage) -> None:
    def chunks() -> Any:
        for _ in range(20):
            yield b" " * 16 * 1024

    answer = stage.http.post("/v1/projects/p/runs", content=chunks(), headers={"content-type": "application/json"})
    assert (answer.status_code, reason(answer)) == (413, "BODY_TOO_LARGE")
    assert not stage.services.requests


def reason(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["details"][0]["reason"])


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "expected"),
    [
        ("GET", "/v1/projects/p/nothing", None, 404, "ROUTE_UNKNOWN"),
        ("GET", "/v2/projects/p", None, 404, "ROUTE_UNKNOWN"),
        ("GET", "/v1/projects//documents", None, 404, "ROUTE_UNKNOWN"),
        ("DELETE", "/v1/projects/p/documents/d", None, 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v1/projects/a%2Fdocuments%2Fb/documents", None, 400, "PATH_INVALID"),
        ("POST", "/v1/projects/p/datasets", b"{", 400, "JSON_INVALID"),
        ("POST", "/v1/projects/p/datasets", b'{"displayName": NaN}', 400, "JSON_INVALID"),
        ("POST", "/v1/projects/p/datasets", b'{"displayName": "a", "displayName": "b"}', 400, "JSON_INVALID"),
        ("POST", "/v1/projects/p/datasets", b"[" * 60_000, 400, "JSON_INVALID"),
        ("POST", "/v1/projects/p/findings/f:settle", b"[]", 400, "JSON_INVALID"),
        ("POST", "/v1/projects/p/datasets", b'{"displayNaem": "a"}', 400, "FIELD_UNKNOWN"),
        ("POST", "/v1/projects/p/datasets", b'{"displayName": 3}', 400, "FIELD_INVALID"),
        ("POST", "/v1/projects/p/findings/f:settle", b'{"name": "projects/q/findings/f"}', 400, "FIELD_CONFLICT"),
        ("GET", "/v1/projects/p/documents?pageSise=3", None, 400, "FIELD_UNKNOWN"),
        ("GET", "/v1/projects/p/documents?pageSize=three", None, 400, "FIELD_INVALID"),
        ("GET", "/v1/projects/p/documents?pageSize=1&page_size=2", None, 400, "FIELD_CONFLICT"),
        ("GET", "/v1/projects/p/documents?state=ASLEEP", None, 400, "FIELD_INVALID"),
        ("GET", "/v1/projects/p/documents?parent=projects/q", None, 400, "FIELD_CONFLICT"),
        ("GET", "/v1/projects/p/claims?inForceOnly=yes", None, 400, "FIELD_INVALID"),
        ("GET", "/v1/projects/p/documents", b"{}", 400, "BODY_UNEXPECTED"),
        ("GET", "/v1/projects/p/runs/r", None, 503, "SERVICE_UNAVAILABLE"),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason(
    stage: Stage, verb: str, path: str, body: bytes | None, status: int, expected: str
) -> None:
    headers = {"content-type": "application/json"} if body is not None else {}
    answer = stage.http.request(verb, path, content=body, headers=headers)
    assert (answer.status_code, reason(answer)) == (status, expected), answer.text
    assert answer.json()["error"]["code"] == status
    assert not stage.services.requests


def test_an_unknown_field_is_named_with_its_place(stage: Stage) -> None:
    body = {"topics": [{"id": "a"}, {"id": "b", "titel": "B"}]}
    answer = stage.http.patch("/v1/projects/p/taxonomy", json=body)
    detail = answer.json()["error"]["details"][0]
    assert detail["reason"] == FieldUnknown.reason
    assert detail["metadata"] == {"field": "taxonomy.topics[1].titel"}


@pytest.mark.parametrize("category", GRPC_STATUS, ids=lambda c: c.__name__)
def test_every_category_keeps_its_reason_and_gets_its_http_status(stage: Stage, category: type) -> None:
    kind = type("Special", (category,), {"reason": "SPECIAL"})

    def refuse(request: Any, context: Any) -> Any:
        raise kind("said publicly", field="x")

    stage.services.answers[GET_DOCUMENT] = refuse
    answer = stage.http.get("/v1/projects/p/documents/d")
    error = answer.json()["error"]
    assert answer.status_code == error["code"] == HTTP_STATUS[GRPC_STATUS[category]]
    assert error["status"] == grpc_status(kind("")).name
    assert error["message"] == "said publicly"
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "SPECIAL",
            "domain": "whetstone",
            "metadata": {"field": "x"},
        }
    ]


def test_a_fault_of_a_service_tells_nothing_of_its_inside(stage: Stage) -> None:
    def fail(request: Any, context: Any) -> Any:
        raise KeyError("secret")

    stage.services.answers[GET_DOCUMENT] = fail
    answer = stage.http.get("/v1/projects/p/documents/d")
    assert (answer.status_code, reason(answer)) == (500, "INTERNAL")
    assert "secret" not in answer.text


def test_a_call_that_takes_too_long_ends_with_504(stage: Stage) -> None:
    ended = threading.Event()

    def dawdle(request: Any, context: Any) -> Any:
        context.add_callback(ended.set)
        ended.wait(10)
        return reply(GET_DOCUMENT)

    stage.services.answers[GET_DOCUMENT] = dawdle
    answer = stage.http.get("/v1/projects/p/documents/d", timeout=10)
    assert (answer.status_code, reason(answer)) == (504, "DEADLINE_EXCEEDED")


@pytest.mark.parametrize("accept", ["*/*", "text/event-stream"])
def test_a_stream_comes_message_by_message(stage: Stage, accept: str) -> None:
    go_on = threading.Event()

    def watch(request: Any, context: Any) -> Any:
        yield reply(WATCH, name=request.name, loss=2.0)
        assert go_on.wait(5)
        yield reply(WATCH, name=request.name, loss=1.0)

    stage.services.answers[WATCH] = watch
    path = "/v1/projects/p/trainingJobs/j:watch"
    losses = []
    with stage.http.stream("GET", path, headers={"accept": accept}) as answer:
        for line in answer.iter_lines():
            text = line.removeprefix("data: ")
            if text.startswith("{") and text != "{}":
                losses.append(json.loads(text)["loss"])
                go_on.set()  # the second message is made only after the first one was read here
    assert losses == [2.0, 1.0]


def test_a_stream_that_fails_at_once_has_an_http_status_and_one_that_fails_later_ends_with_the_error(
    stage: Stage,
) -> None:
    class JobGone(NotFound):
        reason = "JOB_GONE"

    def watch(request: Any, context: Any) -> Any:
        if request.name.endswith("late"):
            yield reply(WATCH, name=request.name)
        raise JobGone("gone")

    stage.services.answers[WATCH] = watch
    assert reason(stage.http.get("/v1/projects/p/trainingJobs/early:watch")) == "JOB_GONE"
    lines = stage.http.get("/v1/projects/p/trainingJobs/late:watch").text.splitlines()
    assert json.loads(lines[0])["name"] == "projects/p/trainingJobs/late"
    assert json.loads(lines[1])["error"]["details"][0]["reason"] == "JOB_GONE"


def test_a_client_that_goes_away_cancels_the_stream(stage: Stage) -> None:
    cancelled = threading.Event()

    def watch(request: Any, context: Any) -> Any:
        context.add_callback(cancelled.set)
        yield reply(WATCH, name=request.name)
        cancelled.wait(10)

    stage.services.answers[WATCH] = watch
    with stage.http.stream("GET", "/v1/projects/p/trainingJobs/j:watch") as answer:
        next(answer.iter_lines())
    assert cancelled.wait(5)


def test_a_file_is_streamed_as_an_attachment(stage: Stage) -> None:
    parts = [b"PK\x03\x04", b"one", b"two" * 1000]
    stage.services.answers[DOWNLOAD] = lambda request, _: (reply(DOWNLOAD, data=part) for part in parts)
    answer = stage.http.get("/v1/projects/p/auditPacks/pack-1:download")
    assert answer.content == b"".join(parts)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''pack-1.zip"


def test_the_trace_goes_through(stage: Stage) -> None:
    incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = stage.http.get("/v1/projects/p/documents/d", headers={"traceparent": incoming})
    assert answer.headers["whetstone-trace-id"] == "0af7651916cd43dd8448eb211c80319c"
    assert stage.services.metadata[-1]["traceparent"].split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    door = stage.span("GET /v1/{name=projects/*/documents/*}")
    assert door.parent is not None
    assert f"{door.parent.span_id:016x}" == "b7ad6b7169203331"
    inside = stage.span("whetstone.ingestion.v1.IngestionService/GetDocument")
    assert inside.context.trace_id == door.context.trace_id
    fresh = stage.http.get("/v1/projects/p/documents/d", headers={"traceparent": "nonsense"})
    assert len(fresh.headers["whetstone-trace-id"]) == 32
    assert fresh.headers["whetstone-trace-id"] != answer.headers["whetstone-trace-id"]


def test_a_slow_body_is_given_up(stage: Stage) -> None:
    host, port = stage.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        head = f"POST /v1/projects/p/datasets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n"
        connection.sendall(f"{head}content-length: 10\r\n\r\n{{".encode())
        assert b" 408 " in connection.recv(4096).split(b"\r\n")[0]
