"""The services over gRPC: one channel each, opened at the first call."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import grpc
import grpc.aio
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.trace import SpanKind

from gateway.errors import CallRefused, Refusal
from gateway.transcoding.surface import Method
from services.chassis import auth, rpc, telemetry

log = logging.getLogger(__name__)
HEALTH_SECONDS = 2.0
# A service that was away is found again within half a second, not after gRPC's usual two minutes.
CHANNEL_OPTIONS = [*rpc.OPTIONS, ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]
_DETAILS = "grpc-status-details-bin"


class GrpcServices:
    def __init__(self, addresses: Mapping[str, str], key: str, call_seconds: float, stream_seconds: float) -> None:
        self._addresses, self._key = addresses, key
        self._call_seconds, self._stream_seconds = call_seconds, stream_seconds
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def call(self, method: Method, request: Message, caller: auth.Caller) -> Message:
        invoke = self._channel(method.service).unary_unary(
            method.rpc_path, _serialize, method.response_class().FromString
        )
        with telemetry.span(method.rpc_path[1:], kind=SpanKind.CLIENT, rpc__system="grpc"):
            try:
                response: Message = await invoke(request, timeout=self._call_seconds, metadata=self._metadata(caller))
            except grpc.aio.AioRpcError as error:
                raise CallRefused(refusal_of_call(method, error)) from error
            return response

    async def stream(self, method: Method, request: Message, caller: auth.Caller) -> AsyncIterator[Message]:
        invoke = self._channel(method.service).unary_stream(
            method.rpc_path, _serialize, method.response_class().FromString
        )
        with telemetry.span(method.rpc_path[1:], kind=SpanKind.CLIENT, rpc__system="grpc"):
            call = invoke(request, timeout=self._stream_seconds, metadata=self._metadata(caller))
            messages = _messages(method, call)
            # The first message is waited for, so that a refusal still has an HTTP status of its own.
            try:
                first = [await anext(messages)]
            except StopAsyncIteration:
                first = []
        return _chained(first, messages)

    async def health(self) -> Mapping[str, str]:
        names = sorted(self._addresses)
        states = await asyncio.gather(*(self._state(name) for name in names))
        return dict(zip(names, states, strict=True))

    async def close(self) -> None:
        await asyncio.gather(*(channel.close(None) for channel in self._channels.values()))

    async def _state(self, service: str) -> str:
        check = health_pb2_grpc.HealthStub(self._channel(service)).Check
        try:
            answer = await check(health_pb2.HealthCheckRequest(), timeout=HEALTH_SECONDS)
        except grpc.aio.AioRpcError as error:
            return str(error.code().name)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    def _metadata(self, caller: auth.Caller) -> list[tuple[str, str]]:
        metadata = [(auth.METADATA_KEY, auth.sign(caller, self._key))]
        if parent := telemetry.traceparent():
            metadata.append(("traceparent", parent))
        return metadata

    def _channel(self, service: str) -> grpc.aio.Channel:
        if service not in self._channels:
            address = self._addresses.get(service, "")
            if not address:
                status = grpc.StatusCode.UNAVAILABLE
                refusal = Refusal(
                    status, f"no {service} service is set up here", "SERVICE_UNAVAILABLE", {"service": service}
                )
                raise CallRefused(refusal)
            self._channels[service] = grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
        return self._channels[service]


def _serialize(message: Message) -> bytes:
    return message.SerializeToString()


async def _messages(method: Method, call: Any) -> AsyncIterator[Message]:
    try:
        async for message in call:
            yield message
    except grpc.aio.AioRpcError as error:
        raise CallRefused(refusal_of_call(method, error)) from error
    finally:
        call.cancel()


async def _chained(first: list[Message], rest: AsyncIterator[Message]) -> AsyncIterator[Message]:
    try:
        for message in first:
            yield message
        async for message in rest:
            yield message
    finally:
        await rest.aclose()  # type: ignore[attr-defined]


def refusal_of_call(method: Method, error: grpc.aio.AioRpcError) -> Refusal:
    """What a failed call says to the client: the service's own words, or a sentence where the transport failed."""
    code = error.code()
    trailing = dict(cast(Any, error.trailing_metadata()) or ())
    details = status_pb2.Status.FromString(trailing[_DETAILS]) if _DETAILS in trailing else status_pb2.Status()
    info = error_details_pb2.ErrorInfo()
    if any(detail.Unpack(info) for detail in details.details):
        return Refusal(code, details.message, info.reason, dict(info.metadata), domain=info.domain)
    # A transport's words name addresses, so they go to the log only.
    log.warning("call failed", extra={"method": method.full_name, "status": code.name, "details": error.details()})
    message = f"the {method.service} service did not answer this call ({code.name})"
    return Refusal(code, message, _TRANSPORT_REASONS.get(code, code.name), {"service": method.service})


_TRANSPORT_REASONS = {grpc.StatusCode.UNAVAILABLE: "SERVICE_UNAVAILABLE"}
