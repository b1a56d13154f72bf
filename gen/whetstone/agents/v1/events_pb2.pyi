from whetstone.agents.v1 import agents_pb2 as _agents_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AgentRunFinished(_message.Message):
    __slots__ = ("agent_run", "state", "report_digest", "tool_calls", "completions")
    AGENT_RUN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REPORT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALLS_FIELD_NUMBER: _ClassVar[int]
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    agent_run: str
    state: _agents_pb2.AgentRun.State
    report_digest: str
    tool_calls: _containers.RepeatedScalarFieldContainer[str]
    completions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agent_run: _Optional[str] = ..., state: _Optional[_Union[_agents_pb2.AgentRun.State, str]] = ..., report_digest: _Optional[str] = ..., tool_calls: _Optional[_Iterable[str]] = ..., completions: _Optional[_Iterable[str]] = ...) -> None: ...
