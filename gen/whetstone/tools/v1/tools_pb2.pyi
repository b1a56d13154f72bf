import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Tool(_message.Message):
    __slots__ = ("name", "display_name", "base_url", "credential_ref", "operations", "openapi_digest", "create_time", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    BASE_URL_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_REF_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    OPENAPI_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    base_url: str
    credential_ref: str
    operations: _containers.RepeatedCompositeFieldContainer[ToolOperation]
    openapi_digest: str
    create_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., base_url: _Optional[str] = ..., credential_ref: _Optional[str] = ..., operations: _Optional[_Iterable[_Union[ToolOperation, _Mapping]]] = ..., openapi_digest: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class ToolOperation(_message.Message):
    __slots__ = ("id", "description", "method", "path", "parameters", "write")
    ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    WRITE_FIELD_NUMBER: _ClassVar[int]
    id: str
    description: str
    method: str
    path: str
    parameters: _struct_pb2.Struct
    write: bool
    def __init__(self, id: _Optional[str] = ..., description: _Optional[str] = ..., method: _Optional[str] = ..., path: _Optional[str] = ..., parameters: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., write: _Optional[bool] = ...) -> None: ...

class ToolCall(_message.Message):
    __slots__ = ("name", "state", "operation", "arguments", "arguments_digest", "caller", "result", "failure", "approval", "create_time", "update_time", "agent_run", "http_status")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[ToolCall.State]
        AWAITING_APPROVAL: _ClassVar[ToolCall.State]
        APPROVED: _ClassVar[ToolCall.State]
        DENIED: _ClassVar[ToolCall.State]
        SUCCEEDED: _ClassVar[ToolCall.State]
        FAILED: _ClassVar[ToolCall.State]
        UNKNOWN: _ClassVar[ToolCall.State]
        EXPIRED: _ClassVar[ToolCall.State]
    STATE_UNSPECIFIED: ToolCall.State
    AWAITING_APPROVAL: ToolCall.State
    APPROVED: ToolCall.State
    DENIED: ToolCall.State
    SUCCEEDED: ToolCall.State
    FAILED: ToolCall.State
    UNKNOWN: ToolCall.State
    EXPIRED: ToolCall.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    HTTP_STATUS_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: ToolCall.State
    operation: str
    arguments: _struct_pb2.Struct
    arguments_digest: str
    caller: str
    result: _struct_pb2.Value
    failure: _location_pb2.Failure
    approval: Approval
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    agent_run: str
    http_status: int
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[ToolCall.State, str]] = ..., operation: _Optional[str] = ..., arguments: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., arguments_digest: _Optional[str] = ..., caller: _Optional[str] = ..., result: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., approval: _Optional[_Union[Approval, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., agent_run: _Optional[str] = ..., http_status: _Optional[int] = ...) -> None: ...

class Approval(_message.Message):
    __slots__ = ("approver", "granted", "reason", "caller", "operation", "arguments_digest", "expire_time", "nonce", "used", "policy_version")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    GRANTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    approver: str
    granted: bool
    reason: str
    caller: str
    operation: str
    arguments_digest: str
    expire_time: _timestamp_pb2.Timestamp
    nonce: str
    used: bool
    policy_version: str
    def __init__(self, approver: _Optional[str] = ..., granted: _Optional[bool] = ..., reason: _Optional[str] = ..., caller: _Optional[str] = ..., operation: _Optional[str] = ..., arguments_digest: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., nonce: _Optional[str] = ..., used: _Optional[bool] = ..., policy_version: _Optional[str] = ...) -> None: ...

class ImportToolRequest(_message.Message):
    __slots__ = ("parent", "tool_id", "openapi", "operations", "base_url", "credential_ref", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TOOL_ID_FIELD_NUMBER: _ClassVar[int]
    OPENAPI_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    BASE_URL_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_REF_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    tool_id: str
    openapi: bytes
    operations: _containers.RepeatedScalarFieldContainer[str]
    base_url: str
    credential_ref: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., tool_id: _Optional[str] = ..., openapi: _Optional[bytes] = ..., operations: _Optional[_Iterable[str]] = ..., base_url: _Optional[str] = ..., credential_ref: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetToolRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListToolsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListToolsResponse(_message.Message):
    __slots__ = ("tools", "next_page_token")
    TOOLS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tools: _containers.RepeatedCompositeFieldContainer[Tool]
    next_page_token: str
    def __init__(self, tools: _Optional[_Iterable[_Union[Tool, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateToolCallRequest(_message.Message):
    __slots__ = ("parent", "tool_call", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    tool_call: ToolCall
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., tool_call: _Optional[_Union[ToolCall, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetToolCallRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListToolCallsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "state", "agent_run")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    state: ToolCall.State
    agent_run: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[ToolCall.State, str]] = ..., agent_run: _Optional[str] = ...) -> None: ...

class ListToolCallsResponse(_message.Message):
    __slots__ = ("tool_calls", "next_page_token")
    TOOL_CALLS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tool_calls: _containers.RepeatedCompositeFieldContainer[ToolCall]
    next_page_token: str
    def __init__(self, tool_calls: _Optional[_Iterable[_Union[ToolCall, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DecideToolCallRequest(_message.Message):
    __slots__ = ("name", "grant", "reason", "arguments_digest", "ttl_seconds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    GRANT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TTL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    grant: bool
    reason: str
    arguments_digest: str
    ttl_seconds: int
    def __init__(self, name: _Optional[str] = ..., grant: _Optional[bool] = ..., reason: _Optional[str] = ..., arguments_digest: _Optional[str] = ..., ttl_seconds: _Optional[int] = ...) -> None: ...

class ExecuteToolCallRequest(_message.Message):
    __slots__ = ("name", "arguments")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    arguments: _struct_pb2.Struct
    def __init__(self, name: _Optional[str] = ..., arguments: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...
