"""What holds for every request: who may come in, how many at once, what is logged, health, pages, the end."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.__main__ import unblock_access_log
from gateway.bootstrap import bootstrap
from gateway.pages import FILES
from gateway.settings import GatewaySettings
from services.chassis.testing import KEY, settings
from tests.integration.gateway.conftest import Stage
from tests.integration.gateway.serving import SURFACE, TOKEN, FakeServices, http_served

GET_DOCUMENT = "whetstone.ingestion.v1.IngestionService.GetDocument"
DOCUMENT = "/v1/projects/p/documents/d"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "TOKEN_MISSING"),
        ({"authorization": "Basic dTpw"}, "TOKEN_MISSING"),
        ({"authorization": "Bearer"}, "TOKEN_MISSING"),
        ({"authorization": "Bearer wrong"}, "TOKEN_INVALID"),
        ({"authorization": f"Bearer {TOKEN}x"}, "TOKEN_INVALID"),
        ({"whetstone-caller": "forged"}, "TOKEN_MISSING"),
    ],
)
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", DOCUMENT),
        ("POST", "/v1/projects/p/documents:upload"),
        ("POST", "/v1/chat/completions"),
        ("GET", "/v1/models"),
    ],
)
def test_nobody_comes_in_without_a_token(
    stage: Stage, headers: dict[str, str], reason: str, verb: str, path: str
) -> None:
    answer = httpx.request(verb, stage.url + path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["details"][0]["reason"] == reason
    assert answer.headers["www-authenticate"] == "Bearer"
    assert not stage.services.requests
    assert not stage.runtime.headers


def test_health_needs_no_token_and_names_what_is_down(stage: Stage, tmp_path: Path) -> None:
    assert httpx.get(f"{stage.url}/healthz").json() == {"status": "SERVING"}
    ready = httpx.get(f"{stage.url}/readyz")
    assert (ready.status_code, ready.json()["down"]) == (200, [])
    assert ready.json()["dependencies"]["runtime"] == "SERVING"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{unused.getsockname()[1]}"
        config = settings(GatewaySettings, tmp_path, addresses={"tools": nobody}, dev_token=TOKEN)
        with http_served(bootstrap(config)) as url:
            down = httpx.get(f"{url}/readyz", timeout=10)
            assert (down.status_code, down.json()["down"]) == (503, ["tools"])
            assert down.json()["dependencies"] == {"tools": "UNAVAILABLE", "runtime": "NOT_SET_UP"}
            assert httpx.get(f"{url}/healthz").status_code == 200
            headers = {"authorization": f"Bearer {TOKEN}"}
            refused = httpx.get(f"{url}/v1/projects/p/tools", headers=headers)
            assert refused.status_code == 503
            assert nobody not in refused.text
            assert refused.headers["retry-after"] == "1"
            silent = httpx.post(f"{url}/v1/chat/completions", json={"model": "m", "messages": []}, headers=headers)
            assert (silent.status_code, silent.json()["error"]["code"]) == (503, "RUNTIME_UNAVAILABLE")


def test_more_requests_than_the_limit_are_refused_but_health_is_not(tmp_path: Path) -> None:
    entered, go_on = threading.Semaphore(0), threading.Event()

    def wait(request: Any, context: Any) -> Any:
        entered.release()
        go_on.wait(10)
        return SURFACE.methods[GET_DOCUMENT].response_class()()

    services = FakeServices(answers={GET_DOCUMENT: wait})
    with services.served() as address:
        config = settings(
            GatewaySettings, tmp_path, addresses={"ingestion": address}, dev_token=TOKEN, max_requests=2, max_uploads=0
        )
        token = {"authorization": f"Bearer {TOKEN}"}
        with http_served(bootstrap(config)) as url, httpx.Client(base_url=url, headers=token, timeout=10) as http:
            waiting = [threading.Thread(target=http.get, args=(DOCUMENT,)) for _ in range(2)]
            for thread in waiting:
                thread.start()
            assert entered.acquire(timeout=5)
            assert entered.acquire(timeout=5)
            refused = http.get(DOCUMENT)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            assert refused.json()["error"]["details"][0]["reason"] == "TOO_BUSY"
            assert http.get("/healthz").status_code == 200
            go_on.set()
            for thread in waiting:
                thread.join(10)
            assert http.get(DOCUMENT).status_code == 200
            upload = http.post("/v1/projects/p/documents:upload", json={})
            assert upload.json()["error"]["details"][0]["reason"] == "TOO_BUSY"


def test_a_service_that_comes_back_is_found_again_soon(tmp_path: Path) -> None:
    services = FakeServices()
    with services.served() as address:
        pass
    config = settings(GatewaySettings, tmp_path, addresses={"ingestion": address}, dev_token=TOKEN)
    token = {"authorization": f"Bearer {TOKEN}"}
    with http_served(bootstrap(config)) as url, httpx.Client(base_url=url, headers=token) as http:
        ends = time.monotonic() + 3
        while time.monotonic() < ends:  # long enough for gRPC's own pause between two attempts to grow past the bound
            assert http.get(DOCUMENT).status_code == 503
            time.sleep(0.1)
        with services.served(address):
            back = time.monotonic()
            while http.get(DOCUMENT).status_code != 200:
                assert time.monotonic() - back < 1.1
                time.sleep(0.05)


@pytest.mark.parametrize("path", FILES)
def test_pages_are_whole_and_take_nothing_from_elsewhere(stage: Stage, path: str) -> None:
    page = httpx.get(stage.url + path)
    assert page.status_code == 200
    assert len(page.text) > 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "innerHTML" not in page.text


def test_the_openapi_document_is_served(stage: Stage) -> None:
    document = httpx.get(f"{stage.url}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert "/v1/projects/{project}/documents:upload" in document["paths"]


def test_each_request_is_one_line_of_the_access_log(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    root = logging.getLogger()
    root.addHandler(caplog.handler)
    caplog.handler.setLevel(logging.INFO)
    logging.getLogger("gateway.access").setLevel(logging.INFO)
    listener = unblock_access_log()
    try:
        answer = stage.http.get(f"{DOCUMENT}?nonsense=secret")
        stage.span("GET /v1/{name=projects/*/documents/*}")
    finally:
        listener.stop()
        root.removeHandler(caplog.handler)
    line = vars(next(record for record in caplog.records if record.name == "gateway.access"))
    assert (line["method"], line["path"], line["status"]) == ("GET", DOCUMENT, 400)
    assert (line["reason"], line["tenant"]) == ("FIELD_UNKNOWN", "local")
    assert line["trace_id"] == answer.headers["whetstone-trace-id"]
    assert "secret" not in str(line)


def test_a_stopped_gateway_ends_what_it_has_begun(tmp_path: Path) -> None:
    entered = threading.Event()

    def wait(request: Any, context: Any) -> Any:
        entered.set()
        time.sleep(0.5)
        return SURFACE.methods[GET_DOCUMENT].response_class()(name=request.name)

    services = FakeServices(answers={GET_DOCUMENT: wait})
    with services.served() as address, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        environment = {
            "WHETSTONE_LISTEN": listen,
            "WHETSTONE_STATE_DIR": str(tmp_path),
            "WHETSTONE_INTERNAL_KEY": KEY,
            "WHETSTONE_DEV_TOKEN": TOKEN,
            "WHETSTONE_ADDRESSES": f"ingestion={address}",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"], env=os.environ | environment, stderr=subprocess.PIPE, text=True
        )
        try:
            wait_for(f"http://{listen}/healthz")
            answers: list[httpx.Response] = []
            headers = {"authorization": f"Bearer {TOKEN}"}
            asking = threading.Thread(
                target=lambda: answers.append(httpx.get(f"http://{listen}{DOCUMENT}", headers=headers))
            )
            asking.start()
            assert entered.wait(5)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
        asking.join(5)
        assert answers[0].json()["name"] == "projects/p/documents/d"
        assert process.returncode == 0
        lines = [json.loads(line) for line in errors.splitlines()]
        assert [line["status"] for line in lines if line["message"] == "request"] == [200, 200]
        trace = next((tmp_path / "traces").glob("gateway-*.jsonl")).read_text()
        assert "GET /v1/{name=projects/*/documents/*}" in trace


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the gateway did not start"
            time.sleep(0.05)
