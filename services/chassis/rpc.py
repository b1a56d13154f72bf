"""gRPC servers and channels: one interceptor each for errors, identity and traces.

A servicer raises a ServiceError; the interceptor sends its status with one google.rpc.ErrorInfo and logs the rest.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2, timestamp_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status
from opentelemetry.trace import Span, SpanKind

from services.chassis import auth, telemetry
from services.chassis.errors import Internal, ServiceError, Unavailable, from_status, grpc_status

log = logging.getLogger(__name__)
DOMAIN = "whetstone"
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
]
# Calls from other clusters name the tenant here; who calls is shown by a signature that the handler checks.
TENANT_KEY = "whetstone-tenant"
OUTSIDER = "outsider"
# Health checks and reflection come from the platform and need no identity.
_OPEN = ("/grpc.health.v1.", "/grpc.reflection.")


def status_of(error: ServiceError) -> status_pb2.Status:
    """The status message of an error: code, public message, one ErrorInfo (AIP-193)."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=dict(error.metadata))
    detail = any_pb2.Any()
    detail.Pack(info)
    code = getattr(code_pb2, grpc_status(error).name)
    return status_pb2.Status(code=code, message=error.message, details=[detail])


def error_of(call: grpc.RpcError) -> ServiceError:
    """The error that a remote service sent, in its category and with its reason."""
    code = call.code()  # type: ignore[attr-defined]
    status = rpc_status.from_call(call)  # type: ignore[arg-type]
    info = error_details_pb2.ErrorInfo()
    if status is not None and any(detail.Unpack(info) for detail in status.details):
        return _remote(code, info.reason, status.message, dict(info.metadata))
    # A transport error has no ErrorInfo; its text is for the log.
    return _remote(code, from_status(code).reason, f"{code.name}: {call.details()}", {})  # type: ignore[attr-defined]


def _remote(code: grpc.StatusCode, reason: str, message: str, metadata: dict[str, str]) -> ServiceError:
    base = from_status(code)
    kind = type(f"Remote{base.__name__}", (base,), {"reason": reason})
    return kind(message, **metadata)  # type: ignore[no-any-return]


class Guard(grpc.ServerInterceptor):
    """Wraps each call of a service: identity in, span around, errors out."""

    def __init__(self, service: str, key: str, signed: Sequence[str] = ()) -> None:
        self._service, self._key = service, key
        self._signed = tuple(f"/{name}/" for name in signed)

    def intercept_service(self, continuation: Any, details: grpc.HandlerCallDetails) -> Any:
        handler = continuation(details)
        if handler is None or details.method.startswith(_OPEN):
            return handler
        behaviour = next(
            b for b in (handler.unary_unary, handler.unary_stream, handler.stream_unary, handler.stream_stream) if b
        )
        wrapped = self._within(behaviour, details.method, dict(details.invocation_metadata), handler.response_streaming)
        make = _FACTORIES[handler.request_streaming, handler.response_streaming]
        return make(wrapped, handler.request_deserializer, handler.response_serializer)

    def _within(
        self, behaviour: Callable[..., Any], method: str, metadata: dict[str, Any], streams: bool
    ) -> Callable[..., Any]:
        def single(request: Any, context: grpc.ServicerContext) -> Any:
            with telemetry.span(
                method[1:], metadata.get("traceparent", ""), SpanKind.SERVER, rpc__system="grpc"
            ) as span:
                try:
                    with auth.acting_as(self._identify(method, metadata)):
                        return behaviour(request, context)
                except Exception as error:
                    self._refuse(error, context, span, method)

        def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
            with telemetry.span(
                method[1:], metadata.get("traceparent", ""), SpanKind.SERVER, rpc__system="grpc"
            ) as span:
                try:
                    with auth.acting_as(self._identify(method, metadata)):
                        yield from behaviour(request, context)
                except Exception as error:
                    self._refuse(error, context, span, method)

        return stream if streams else single

    def _identify(self, method: str, metadata: dict[str, Any]) -> auth.Caller:
        if method.startswith(self._signed):
            return auth.Caller(metadata.get(TENANT_KEY, ""), OUTSIDER)
        token = metadata.get(auth.METADATA_KEY, "")
        if not token:
            raise auth.CallerUnknown("the call carries no identity")
        return auth.verify(token, self._key)

    def _refuse(self, error: Exception, context: grpc.ServicerContext, span: Span, method: str) -> NoReturn:
        if not isinstance(error, ServiceError):
            log.exception("call failed", extra={"method": method})
            error = Internal("internal error; the log of the service says more")
        telemetry.mark_failed(span, error.reason)
        context.abort_with_status(rpc_status.to_status(status_of(error)))
        raise AssertionError("abort_with_status always raises")


_FACTORIES = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def server(service: str, key: str, threads: int, signed: Sequence[str] = ()) -> grpc.Server:
    """A server with this module's interceptor. Add servicers, then a port.

    `signed` names gRPC services whose requests carry signatures of their own in place of the caller's token.
    """
    return grpc.server(
        futures.ThreadPoolExecutor(threads, thread_name_prefix="rpc"),
        options=OPTIONS,
        interceptors=[Guard(service, key, signed)],
    )


class _Identity(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,  # type: ignore[misc]
    grpc.StreamUnaryClientInterceptor,
):
    """Sends the caller and the trace along, and raises remote errors in their category."""

    def __init__(self, key: str) -> None:
        self._key = key

    def _details(self, details: Any) -> Any:
        metadata = list(details.metadata or ())
        metadata.append((auth.METADATA_KEY, auth.sign(auth.caller(), self._key)))
        if parent := telemetry.traceparent():
            metadata.append(("traceparent", parent))
        return details._replace(metadata=metadata) if hasattr(details, "_replace") else _Details(details, metadata)

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return self._call(continuation, details, request)

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        return self._call(continuation, details, requests)

    def _call(self, continuation: Any, details: Any, request: Any) -> Any:
        with telemetry.span(details.method[1:], kind=SpanKind.CLIENT, rpc__system="grpc"):
            outcome = continuation(self._details(details), request)
            if isinstance(outcome, grpc.RpcError) and outcome.code() is not grpc.StatusCode.OK:
                raise error_of(outcome)
            return outcome

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        with telemetry.span(details.method[1:], kind=SpanKind.CLIENT, rpc__system="grpc"):
            outcome = continuation(self._details(details), request)
        return _translated(outcome)


def _translated(responses: Any) -> Iterator[Any]:
    try:
        yield from responses
    except grpc.RpcError as error:
        raise error_of(error) from error


class _Details(grpc.ClientCallDetails):  # type: ignore[misc]
    def __init__(self, details: Any, metadata: list[tuple[str, str]]) -> None:
        self.method, self.timeout, self.metadata = details.method, details.timeout, tuple(metadata)
        self.credentials = getattr(details, "credentials", None)
        self.wait_for_ready = getattr(details, "wait_for_ready", None)
        self.compression = getattr(details, "compression", None)


def channel(address: str, key: str) -> grpc.Channel:
    """A channel to a service. Calls carry `auth.caller()`; a failed call raises a ServiceError subclass."""
    if not address:
        raise Unavailable("no address is set for the service that is needed")
    return grpc.intercept_channel(grpc.insecure_channel(address, options=OPTIONS), _Identity(key))


def timestamp(moment: Any) -> timestamp_pb2.Timestamp | None:
    """A datetime with time zone as a protobuf timestamp; None stays None."""
    if moment is None:
        return None
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(moment)
    return stamp
