"""The gRPC face of tools: protobuf to domain and back."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from services.chassis.rpc import timestamp
from services.chassis.store import Page
from services.tools.domain import Call, CallState, Operation, Tool
from services.tools.handlers.calls import Asked, CallHandlers, Decided
from services.tools.handlers.tools import Import, ToolHandlers
from services.tools.messages import to_approval, to_failure
from whetstone.tools.v1 import tools_pb2 as pb
from whetstone.tools.v1 import tools_pb2_grpc

MAX_SAFE_INTEGER = 2**53


class ToolServicer(tools_pb2_grpc.ToolServiceServicer):
    def __init__(self, tools: ToolHandlers, calls: CallHandlers) -> None:
        self._tools, self._calls = tools, calls

    def ImportTool(self, request: pb.ImportToolRequest, context: Any) -> pb.Tool:
        wanted = Import(
            request.parent,
            request.tool_id,
            request.openapi,
            tuple(request.operations),
            request.base_url,
            request.credential_ref,
            request.request_id,
        )
        return to_tool(self._tools.import_tool(wanted))

    def GetTool(self, request: pb.GetToolRequest, context: Any) -> pb.Tool:
        return to_tool(self._tools.get(request.name))

    def ListTools(self, request: pb.ListToolsRequest, context: Any) -> pb.ListToolsResponse:
        tools, token = self._tools.page(request.parent, Page(request.page_size, request.page_token))
        return pb.ListToolsResponse(tools=[to_tool(tool) for tool in tools], next_page_token=token)

    def CreateToolCall(self, request: pb.CreateToolCallRequest, context: Any) -> pb.ToolCall:
        asked = request.tool_call
        arguments = plain_struct(asked.arguments)
        return to_call(
            self._calls.create(Asked(request.parent, asked.operation, arguments, asked.agent_run, request.request_id))
        )

    def GetToolCall(self, request: pb.GetToolCallRequest, context: Any) -> pb.ToolCall:
        return to_call(self._calls.get(request.name))

    def ListToolCalls(self, request: pb.ListToolCallsRequest, context: Any) -> pb.ListToolCallsResponse:
        state = CallState(pb.ToolCall.State.Name(request.state)) if request.state else None
        page = Page(request.page_size, request.page_token)
        calls, token = self._calls.page(request.parent, page, state, request.agent_run)
        return pb.ListToolCallsResponse(tool_calls=[to_call(call) for call in calls], next_page_token=token)

    def DecideToolCall(self, request: pb.DecideToolCallRequest, context: Any) -> pb.ToolCall:
        decided = Decided(request.name, request.grant, request.reason, request.arguments_digest, request.ttl_seconds)
        return to_call(self._calls.decide(decided))

    def ExecuteToolCall(self, request: pb.ExecuteToolCallRequest, context: Any) -> pb.ToolCall:
        return to_call(self._calls.execute(request.name, plain_struct(request.arguments)))


def to_tool(tool: Tool) -> pb.Tool:
    return pb.Tool(
        name=tool.name,
        display_name=tool.display_name,
        base_url=tool.base_url,
        credential_ref=tool.credential_ref,
        operations=[to_operation(operation) for operation in tool.operations],
        openapi_digest=tool.openapi_digest,
        create_time=timestamp(tool.create_time),
        etag=tool.etag,
    )


def to_operation(operation: Operation) -> pb.ToolOperation:
    return pb.ToolOperation(
        id=operation.id,
        description=operation.description,
        method=operation.method,
        path=operation.path,
        parameters=to_struct(operation.parameters),
        write=operation.write,
    )


def to_call(call: Call) -> pb.ToolCall:
    return pb.ToolCall(
        name=call.name,
        state=call.state.value,
        operation=call.operation,
        arguments=to_struct(call.arguments),
        arguments_digest=call.arguments_digest,
        caller=call.caller,
        result=to_value(call.result),
        failure=to_failure(call.failure),
        approval=to_approval(call.approval),
        create_time=timestamp(call.create_time),
        update_time=timestamp(call.update_time),
        agent_run=call.agent_run,
        http_status=call.http_status,
    )


def to_struct(value: Mapping[str, Any]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields={key: to_value(item) for key, item in value.items()})


def to_value(value: Any) -> struct_pb2.Value:
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[to_value(item) for item in value]))
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    return struct_pb2.Value(number_value=value)


def plain_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    return {key: plain(value) for key, value in struct.fields.items()}


def plain(value: struct_pb2.Value) -> Any:
    """The JSON value. Protobuf knows doubles only: whole ones that are exact become integers again."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return plain_struct(value.struct_value)
        case "list_value":
            return [plain(item) for item in value.list_value.values]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
    return None
