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

class Federation(_message.Message):
    __slots__ = ("name", "state", "roster", "rounds", "completed_rounds", "minimum_updates", "round_seconds", "base", "training_json", "failure", "create_time", "update_time", "global_adapter", "global_adapter_digest", "method", "rank", "server_rate")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Federation.State]
        OPEN: _ClassVar[Federation.State]
        RUNNING: _ClassVar[Federation.State]
        SUCCEEDED: _ClassVar[Federation.State]
        FAILED: _ClassVar[Federation.State]
        CANCELLED: _ClassVar[Federation.State]
    STATE_UNSPECIFIED: Federation.State
    OPEN: Federation.State
    RUNNING: Federation.State
    SUCCEEDED: Federation.State
    FAILED: Federation.State
    CANCELLED: Federation.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ROSTER_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_ROUNDS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_UPDATES_FIELD_NUMBER: _ClassVar[int]
    ROUND_SECONDS_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    TRAINING_JSON_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    GLOBAL_ADAPTER_FIELD_NUMBER: _ClassVar[int]
    GLOBAL_ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SERVER_RATE_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Federation.State
    roster: _containers.RepeatedCompositeFieldContainer[Member]
    rounds: int
    completed_rounds: int
    minimum_updates: int
    round_seconds: int
    base: str
    training_json: str
    failure: _location_pb2.Failure
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    global_adapter: _location_pb2.BlobRef
    global_adapter_digest: str
    method: str
    rank: int
    server_rate: float
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Federation.State, str]] = ..., roster: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., rounds: _Optional[int] = ..., completed_rounds: _Optional[int] = ..., minimum_updates: _Optional[int] = ..., round_seconds: _Optional[int] = ..., base: _Optional[str] = ..., training_json: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., global_adapter: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., global_adapter_digest: _Optional[str] = ..., method: _Optional[str] = ..., rank: _Optional[int] = ..., server_rate: _Optional[float] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("participant", "public_key", "joined")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    participant: str
    public_key: str
    joined: bool
    def __init__(self, participant: _Optional[str] = ..., public_key: _Optional[str] = ..., joined: _Optional[bool] = ...) -> None: ...

class Round(_message.Message):
    __slots__ = ("name", "state", "index", "updates", "adapter", "adapter_digest", "residual", "deadline", "failure", "create_time", "evaluations")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Round.State]
        OPEN: _ClassVar[Round.State]
        AGGREGATING: _ClassVar[Round.State]
        COMPLETED: _ClassVar[Round.State]
        FAILED: _ClassVar[Round.State]
    STATE_UNSPECIFIED: Round.State
    OPEN: Round.State
    AGGREGATING: Round.State
    COMPLETED: Round.State
    FAILED: Round.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    UPDATES_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EVALUATIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Round.State
    index: int
    updates: _containers.RepeatedCompositeFieldContainer[Update]
    adapter: _location_pb2.BlobRef
    adapter_digest: str
    residual: float
    deadline: _timestamp_pb2.Timestamp
    failure: _location_pb2.Failure
    create_time: _timestamp_pb2.Timestamp
    evaluations: _containers.RepeatedCompositeFieldContainer[RoundEvaluation]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Round.State, str]] = ..., index: _Optional[int] = ..., updates: _Optional[_Iterable[_Union[Update, _Mapping]]] = ..., adapter: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., adapter_digest: _Optional[str] = ..., residual: _Optional[float] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., evaluations: _Optional[_Iterable[_Union[RoundEvaluation, _Mapping]]] = ...) -> None: ...

class Update(_message.Message):
    __slots__ = ("participant", "digest", "examples", "time", "signature")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    participant: str
    digest: str
    examples: int
    time: _timestamp_pb2.Timestamp
    signature: str
    def __init__(self, participant: _Optional[str] = ..., digest: _Optional[str] = ..., examples: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., signature: _Optional[str] = ...) -> None: ...

class RoundEvaluation(_message.Message):
    __slots__ = ("participant", "correct_local", "correct_global", "questions")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    CORRECT_LOCAL_FIELD_NUMBER: _ClassVar[int]
    CORRECT_GLOBAL_FIELD_NUMBER: _ClassVar[int]
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    participant: str
    correct_local: int
    correct_global: int
    questions: int
    def __init__(self, participant: _Optional[str] = ..., correct_local: _Optional[int] = ..., correct_global: _Optional[int] = ..., questions: _Optional[int] = ...) -> None: ...

class JoinFederationRequest(_message.Message):
    __slots__ = ("federation", "participant", "signature")
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    federation: str
    participant: str
    signature: str
    def __init__(self, federation: _Optional[str] = ..., participant: _Optional[str] = ..., signature: _Optional[str] = ...) -> None: ...

class JoinFederationResponse(_message.Message):
    __slots__ = ("federation",)
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    federation: Federation
    def __init__(self, federation: _Optional[_Union[Federation, _Mapping]] = ...) -> None: ...

class AwaitRoundRequest(_message.Message):
    __slots__ = ("federation", "participant", "wait_seconds", "after", "signature")
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    WAIT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    federation: str
    participant: str
    wait_seconds: int
    after: int
    signature: str
    def __init__(self, federation: _Optional[str] = ..., participant: _Optional[str] = ..., wait_seconds: _Optional[int] = ..., after: _Optional[int] = ..., signature: _Optional[str] = ...) -> None: ...

class AwaitRoundResponse(_message.Message):
    __slots__ = ("round", "federation")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    round: Round
    federation: Federation
    def __init__(self, round: _Optional[_Union[Round, _Mapping]] = ..., federation: _Optional[_Union[Federation, _Mapping]] = ...) -> None: ...

class GetRoundAdapterRequest(_message.Message):
    __slots__ = ("round", "participant", "signature")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    round: str
    participant: str
    signature: str
    def __init__(self, round: _Optional[str] = ..., participant: _Optional[str] = ..., signature: _Optional[str] = ...) -> None: ...

class AdapterPart(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...

class SubmitUpdateRequest(_message.Message):
    __slots__ = ("header", "data")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    header: UpdateHeader
    data: bytes
    def __init__(self, header: _Optional[_Union[UpdateHeader, _Mapping]] = ..., data: _Optional[bytes] = ...) -> None: ...

class UpdateHeader(_message.Message):
    __slots__ = ("round", "participant", "digest", "examples", "signature", "size_bytes")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    round: str
    participant: str
    digest: str
    examples: int
    signature: str
    size_bytes: int
    def __init__(self, round: _Optional[str] = ..., participant: _Optional[str] = ..., digest: _Optional[str] = ..., examples: _Optional[int] = ..., signature: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class SubmitUpdateResponse(_message.Message):
    __slots__ = ("update",)
    UPDATE_FIELD_NUMBER: _ClassVar[int]
    update: Update
    def __init__(self, update: _Optional[_Union[Update, _Mapping]] = ...) -> None: ...

class ReportEvaluationRequest(_message.Message):
    __slots__ = ("round", "evaluation", "signature")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    round: str
    evaluation: RoundEvaluation
    signature: str
    def __init__(self, round: _Optional[str] = ..., evaluation: _Optional[_Union[RoundEvaluation, _Mapping]] = ..., signature: _Optional[str] = ...) -> None: ...

class ReportEvaluationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreateFederationRequest(_message.Message):
    __slots__ = ("parent", "federation_id", "federation", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_ID_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    federation_id: str
    federation: Federation
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., federation_id: _Optional[str] = ..., federation: _Optional[_Union[Federation, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetFederationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListFederationsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListFederationsResponse(_message.Message):
    __slots__ = ("federations", "next_page_token")
    FEDERATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    federations: _containers.RepeatedCompositeFieldContainer[Federation]
    next_page_token: str
    def __init__(self, federations: _Optional[_Iterable[_Union[Federation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListRoundsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRoundsResponse(_message.Message):
    __slots__ = ("rounds", "next_page_token")
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rounds: _containers.RepeatedCompositeFieldContainer[Round]
    next_page_token: str
    def __init__(self, rounds: _Optional[_Iterable[_Union[Round, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetRoundRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class CancelFederationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...
