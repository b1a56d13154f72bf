"""The adapters against scripted servers: the serving runtime's OpenAI API, serving, curation and ingestion over gRPC.

And the whole service in a process of its own, killed again and again: no call is made twice.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.agents.adapters.evidence import DocumentEvidence
from services.agents.adapters.model import OpenAiModel
from services.agents.adapters.units import PintUnits
from services.agents.domain.evidence import Comparator
from services.chassis import auth, rpc, testing
from services.chassis.errors import FailedPrecondition, Internal, Unavailable
from whetstone.agents.v1 import agents_pb2 as pb
from whetstone.agents.v1 import agents_pb2_grpc
from whetstone.curation.v1 import curation_pb2, curation_pb2_grpc
from whetstone.ingestion.v1 import ingestion_pb2, ingestion_pb2_grpc
from whetstone.serving.v1 import serving_pb2, serving_pb2_grpc
from whetstone.tools.v1 import tools_pb2

PARENT = "projects/quantumforge"
UNITS = PintUnits()
MODEL = f"{PARENT}/models/m"
SLIP = "The slip factor of QF-203 splice faces shall be at least 0.42."
RODS = "Anchor rods for QF-203 frames shall have a minimum yield strength of 380 MPa."


@dataclass
class Script:
    """What the model server answers, and what it was asked."""

    status: int = 200
    message: dict[str, Any] = field(default_factory=lambda: {"role": "assistant", "content": "380 MPa"})
    raw: bytes | None = None
    logprobs: dict[str, Any] | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    callers: list[auth.Caller] = field(default_factory=list)


@contextmanager
def model_server(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            script.callers.append(auth.verify(self.headers[auth.METADATA_KEY], testing.KEY))
            script.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            choices = [{"index": 0, "message": script.message, "logprobs": script.logprobs}]
            error = {"error": {"code": "MODEL_NOT_FOUND", "message": "none"}}
            body = {"id": "chatcmpl-1", "choices": choices} if script.status == 200 else error
            content = script.raw if script.raw is not None else json.dumps(body).encode()
            self.send_response(script.status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("whetstone-completion-name", f"{PARENT}/completions/{len(script.seen)}")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Neighbours(
    serving_pb2_grpc.ServingServiceServicer,
    curation_pb2_grpc.CurationServiceServicer,
    ingestion_pb2_grpc.IngestionServiceServicer,
):
    """Serving, curation and ingestion in one: an endpoint, two pages of claims, and their chunk."""

    def __init__(self, url: str) -> None:
        self.url = url

    def GetEndpoint(self, request: Any, context: Any) -> serving_pb2.Endpoint:
        assert request.name == f"{PARENT}/endpoints/m"
        return serving_pb2.Endpoint(name=request.name, url=self.url)

    def ListClaims(self, request: Any, context: Any) -> curation_pb2.ListClaimsResponse:
        assert request.in_force_only
        if not request.page_token:
            return curation_pb2.ListClaimsResponse(
                claims=[_claim("Anchor rods for QF-203 frames", RODS)], next_page_token="2"
            )
        slip = _claim("QF-203 splice faces", SLIP, "slip factor", 0.42, "")
        return curation_pb2.ListClaimsResponse(claims=[slip])

    def GetChunk(self, request: Any, context: Any) -> ingestion_pb2.Chunk:
        return ingestion_pb2.Chunk(name=request.name, text=f"{RODS}\n{SLIP}")


def _claim(subject: str, text: str, attribute: str = "yield strength", low: float = 380, unit: str = "MPa") -> Any:
    claim = curation_pb2.Claim(
        name=f"{PARENT}/claims/{attribute}", subject=subject, property=attribute, modality="shall"
    )
    claim.quantity.CopyFrom(
        curation_pb2.Quantity(comparator=curation_pb2.Quantity.AT_LEAST, low=low, unit=unit, text=f"{low} {unit}")
    )
    claim.quote.text, claim.quote.document_title = text, "QF-SPEC"
    claim.quote.location.chunk, claim.quote.location.clause = f"{PARENT}/documents/d/revisions/r/chunks/c", "3.2"
    claim.quote.location.page = 3
    return claim


@contextmanager
def neighbours(url: str) -> Iterator[int]:
    server = rpc.server("test", testing.KEY, 4)
    parts = Neighbours(url)
    serving_pb2_grpc.add_ServingServiceServicer_to_server(parts, server)
    curation_pb2_grpc.add_CurationServiceServicer_to_server(parts, server)
    ingestion_pb2_grpc.add_IngestionServiceServicer_to_server(parts, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0)


@contextmanager
def near(url: str) -> Iterator[Any]:
    """A channel to all three neighbours."""
    with (
        neighbours(url) as port,
        auth.acting_as(testing.CALLER),
        rpc.channel(f"127.0.0.1:{port}", testing.KEY) as channel,
    ):
        yield channel


@contextmanager
def model(script: Script) -> Iterator[OpenAiModel]:
    with model_server(script) as url, near(url) as channel:
        found = OpenAiModel(channel, testing.KEY, 5.0)
        yield found
        found.close()


ASKED = [{"role": "user", "content": "How strong?"}]


def test_a_completion_has_its_name_and_is_asked_for_as_the_caller() -> None:
    script = Script()
    with model(script) as found:
        completion = found.complete(MODEL, ASKED, max_tokens=8)
    assert (completion.name, completion.text, completion.proposals) == (f"{PARENT}/completions/1", "380 MPa", ())
    assert script.callers == [testing.CALLER]
    assert script.seen == [{"model": MODEL, "messages": ASKED, "max_tokens": 8, "temperature": 0}]


def test_a_forced_function_is_offered_and_its_proposal_read() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": "b"}'}}
    broken = {"id": "2", "type": "function", "function": {"name": "f", "arguments": "[1]"}}
    script = Script(message={"role": "assistant", "content": None, "tool_calls": [call, broken]})
    with model(script) as found:
        completion = found.complete(MODEL, ASKED, max_tokens=8, functions=[{"name": "f"}], force="f")
    assert [(p.function, p.arguments) for p in completion.proposals] == [("f", {"a": "b"})]
    assert script.seen[0]["tool_choice"] == {"type": "function", "function": {"name": "f"}}


def test_a_pick_looks_at_the_numbers_on_offer_only() -> None:
    tokens = [("The", -0.1), (" 7", -0.2), ("2", -0.5), ("1", -3.0)]
    top = [{"token": token, "logprob": logprob} for token, logprob in tokens]
    script = Script(logprobs={"content": [{"token": "The", "logprob": -0.1, "top_logprobs": top}]})
    with model(script) as found:
        assert found.pick(MODEL, ASKED, 3).index == 1
        assert found.pick(MODEL, ASKED, 9).index == 6
        top[1:] = []
        assert found.pick(MODEL, ASKED, 3).index is None
    assert (script.seen[0]["max_tokens"], script.seen[0]["top_logprobs"]) == (1, 20)
    with model(Script()) as found:
        assert found.pick(MODEL, ASKED, 3).index is None
    with model(Script(logprobs={"content": "?"})) as found, pytest.raises(Internal):
        found.pick(MODEL, ASKED, 3)


@pytest.mark.parametrize(("status", "error"), [(503, Unavailable), (429, Unavailable), (404, FailedPrecondition)])
def test_what_a_model_server_refuses(status: int, error: type[Exception]) -> None:
    with model(Script(status=status)) as found, pytest.raises(error):
        found.complete(MODEL, ASKED, max_tokens=8)


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"choices": []}', b"<html>"])
def test_an_answer_that_is_none_is_an_error(raw: bytes) -> None:
    with model(Script(raw=raw)) as found, pytest.raises(Internal):
        found.complete(MODEL, ASKED, max_tokens=8)


def test_a_model_server_that_is_gone_is_unavailable() -> None:
    with near("http://127.0.0.1:9") as channel, pytest.raises(Unavailable):
        OpenAiModel(channel, testing.KEY, 1.0).complete(MODEL, ASKED, max_tokens=8)


def test_claims_of_every_page_come_with_their_place() -> None:
    with near("") as channel:
        evidence = DocumentEvidence(channel, channel, UNITS)
        rods, slip = evidence.claims(PARENT)
        assert RODS in evidence.chunk(rods.quote.chunk)
    assert rods.limit is not None
    assert (rods.limit.comparator, rods.limit.low) == (Comparator.AT_LEAST, 380e6)
    assert (rods.quote.page, rods.quote.clause, rods.quote.title) == (3, "3.2", "QF-SPEC")
    assert slip.limit is not None
    assert slip.limit.low == 0.42


@contextmanager
def agents(folder: Path, tools: int, others: int) -> Iterator[tuple[subprocess.Popen[bytes], Any]]:
    """The agents service in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    near = f"127.0.0.1:{others}"
    environment = os.environ | {
        "WHETSTONE_STATE_DIR": str(folder),
        "WHETSTONE_LISTEN": f"127.0.0.1:{port}",
        "WHETSTONE_INTERNAL_KEY": testing.KEY,
        "WHETSTONE_ADDRESSES": f"tools=127.0.0.1:{tools},serving={near},curation={near},ingestion={near}",
    }
    process = subprocess.Popen([sys.executable, "-m", "services.agents"], env=environment, stderr=subprocess.DEVNULL)
    try:
        _until_listening(port)
        with auth.acting_as(testing.CALLER), rpc.channel(f"127.0.0.1:{port}", testing.KEY) as channel:
            yield process, agents_pb2_grpc.AgentServiceStub(channel)
    finally:
        process.kill()
        process.wait()


def _until_listening(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.02)


def _until(stub: Any, name: str, state: int) -> Any:
    end = time.monotonic() + 30
    while True:
        run = stub.GetAgentRun(pb.GetAgentRunRequest(name=name))
        if run.state == state:
            return run
        assert time.monotonic() < end, run
        time.sleep(0.05)


def test_a_killed_service_repeats_no_call(
    tmp_path: Path, tools: int, tool_stub: Any, task_names: Callable[[], list[str]]
) -> None:
    inputs = {"design": "QF-203", "project": "Harbour Point", "tasks_project": "1208000000000101"}
    with model_server(Script()) as url, neighbours(url) as others:
        with agents(tmp_path, tools, others) as (process, stub):
            run = pb.AgentRun(task="report", model=MODEL, inputs=inputs)
            name = stub.CreateAgentRun(pb.CreateAgentRunRequest(parent=PARENT, agent_run=run)).name
            time.sleep(0.15)
            process.send_signal(signal.SIGKILL)
        with agents(tmp_path, tools, others) as (process, stub):
            waiting = _until(stub, name, pb.AgentRun.AWAITING_APPROVAL)
            _decide(tool_stub, waiting.pending_tool_call)
            process.send_signal(signal.SIGKILL)
        with agents(tmp_path, tools, others) as (process, stub):
            finished = _until(stub, name, pb.AgentRun.SUCCEEDED)
    request = tools_pb2.ListToolCallsRequest(parent=PARENT, agent_run=name, page_size=1000)
    made = [call.operation for call in tool_stub.ListToolCalls(request).tool_calls]
    assert made.count("tasks.getTasksForProject") == made.count("tasks.createTask") == 1
    assert sum(task.startswith("Close ") for task in task_names()) == 1
    assert "The follow-up task was made." in finished.report


def _decide(tool_stub: Any, name: str) -> None:
    digest = tool_stub.GetToolCall(tools_pb2.GetToolCallRequest(name=name)).arguments_digest
    tool_stub.DecideToolCall(
        tools_pb2.DecideToolCallRequest(name=name, grant=True, reason="agreed", arguments_digest=digest)
    )
