import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AgentRun(_message.Message):
    __slots__ = ("name", "state", "task", "model", "plan", "inputs", "steps", "report", "citations", "failure", "create_time", "update_time", "pending_tool_call", "caller")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[AgentRun.State]
        QUEUED: _ClassVar[AgentRun.State]
        RUNNING: _ClassVar[AgentRun.State]
        AWAITING_APPROVAL: _ClassVar[AgentRun.State]
        SUCCEEDED: _ClassVar[AgentRun.State]
        FAILED: _ClassVar[AgentRun.State]
        CANCELLED: _ClassVar[AgentRun.State]
    STATE_UNSPECIFIED: AgentRun.State
    QUEUED: AgentRun.State
    RUNNING: AgentRun.State
    AWAITING_APPROVAL: AgentRun.State
    SUCCEEDED: AgentRun.State
    FAILED: AgentRun.State
    CANCELLED: AgentRun.State
    class InputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    CITATIONS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    PENDING_TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: AgentRun.State
    task: str
    model: str
    plan: str
    inputs: _containers.ScalarMap[str, str]
    steps: _containers.RepeatedCompositeFieldContainer[AgentStep]
    report: str
    citations: _containers.RepeatedCompositeFieldContainer[Citation]
    failure: _location_pb2.Failure
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    pending_tool_call: str
    caller: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[AgentRun.State, str]] = ..., task: _Optional[str] = ..., model: _Optional[str] = ..., plan: _Optional[str] = ..., inputs: _Optional[_Mapping[str, str]] = ..., steps: _Optional[_Iterable[_Union[AgentStep, _Mapping]]] = ..., report: _Optional[str] = ..., citations: _Optional[_Iterable[_Union[Citation, _Mapping]]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pending_tool_call: _Optional[str] = ..., caller: _Optional[str] = ...) -> None: ...

class AgentStep(_message.Message):
    __slots__ = ("index", "kind", "title", "decided_by", "completion", "tool_call", "input", "output", "failure", "time")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    index: int
    kind: str
    title: str
    decided_by: str
    completion: str
    tool_call: str
    input: str
    output: str
    failure: _location_pb2.Failure
    time: _timestamp_pb2.Timestamp
    def __init__(self, index: _Optional[int] = ..., kind: _Optional[str] = ..., title: _Optional[str] = ..., decided_by: _Optional[str] = ..., completion: _Optional[str] = ..., tool_call: _Optional[str] = ..., input: _Optional[str] = ..., output: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Citation(_message.Message):
    __slots__ = ("number", "quote", "tool_call", "completion")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    QUOTE_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    number: int
    quote: _location_pb2.Quote
    tool_call: str
    completion: str
    def __init__(self, number: _Optional[int] = ..., quote: _Optional[_Union[_location_pb2.Quote, _Mapping]] = ..., tool_call: _Optional[str] = ..., completion: _Optional[str] = ...) -> None: ...

class CreateAgentRunRequest(_message.Message):
    __slots__ = ("parent", "agent_run", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    agent_run: AgentRun
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., agent_run: _Optional[_Union[AgentRun, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetAgentRunRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListAgentRunsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAgentRunsResponse(_message.Message):
    __slots__ = ("agent_runs", "next_page_token")
    AGENT_RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    agent_runs: _containers.RepeatedCompositeFieldContainer[AgentRun]
    next_page_token: str
    def __init__(self, agent_runs: _Optional[_Iterable[_Union[AgentRun, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelAgentRunRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...
