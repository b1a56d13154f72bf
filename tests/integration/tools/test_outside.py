"""What a server does to its client: slow, large, broken, redirecting or echoing answers, and a sender that dies."""

import gzip
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.chassis import auth, rpc, testing
from services.chassis.errors import ServiceError
from services.tools.adapters.http.client import HttpApi
from services.tools.adapters.http.credentials import Credentials
from services.tools.adapters.http.guard import Guard
from services.tools.domain import AuthScheme, CallState, Operation, Outcome, Tool
from whetstone.tools.v1 import tools_pb2 as pb
from whetstone.tools.v1 import tools_pb2_grpc

PARENT = "projects/p"
SECRET = "a-secret-token"


class Server(ThreadingHTTPServer):
    """Answers as `answer` does; remembers method and path of each request."""

    daemon_threads = True

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.seen: list[str] = []
        self.answer = answer
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def _any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(f"{self.command} {self.path}")
        self.server.answer(self)

    do_GET = do_POST = _any

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], None]], Server]]:
    started: list[Server] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], None]) -> Server:
        server = Server(answer)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def reply(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def sent(url: str, method: str = "GET", timeout: float = 1.0) -> Outcome:
    tool = Tool("n", "t", f"{url}/v1", "env:TOOL_X", AuthScheme(), (), "", datetime.now(UTC))
    api = HttpApi(Credentials({"TOOL_X": SECRET}, "TOOL_"), Guard(["127.0.0.1"]), timeout, 10_000)
    return api.send(tool, Operation("t.op", "", method, "/x", {}), {})


@pytest.mark.parametrize(
    ("status", "method", "state"),
    [
        (200, "GET", CallState.SUCCEEDED),
        (404, "GET", CallState.FAILED),
        (500, "GET", CallState.FAILED),
        (422, "POST", CallState.FAILED),
        (500, "POST", CallState.UNKNOWN),
        (303, "POST", CallState.UNKNOWN),
    ],
)
def test_what_a_status_means(serve: Any, status: int, method: str, state: CallState) -> None:
    outcome = sent(serve(reply(status, b'{"a": 1}', Location="http://elsewhere.example/")).url, method)
    assert (outcome.state, outcome.http_status, outcome.result) == (state, status, {"a": 1})


@pytest.mark.parametrize(("method", "state"), [("GET", CallState.FAILED), ("POST", CallState.UNKNOWN)])
def test_an_answer_that_is_too_large_is_cut_off(serve: Any, method: str, state: CallState) -> None:
    outcome = sent(serve(reply(200, b"x" * 10_001)).url, method)
    assert outcome.failure is not None
    assert (outcome.state, outcome.failure.reason, outcome.result) == (state, "RESPONSE_TOO_LARGE", None)


def test_a_small_compressed_answer_is_not_unpacked(serve: Any) -> None:
    outcome = sent(serve(reply(200, gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip")).url)
    assert outcome.state is CallState.SUCCEEDED
    assert set(outcome.result) == {"media_type", "size_bytes", "sha256"}


@pytest.mark.parametrize(("method", "state"), [("GET", CallState.FAILED), ("POST", CallState.UNKNOWN)])
def test_an_answer_that_drips_ends_at_the_deadline(serve: Any, method: str, state: CallState) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(60):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    begun = time.monotonic()
    outcome = sent(serve(drip).url, method, timeout=0.4)
    assert outcome.failure is not None
    assert (outcome.state, outcome.failure.reason) == (state, "TIMEOUT")
    assert time.monotonic() - begun < 1.5


def test_a_server_that_is_not_there_was_not_reached() -> None:
    outcome = sent("http://127.0.0.1:9", "POST")
    assert outcome.failure is not None
    assert (outcome.state, outcome.failure.reason) == (CallState.FAILED, "UNREACHABLE")


def test_a_read_follows_redirects_on_its_own_host_only(serve: Any) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        target = {"/v1/x": "/v1/y", "/v1/y": f"{other.url}/stolen"}.get(handler.path, "")
        reply(302 if target else 200, b"{}", **({"Location": target} if target else {}))(handler)

    other = serve(reply(200, b"{}"))
    server = serve(answer)
    outcome = sent(server.url)
    assert outcome.failure is not None
    assert outcome.failure.reason == "REDIRECT_REFUSED"
    assert server.seen == ["GET /v1/x", "GET /v1/y"]
    assert not other.seen


def test_an_echoed_credential_is_cut_out(serve: Any) -> None:
    def echo(handler: BaseHTTPRequestHandler) -> None:
        reply(200, f'{{"headers": "{handler.headers["Authorization"]}"}}'.encode())(handler)

    assert sent(serve(echo).url).result == {"headers": "Bearer [redacted]"}


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b"12345678901234567890", "12345678901234567890"),
        (b"1e999", "inf"),
        (b'"\\ud800"', "\ufffd"),
        (b"[" * 60 + b"]" * 60, "[" * 60 + "]" * 60),
        (b"NaN", "NaN"),
        (b"plain", "plain"),
        (b"", None),
    ],
)
def test_odd_answers_become_json_that_everybody_can_hold(serve: Any, body: bytes, result: Any) -> None:
    assert sent(serve(reply(200, body)).url).result == result


DOCUMENT = b'{"openapi": "3.0.0", "paths": {"/x": {"get": {"operationId": "read"}, "post": {"operationId": "write"}}}}'


def start_tools(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "WHETSTONE_STATE_DIR": str(folder),
        "WHETSTONE_LISTEN": f"127.0.0.1:{port}",
        "WHETSTONE_INTERNAL_KEY": testing.KEY,
        "WHETSTONE_TOOL_PRIVATE_HOSTS": "127.0.0.1",
    }
    return subprocess.Popen([sys.executable, "-m", "services.tools"], env=environment, stderr=subprocess.DEVNULL)


def execute(stub: Any, name: str) -> str:
    with auth.acting_as(testing.CALLER):
        try:
            return pb.ToolCall.State.Name(stub.ExecuteToolCall(pb.ExecuteToolCallRequest(name=name)).state)
        except ServiceError as error:
            return error.reason


def until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)


@contextmanager
def stub_of(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Any]]:
    """The service in a process of its own."""
    process = start_tools(folder, port)
    try:
        until_listening(port, process)
        with auth.acting_as(testing.CALLER), rpc.channel(f"127.0.0.1:{port}", testing.KEY) as channel:
            yield process, tools_pb2_grpc.ToolServiceStub(channel)
    finally:
        process.kill()
        process.wait()


def test_a_write_whose_sender_is_killed_is_unknown_and_not_repeated(serve: Any, tmp_path: Path) -> None:
    arrived = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        arrived.set()
        released.wait(10)

    released = threading.Event()
    server = serve(hang)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with stub_of(tmp_path, port) as (process, stub):
        wanted = pb.ImportToolRequest(
            parent=PARENT, tool_id="t", openapi=DOCUMENT, operations=["read", "write"], base_url=server.url
        )
        stub.ImportTool(wanted)
        asked = pb.CreateToolCallRequest(parent=PARENT, tool_call=pb.ToolCall(operation="t.write"))
        waiting = stub.CreateToolCall(asked)
        digest = waiting.arguments_digest
        stub.DecideToolCall(
            pb.DecideToolCallRequest(name=waiting.name, grant=True, reason="yes", arguments_digest=digest)
        )
        with ThreadPoolExecutor(1) as pool:
            pending = pool.submit(execute, stub, waiting.name)
            assert arrived.wait(10)
            process.send_signal(signal.SIGKILL)
            assert pending.result(10) == "UNAVAILABLE"
    with stub_of(tmp_path, port) as (_, stub):
        after = stub.GetToolCall(pb.GetToolCallRequest(name=waiting.name))
        again = execute(stub, waiting.name)
    released.set()
    assert again == "APPROVAL_USED"
    assert (after.state, after.failure.reason) == (pb.ToolCall.UNKNOWN, "OUTCOME_UNKNOWN")
    assert server.seen == ["POST /x"]
