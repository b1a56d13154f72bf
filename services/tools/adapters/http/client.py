"""Makes the requests: one host, one deadline, a limit on the answer, no redirect elsewhere."""

import hashlib
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx
from opentelemetry.trace import SpanKind

from services.chassis import telemetry
from services.tools.adapters.http.credentials import Credential, Credentials
from services.tools.adapters.http.guard import Guard, is_under, normal, same_origin
from services.tools.adapters.http.request import build
from services.tools.domain import CallState, Failure, Operation, Outcome, Tool
from services.tools.errors import ArgumentsInvalid

MAX_REDIRECTS = 3
MAX_SAFE_INTEGER = 2**53
# A protobuf Value is read up to 100 messages deep, about three a level; deeper JSON stays text.
MAX_DEPTH = 28
# What went wrong before the request could reach the other side.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class AnswerTooLarge(Exception):
    """The answer is longer than what is read."""


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str
    encoding: str
    location: str
    body: bytes


class HttpApi:
    """The port OutsideApi."""

    def __init__(self, credentials: Credentials, guard: Guard, timeout: float, max_bytes: int) -> None:
        self._credentials, self._guard = credentials, guard
        self._timeout, self._max_bytes = timeout, max_bytes
        self._tls = httpx.create_ssl_context()

    def check(self, base_url: str, credential_ref: str) -> str:
        self._credentials.check(credential_ref)
        url = normal(base_url)
        self._guard.address(httpx.URL(url))
        return url

    def send(self, tool: Tool, operation: Operation, arguments: Mapping[str, Any]) -> Outcome:
        request = build(tool.base_url, operation, arguments)
        if not is_under(request.url, tool.base_url):
            raise ArgumentsInvalid("the call leads out of the tool's API", path="")
        credential = self._credentials.get(tool.credential_ref, tool.auth)
        if credential:
            credential.put_on(request)
        address = self._guard.address(request.url)
        with telemetry.span(
            f"{operation.method} {operation.id}",
            kind=SpanKind.CLIENT,
            server__address=request.url.host,
            http__request__method=operation.method,
        ) as span:
            outcome = self._outcome(tool, operation, request, address, credential)
            span.set_attribute("http.response.status_code", outcome.http_status)
            if outcome.failure:
                telemetry.mark_failed(span, outcome.failure.reason)
            return outcome

    def _outcome(
        self, tool: Tool, operation: Operation, request: httpx.Request, address: str, credential: Credential | None
    ) -> Outcome:
        try:
            answer = self._follow(tool, operation, request, address)
        except UNSENT as error:
            return Outcome(CallState.FAILED, failure=Failure("UNREACHABLE", _public(error, credential)))
        except AnswerTooLarge:
            return _uncertain(operation, "RESPONSE_TOO_LARGE", f"the answer has more than {self._max_bytes} bytes")
        except httpx.TimeoutException:
            return _uncertain(operation, "TIMEOUT", f"no whole answer within {self._timeout:g} s")
        except httpx.HTTPError as error:
            return _uncertain(operation, "CONNECTION_BROKEN", _public(error, credential))
        return _judge(operation, answer, credential)

    def _follow(self, tool: Tool, operation: Operation, request: httpx.Request, address: str) -> Answer:
        """The answer after redirects within the tool's origin. A write is never repeated elsewhere."""
        end = time.monotonic() + self._timeout
        answer = self._exchange(request, address, end)
        for _ in range(MAX_REDIRECTS):
            if operation.write or not answer.location:
                break
            target = request.url.join(answer.location)
            if not same_origin(target, tool.base_url):
                break
            request = httpx.Request(request.method, target, headers=request.headers)
            answer = self._exchange(request, address, end)
        return answer

    def _exchange(self, request: httpx.Request, address: str, end: float) -> Answer:
        left = end - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("the deadline passed")
        # Connecting to the checked address keeps the name from resolving to another one; TLS still checks the name.
        headers = request.headers.copy()
        headers["Accept-Encoding"] = "identity"
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=headers,
            content=request.read(),
            extensions={"sni_hostname": request.url.host, "timeout": httpx.Timeout(left).as_dict()},
        )
        with httpx.Client(verify=self._tls, trust_env=False, follow_redirects=False) as client:
            response = client.send(pinned, stream=True)
            return Answer(
                response.status_code,
                response.headers.get("Content-Type", "").split(";")[0].strip().lower(),
                response.headers.get("Content-Encoding", "identity").strip().lower(),
                response.headers.get("Location", "") if response.is_redirect else "",
                self._body(response, end),
            )

    def _body(self, response: httpx.Response, end: float) -> bytes:
        # Undecoded: a small compressed answer must not become a large one here.
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > self._max_bytes:
                raise AnswerTooLarge
            if time.monotonic() > end:
                raise httpx.ReadTimeout("the deadline passed")
        return bytes(body)


def _public(error: Exception, credential: Credential | None) -> str:
    message = f"{type(error).__name__}: {error}"
    return credential.redact(message) if credential else message


def _uncertain(operation: Operation, reason: str, message: str) -> Outcome:
    """The request may have arrived: a read failed, of a write nobody knows."""
    state = CallState.UNKNOWN if operation.write else CallState.FAILED
    return Outcome(state, failure=Failure(reason, message))


def _judge(operation: Operation, answer: Answer, credential: Credential | None) -> Outcome:
    result = _result(answer, credential)
    if 200 <= answer.status < 300:
        return Outcome(CallState.SUCCEEDED, answer.status, result)
    if 300 <= answer.status < 400:
        failure = Failure("REDIRECT_REFUSED", f"the server answered {answer.status} and points elsewhere")
    else:
        failure = Failure("HTTP_ERROR", f"the server answered {answer.status}")
    # A write that was redirected or broke inside the server may have had its effect; one that was refused had none.
    is_unknown = operation.write and not 400 <= answer.status < 500
    return Outcome(CallState.UNKNOWN if is_unknown else CallState.FAILED, answer.status, result, failure)


def _result(answer: Answer, credential: Credential | None) -> Any:
    """JSON as it is, text as text, anything else by its digest."""
    if not answer.body:
        return None
    text = _text(answer)
    if text is None:
        digest = hashlib.sha256(answer.body).hexdigest()
        return {"media_type": answer.media_type, "size_bytes": len(answer.body), "sha256": digest}
    if credential:
        text = credential.redact(text)
    try:
        return _exact(json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        return text


def _text(answer: Answer) -> str | None:
    if answer.encoding not in ("", "identity") or b"\x00" in answer.body:
        return None
    try:
        return answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _exact(value: Any, depth: int = 0) -> Any:
    """Numbers that a double can't hold become strings, so that nothing downstream rounds an identifier."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {_sound(key): _exact(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_SAFE_INTEGER:
        return str(value)
    return _sound(value) if isinstance(value, str) else value


def _sound(text: str) -> str:
    """JSON can hold half a surrogate pair, UTF-8 can't."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
