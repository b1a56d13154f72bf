from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SynthesisCompleted(_message.Message):
    __slots__ = ("synthesis_job", "analysis", "examples", "rejects", "accepted", "rejected", "generator", "stage")
    class RejectedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SYNTHESIS_JOB_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    REJECTS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    synthesis_job: str
    analysis: str
    examples: _location_pb2.BlobRef
    rejects: _location_pb2.BlobRef
    accepted: int
    rejected: _containers.ScalarMap[str, int]
    generator: str
    stage: _location_pb2.StageRef
    def __init__(self, synthesis_job: _Optional[str] = ..., analysis: _Optional[str] = ..., examples: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., rejects: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., accepted: _Optional[int] = ..., rejected: _Optional[_Mapping[str, int]] = ..., generator: _Optional[str] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class SynthesisFailed(_message.Message):
    __slots__ = ("synthesis_job", "failure", "stage")
    SYNTHESIS_JOB_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    synthesis_job: str
    failure: _location_pb2.Failure
    stage: _location_pb2.StageRef
    def __init__(self, synthesis_job: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...
