"""The tools service over gRPC."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2

from services.agents.ports import ToolResult
from whetstone.tools.v1 import tools_pb2 as pb
from whetstone.tools.v1 import tools_pb2_grpc


class ToolsService:
    """The port Tools."""

    def __init__(self, channel: grpc.Channel, timeout_seconds: float) -> None:
        self._stub = tools_pb2_grpc.ToolServiceStub(channel)
        self._timeout = timeout_seconds

    def call(
        self, project: str, operation: str, arguments: Mapping[str, Any], agent_run: str, request_id: str
    ) -> ToolResult:
        wanted = pb.ToolCall(operation=operation, arguments=_struct(arguments), agent_run=agent_run)
        request = pb.CreateToolCallRequest(parent=project, tool_call=wanted, request_id=request_id)
        return _result(self._stub.CreateToolCall(request, timeout=self._timeout))

    def get(self, name: str) -> ToolResult:
        return _result(self._stub.GetToolCall(pb.GetToolCallRequest(name=name), timeout=self._timeout))

    def execute(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        request = pb.ExecuteToolCallRequest(name=name, arguments=_struct(arguments))
        return _result(self._stub.ExecuteToolCall(request, timeout=self._timeout))


def _struct(arguments: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(arguments), struct_pb2.Struct())


def _result(call: pb.ToolCall) -> ToolResult:
    return ToolResult(
        name=call.name,
        state=pb.ToolCall.State.Name(call.state),
        result=json_format.MessageToDict(call.result) if call.HasField("result") else None,
        http_status=call.http_status,
        reason=call.failure.reason,
        message=call.failure.message,
        grant_used=call.approval.used,
        decided_by=call.approval.approver,
    )
