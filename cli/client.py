"""A client of the gateway's REST resources."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from cli import state
from cli.errors import UNREACHABLE, CommandError

Json = dict[str, Any]
TIMEOUT_SECONDS = 120.0


class Api:
    """Calls the gateway. Every method raises CommandError with the server's reason."""

    def __init__(self, server: str, token: str, project: str, traceparent: str = "") -> None:
        self.server, self.token, self.project = server.rstrip("/"), token, project
        headers = {"authorization": f"Bearer {token}", "whetstone-project": f"projects/{project}"}
        if traceparent:
            headers["traceparent"] = traceparent
        self._http = httpx.Client(base_url=self.server, headers=headers, timeout=TIMEOUT_SECONDS)

    @property
    def parent(self) -> str:
        return f"projects/{self.project}"

    def get(self, path: str, **query: Any) -> Json:
        return self._send("GET", path, params=query)

    def post(self, path: str, body: Json | None = None, **query: Any) -> Json:
        return self._send("POST", path, json=body or {}, params=query)

    def upload(self, path: Path, licence: str) -> Json:
        """Sends a file as `{parent}/documents:upload`."""
        with path.open("rb") as file:
            fields = {"filename": path.name, "source": path.parent.name, "licence": licence}
            return self._send(
                "POST", f"{self.parent}/documents:upload", data=fields, files={"content": (path.name, file)}
            )

    def all(self, path: str, field: str, **query: Any) -> Iterator[Json]:
        """Every resource of a List method, page by page."""
        token = ""
        while True:
            page = self.get(path, page_size=500, page_token=token, **query)
            yield from page.get(field, [])
            token = page.get("nextPageToken", "")
            if not token:
                return

    def download(self, path: str, target: Path) -> int:
        """Writes an answer's bytes to a file; returns how many."""
        size = 0
        temporary = target.with_name(f".{target.name}.part")
        with self._stream("GET", path) as answer, temporary.open("wb") as file:
            for part in answer.iter_bytes():
                size += file.write(part)
        temporary.replace(target)
        return size

    def lines(self, path: str) -> Iterator[Json]:
        """The objects of a streaming method."""
        # A job may be silent for long; the server ends the stream, or the connection breaks.
        with self._stream("GET", path, timeout=httpx.Timeout(TIMEOUT_SECONDS, read=None)) as answer:
            yield from (json.loads(line) for line in answer.iter_lines() if line.strip())

    def chat(self, body: Json) -> tuple[Json, httpx.Headers]:
        """One unstreamed chat completion and its headers."""
        answer = self._request("POST", "chat/completions", json=body)
        return answer.json(), answer.headers

    def chat_stream(self, body: Json) -> Iterator[tuple[str, httpx.Headers]]:
        """Pieces of text of a streamed chat completion."""
        with self._stream("POST", "chat/completions", json=body | {"stream": True}) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    for choice in json.loads(line[6:])["choices"]:
                        yield choice["delta"].get("content") or "", answer.headers

    def _send(self, method: str, path: str, **given: Any) -> Json:
        return self._request(method, path, **given).json()  # type: ignore[no-any-return]

    def _request(self, method: str, path: str, **given: Any) -> httpx.Response:
        with self._stream(method, path, **given) as answer:
            answer.read()
            return answer

    def _stream(self, method: str, path: str, **given: Any) -> "_Checked":
        return _Checked(self._http.stream(method, f"/v1/{path}", **given), self.server)


class _Checked:
    """A response whose errors are raised with the server's reason."""

    def __init__(self, stream: Any, server: str) -> None:
        self._stream, self._server = stream, server

    def __enter__(self) -> httpx.Response:
        try:
            answer: httpx.Response = self._stream.__enter__()
        except httpx.TransportError as error:
            raise CommandError(
                UNREACHABLE, f"{self._server} does not answer ({error}); is `whet dev` running?"
            ) from error
        if answer.is_error:
            answer.read()
            self._stream.__exit__(None, None, None)
            raise _error(answer)
        return answer

    def __exit__(self, *given: Any) -> None:
        self._stream.__exit__(*given)


def _error(answer: httpx.Response) -> CommandError:
    try:
        error = answer.json()["error"]
        details = [d for d in error.get("details", []) if "reason" in d]
        reason = details[0]["reason"] if details else error.get("code") or error.get("status") or "UNKNOWN"
        return CommandError(str(reason), error.get("message", ""), answer.status_code)
    except (ValueError, KeyError, TypeError, AttributeError):
        return CommandError("UNKNOWN", f"HTTP {answer.status_code}: {answer.text[:200]}", answer.status_code)


def connect(server: str, token: str, project: str, state_dir: Path, traceparent: str = "") -> Api:
    """An Api from what the user gave, or from the running `whet dev`. Raises CommandError where neither says enough."""
    running = state.load(state_dir)
    server = server or (running.gateway if running else "")
    token = token or (running.token if running else "")
    if not server or not token:
        raise CommandError(
            "SERVER_UNKNOWN", f"no server: start `whet dev` (looked in {state_dir}) or give --server and --token"
        )
    return Api(server, token, project, traceparent)
