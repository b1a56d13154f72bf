import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from whetstone.training.v1 import job_pb2 as _job_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TrainingJob(_message.Message):
    __slots__ = ("name", "state", "progress", "failure", "dataset_version", "model", "spec", "recipe", "attempt", "loss", "tokens_per_second", "model_version", "log_tail", "create_time", "update_time", "losses", "flops", "cpu_seconds")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[TrainingJob.State]
        QUEUED: _ClassVar[TrainingJob.State]
        RUNNING: _ClassVar[TrainingJob.State]
        SUCCEEDED: _ClassVar[TrainingJob.State]
        FAILED: _ClassVar[TrainingJob.State]
        CANCELLED: _ClassVar[TrainingJob.State]
    STATE_UNSPECIFIED: TrainingJob.State
    QUEUED: TrainingJob.State
    RUNNING: TrainingJob.State
    SUCCEEDED: TrainingJob.State
    FAILED: TrainingJob.State
    CANCELLED: TrainingJob.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    LOG_TAIL_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    FLOPS_FIELD_NUMBER: _ClassVar[int]
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: TrainingJob.State
    progress: _location_pb2.Progress
    failure: _location_pb2.Failure
    dataset_version: str
    model: str
    spec: _job_pb2.JobSpec
    recipe: str
    attempt: int
    loss: float
    tokens_per_second: float
    model_version: str
    log_tail: _containers.RepeatedScalarFieldContainer[str]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    losses: _containers.RepeatedScalarFieldContainer[float]
    flops: float
    cpu_seconds: float
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[TrainingJob.State, str]] = ..., progress: _Optional[_Union[_location_pb2.Progress, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., dataset_version: _Optional[str] = ..., model: _Optional[str] = ..., spec: _Optional[_Union[_job_pb2.JobSpec, _Mapping]] = ..., recipe: _Optional[str] = ..., attempt: _Optional[int] = ..., loss: _Optional[float] = ..., tokens_per_second: _Optional[float] = ..., model_version: _Optional[str] = ..., log_tail: _Optional[_Iterable[str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., losses: _Optional[_Iterable[float]] = ..., flops: _Optional[float] = ..., cpu_seconds: _Optional[float] = ...) -> None: ...

class ModelVersion(_message.Message):
    __slots__ = ("name", "state", "base", "base_digest", "adapter_digest", "bundle", "dataset_version", "dataset_digest", "training_job", "gate", "evaluation", "create_time", "update_time", "etag", "taints", "revoked_because", "influence", "taint_policy")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[ModelVersion.State]
        CANDIDATE: _ClassVar[ModelVersion.State]
        PASSED: _ClassVar[ModelVersion.State]
        REFUSED: _ClassVar[ModelVersion.State]
        PROMOTED: _ClassVar[ModelVersion.State]
        RETIRED: _ClassVar[ModelVersion.State]
        REVOKED: _ClassVar[ModelVersion.State]
    STATE_UNSPECIFIED: ModelVersion.State
    CANDIDATE: ModelVersion.State
    PASSED: ModelVersion.State
    REFUSED: ModelVersion.State
    PROMOTED: ModelVersion.State
    RETIRED: ModelVersion.State
    REVOKED: ModelVersion.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    BASE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    DATASET_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TRAINING_JOB_FIELD_NUMBER: _ClassVar[int]
    GATE_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    TAINTS_FIELD_NUMBER: _ClassVar[int]
    REVOKED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    INFLUENCE_FIELD_NUMBER: _ClassVar[int]
    TAINT_POLICY_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: ModelVersion.State
    base: str
    base_digest: str
    adapter_digest: str
    bundle: _location_pb2.BlobRef
    dataset_version: str
    dataset_digest: str
    training_job: str
    gate: GateReport
    evaluation: _location_pb2.BlobRef
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    taints: _containers.RepeatedScalarFieldContainer[str]
    revoked_because: str
    influence: _location_pb2.BlobRef
    taint_policy: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[ModelVersion.State, str]] = ..., base: _Optional[str] = ..., base_digest: _Optional[str] = ..., adapter_digest: _Optional[str] = ..., bundle: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., dataset_version: _Optional[str] = ..., dataset_digest: _Optional[str] = ..., training_job: _Optional[str] = ..., gate: _Optional[_Union[GateReport, _Mapping]] = ..., evaluation: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., taints: _Optional[_Iterable[str]] = ..., revoked_because: _Optional[str] = ..., influence: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., taint_policy: _Optional[str] = ...) -> None: ...

class GateReport(_message.Message):
    __slots__ = ("verdict", "checks", "time", "policy_digest")
    class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERDICT_UNSPECIFIED: _ClassVar[GateReport.Verdict]
        PASS: _ClassVar[GateReport.Verdict]
        REFUSE: _ClassVar[GateReport.Verdict]
    VERDICT_UNSPECIFIED: GateReport.Verdict
    PASS: GateReport.Verdict
    REFUSE: GateReport.Verdict
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    verdict: GateReport.Verdict
    checks: _containers.RepeatedCompositeFieldContainer[GateCheck]
    time: _timestamp_pb2.Timestamp
    policy_digest: str
    def __init__(self, verdict: _Optional[_Union[GateReport.Verdict, str]] = ..., checks: _Optional[_Iterable[_Union[GateCheck, _Mapping]]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_digest: _Optional[str] = ...) -> None: ...

class GateCheck(_message.Message):
    __slots__ = ("name", "passed", "reason", "explanation", "value", "interval_low", "interval_high", "threshold", "unit")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_LOW_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_HIGH_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    passed: bool
    reason: str
    explanation: str
    value: float
    interval_low: float
    interval_high: float
    threshold: float
    unit: str
    def __init__(self, name: _Optional[str] = ..., passed: _Optional[bool] = ..., reason: _Optional[str] = ..., explanation: _Optional[str] = ..., value: _Optional[float] = ..., interval_low: _Optional[float] = ..., interval_high: _Optional[float] = ..., threshold: _Optional[float] = ..., unit: _Optional[str] = ...) -> None: ...

class CreateTrainingJobRequest(_message.Message):
    __slots__ = ("parent", "training_job", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TRAINING_JOB_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    training_job: TrainingJob
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., training_job: _Optional[_Union[TrainingJob, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetTrainingJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListTrainingJobsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTrainingJobsResponse(_message.Message):
    __slots__ = ("training_jobs", "next_page_token")
    TRAINING_JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    training_jobs: _containers.RepeatedCompositeFieldContainer[TrainingJob]
    next_page_token: str
    def __init__(self, training_jobs: _Optional[_Iterable[_Union[TrainingJob, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelTrainingJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class WatchTrainingJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetModelVersionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetEvaluationReportRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class EvaluationReport(_message.Message):
    __slots__ = ("name", "report")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    name: str
    report: _struct_pb2.Struct
    def __init__(self, name: _Optional[str] = ..., report: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ListModelVersionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListModelVersionsResponse(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[ModelVersion]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[ModelVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ImportModelVersionRequest(_message.Message):
    __slots__ = ("parent", "bundle", "dataset_version", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    bundle: _location_pb2.BlobRef
    dataset_version: str
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., bundle: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., dataset_version: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class GateModelVersionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class PromoteModelVersionRequest(_message.Message):
    __slots__ = ("name", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RevokeModelVersionRequest(_message.Message):
    __slots__ = ("name", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RollBackModelRequest(_message.Message):
    __slots__ = ("name", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
