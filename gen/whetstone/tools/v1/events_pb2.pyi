from whetstone.tools.v1 import tools_pb2 as _tools_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ToolCallMade(_message.Message):
    __slots__ = ("tool_call", "operation", "caller", "arguments_digest", "result_digest", "state", "agent_run")
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESULT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    tool_call: str
    operation: str
    caller: str
    arguments_digest: str
    result_digest: str
    state: _tools_pb2.ToolCall.State
    agent_run: str
    def __init__(self, tool_call: _Optional[str] = ..., operation: _Optional[str] = ..., caller: _Optional[str] = ..., arguments_digest: _Optional[str] = ..., result_digest: _Optional[str] = ..., state: _Optional[_Union[_tools_pb2.ToolCall.State, str]] = ..., agent_run: _Optional[str] = ...) -> None: ...

class ToolCallRefused(_message.Message):
    __slots__ = ("tool_call", "operation", "caller", "failure", "agent_run")
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    tool_call: str
    operation: str
    caller: str
    failure: _location_pb2.Failure
    agent_run: str
    def __init__(self, tool_call: _Optional[str] = ..., operation: _Optional[str] = ..., caller: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., agent_run: _Optional[str] = ...) -> None: ...

class ToolCallAwaitingApproval(_message.Message):
    __slots__ = ("tool_call", "operation", "caller", "arguments_digest", "agent_run")
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    tool_call: str
    operation: str
    caller: str
    arguments_digest: str
    agent_run: str
    def __init__(self, tool_call: _Optional[str] = ..., operation: _Optional[str] = ..., caller: _Optional[str] = ..., arguments_digest: _Optional[str] = ..., agent_run: _Optional[str] = ...) -> None: ...

class ToolCallDecided(_message.Message):
    __slots__ = ("tool_call", "approval", "agent_run")
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    tool_call: str
    approval: _tools_pb2.Approval
    agent_run: str
    def __init__(self, tool_call: _Optional[str] = ..., approval: _Optional[_Union[_tools_pb2.Approval, _Mapping]] = ..., agent_run: _Optional[str] = ...) -> None: ...
