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

class SynthesisJob(_message.Message):
    __slots__ = ("name", "state", "progress", "failure", "analysis", "wordings", "heldout_wordings", "unseen_share", "seed", "accepted", "rejected", "examples", "rejects", "create_time", "update_time", "generator", "tools_json")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[SynthesisJob.State]
        QUEUED: _ClassVar[SynthesisJob.State]
        RUNNING: _ClassVar[SynthesisJob.State]
        SUCCEEDED: _ClassVar[SynthesisJob.State]
        FAILED: _ClassVar[SynthesisJob.State]
        CANCELLED: _ClassVar[SynthesisJob.State]
    STATE_UNSPECIFIED: SynthesisJob.State
    QUEUED: SynthesisJob.State
    RUNNING: SynthesisJob.State
    SUCCEEDED: SynthesisJob.State
    FAILED: SynthesisJob.State
    CANCELLED: SynthesisJob.State
    class RejectedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    WORDINGS_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_WORDINGS_FIELD_NUMBER: _ClassVar[int]
    UNSEEN_SHARE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    REJECTS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    TOOLS_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: SynthesisJob.State
    progress: _location_pb2.Progress
    failure: _location_pb2.Failure
    analysis: str
    wordings: int
    heldout_wordings: int
    unseen_share: float
    seed: int
    accepted: int
    rejected: _containers.ScalarMap[str, int]
    examples: _location_pb2.BlobRef
    rejects: _location_pb2.BlobRef
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    generator: str
    tools_json: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[SynthesisJob.State, str]] = ..., progress: _Optional[_Union[_location_pb2.Progress, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., analysis: _Optional[str] = ..., wordings: _Optional[int] = ..., heldout_wordings: _Optional[int] = ..., unseen_share: _Optional[float] = ..., seed: _Optional[int] = ..., accepted: _Optional[int] = ..., rejected: _Optional[_Mapping[str, int]] = ..., examples: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., rejects: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., generator: _Optional[str] = ..., tools_json: _Optional[str] = ...) -> None: ...

class GeneratedExample(_message.Message):
    __slots__ = ("id", "kind", "split", "prompt", "completion", "claim", "chunks", "accepted", "reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    split: str
    prompt: str
    completion: str
    claim: str
    chunks: _containers.RepeatedScalarFieldContainer[str]
    accepted: bool
    reason: str
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., split: _Optional[str] = ..., prompt: _Optional[str] = ..., completion: _Optional[str] = ..., claim: _Optional[str] = ..., chunks: _Optional[_Iterable[str]] = ..., accepted: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...

class CreateSynthesisJobRequest(_message.Message):
    __slots__ = ("parent", "synthesis_job", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    SYNTHESIS_JOB_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    synthesis_job: SynthesisJob
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., synthesis_job: _Optional[_Union[SynthesisJob, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetSynthesisJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListSynthesisJobsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSynthesisJobsResponse(_message.Message):
    __slots__ = ("synthesis_jobs", "next_page_token")
    SYNTHESIS_JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    synthesis_jobs: _containers.RepeatedCompositeFieldContainer[SynthesisJob]
    next_page_token: str
    def __init__(self, synthesis_jobs: _Optional[_Iterable[_Union[SynthesisJob, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelSynthesisJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListGeneratedExamplesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "rejected_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REJECTED_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    rejected_only: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., rejected_only: _Optional[bool] = ...) -> None: ...

class ListGeneratedExamplesResponse(_message.Message):
    __slots__ = ("examples", "next_page_token")
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    examples: _containers.RepeatedCompositeFieldContainer[GeneratedExample]
    next_page_token: str
    def __init__(self, examples: _Optional[_Iterable[_Union[GeneratedExample, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
