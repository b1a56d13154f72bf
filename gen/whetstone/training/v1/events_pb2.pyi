from whetstone.training.v1 import training_pb2 as _training_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrainingJobStateChanged(_message.Message):
    __slots__ = ("training_job", "state", "attempt", "failure", "model_version", "dataset_version", "stage")
    TRAINING_JOB_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    training_job: str
    state: _training_pb2.TrainingJob.State
    attempt: int
    failure: _location_pb2.Failure
    model_version: str
    dataset_version: str
    stage: _location_pb2.StageRef
    def __init__(self, training_job: _Optional[str] = ..., state: _Optional[_Union[_training_pb2.TrainingJob.State, str]] = ..., attempt: _Optional[int] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., model_version: _Optional[str] = ..., dataset_version: _Optional[str] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class ModelVersionRegistered(_message.Message):
    __slots__ = ("version",)
    VERSION_FIELD_NUMBER: _ClassVar[int]
    version: _training_pb2.ModelVersion
    def __init__(self, version: _Optional[_Union[_training_pb2.ModelVersion, _Mapping]] = ...) -> None: ...

class ModelVersionGated(_message.Message):
    __slots__ = ("version", "report", "stage")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    version: str
    report: _training_pb2.GateReport
    stage: _location_pb2.StageRef
    def __init__(self, version: _Optional[str] = ..., report: _Optional[_Union[_training_pb2.GateReport, _Mapping]] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class ModelVersionPromoted(_message.Message):
    __slots__ = ("version", "replaces", "actor", "stage")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REPLACES_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    version: _training_pb2.ModelVersion
    replaces: str
    actor: str
    stage: _location_pb2.StageRef
    def __init__(self, version: _Optional[_Union[_training_pb2.ModelVersion, _Mapping]] = ..., replaces: _Optional[str] = ..., actor: _Optional[str] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class ModelVersionRevoked(_message.Message):
    __slots__ = ("version", "reason", "actor")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    version: str
    reason: str
    actor: str
    def __init__(self, version: _Optional[str] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class ModelVersionTainted(_message.Message):
    __slots__ = ("version", "document", "reason", "policy")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    version: str
    document: str
    reason: str
    policy: str
    def __init__(self, version: _Optional[str] = ..., document: _Optional[str] = ..., reason: _Optional[str] = ..., policy: _Optional[str] = ...) -> None: ...

class StageRefused(_message.Message):
    __slots__ = ("stage", "failure")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    stage: _location_pb2.StageRef
    failure: _location_pb2.Failure
    def __init__(self, stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ...) -> None: ...
