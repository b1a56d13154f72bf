from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StageRequested(_message.Message):
    __slots__ = ("stage", "kind", "parameters", "inputs")
    class ParametersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class InputsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STAGE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    stage: _location_pb2.StageRef
    kind: str
    parameters: _containers.ScalarMap[str, str]
    inputs: _containers.ScalarMap[str, str]
    def __init__(self, stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ..., kind: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ..., inputs: _Optional[_Mapping[str, str]] = ...) -> None: ...

class StageCancelled(_message.Message):
    __slots__ = ("stage", "kind", "reason")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    stage: _location_pb2.StageRef
    kind: str
    reason: str
    def __init__(self, stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ..., kind: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RunFinished(_message.Message):
    __slots__ = ("run", "state", "failure")
    RUN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    run: str
    state: str
    failure: _location_pb2.Failure
    def __init__(self, run: _Optional[str] = ..., state: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ...) -> None: ...
