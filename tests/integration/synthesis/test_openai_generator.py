"""The adapter for OpenAI-compatible endpoints against a small HTTP server."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.chassis.errors import ServiceError
from services.synthesis.adapters.openai import OpenAIGenerator
from services.synthesis.adapters.units import PintUnits
from services.synthesis.domain.assemble import plan
from services.synthesis.domain.job import Parameters
from tests.unit.synthesis.corpora import corpus


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))
        status, content = self.server.answer
        data = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.asked = []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def brief():
    planned = plan(corpus(rows=range(1)), Parameters(wordings=2, unseen_share=0.0), PintUnits())
    return planned.brief(planned.facts[0])


def generator(server, port=None):
    return OpenAIGenerator(f"http://127.0.0.1:{port or server.server_port}/v1", "m1", "k1", timeout=2)


def test_questions_come_back_as_drafts_with_the_documents_answer(endpoint, brief):
    content = '```json\n{"train": ["How strong?", "Load?", "Third?"], "test": ["Breaking at?"]}\n```'
    endpoint.answer = (200, content)
    drafts = generator(endpoint).write(brief)
    assert [(d.question, d.answer, d.heldout) for d in drafts] == [
        ("How strong?", "310 kN", False),
        ("Load?", "310 kN", False),
        ("Breaking at?", "310 kN", True),
    ]
    path, key, body = endpoint.asked[0]
    assert (path, key, body["model"]) == ("/v1/chat/completions", "Bearer k1", "m1")
    assert "mooring lines of LK-7 barges" in body["messages"][1]["content"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((503, ""), "GENERATOR_UNAVAILABLE"),
        ((429, ""), "GENERATOR_UNAVAILABLE"),
        ((401, ""), "GENERATOR_REFUSED"),
        ((200, "I would rather not."), "GENERATOR_UNREADABLE"),
        ((200, '{"train": "one", "test": []}'), "GENERATOR_UNREADABLE"),
        ((200, '{"train": [1], "test": []}'), "GENERATOR_UNREADABLE"),
    ],
)
def test_each_failure_has_its_reason(endpoint, brief, answer, reason):
    endpoint.answer = answer
    with pytest.raises(ServiceError) as error:
        generator(endpoint).write(brief)
    assert error.value.reason == reason


def test_an_endpoint_that_is_not_there_is_unavailable(endpoint, brief):
    with pytest.raises(ServiceError) as error:
        generator(endpoint, port=1).write(brief)
    assert error.value.reason == "GENERATOR_UNAVAILABLE"
