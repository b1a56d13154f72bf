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

class LogEntry(_message.Message):
    __slots__ = ("name", "index", "event_id", "event_type", "source", "subject", "time", "leaf_json", "leaf_hash", "trace_id", "actor")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    LEAF_JSON_FIELD_NUMBER: _ClassVar[int]
    LEAF_HASH_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    name: str
    index: int
    event_id: str
    event_type: str
    source: str
    subject: str
    time: _timestamp_pb2.Timestamp
    leaf_json: str
    leaf_hash: str
    trace_id: str
    actor: str
    def __init__(self, name: _Optional[str] = ..., index: _Optional[int] = ..., event_id: _Optional[str] = ..., event_type: _Optional[str] = ..., source: _Optional[str] = ..., subject: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., leaf_json: _Optional[str] = ..., leaf_hash: _Optional[str] = ..., trace_id: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class Checkpoint(_message.Message):
    __slots__ = ("note", "origin", "size", "root_hash", "time", "verifier_key")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_HASH_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    VERIFIER_KEY_FIELD_NUMBER: _ClassVar[int]
    note: str
    origin: str
    size: int
    root_hash: str
    time: _timestamp_pb2.Timestamp
    verifier_key: str
    def __init__(self, note: _Optional[str] = ..., origin: _Optional[str] = ..., size: _Optional[int] = ..., root_hash: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verifier_key: _Optional[str] = ...) -> None: ...

class InclusionProof(_message.Message):
    __slots__ = ("index", "size", "hashes", "leaf_hash", "root_hash")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    HASHES_FIELD_NUMBER: _ClassVar[int]
    LEAF_HASH_FIELD_NUMBER: _ClassVar[int]
    ROOT_HASH_FIELD_NUMBER: _ClassVar[int]
    index: int
    size: int
    hashes: _containers.RepeatedScalarFieldContainer[str]
    leaf_hash: str
    root_hash: str
    def __init__(self, index: _Optional[int] = ..., size: _Optional[int] = ..., hashes: _Optional[_Iterable[str]] = ..., leaf_hash: _Optional[str] = ..., root_hash: _Optional[str] = ...) -> None: ...

class ConsistencyProof(_message.Message):
    __slots__ = ("first", "second", "hashes")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    HASHES_FIELD_NUMBER: _ClassVar[int]
    first: int
    second: int
    hashes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, first: _Optional[int] = ..., second: _Optional[int] = ..., hashes: _Optional[_Iterable[str]] = ...) -> None: ...

class Lineage(_message.Message):
    __slots__ = ("nodes", "edges")
    class Node(_message.Message):
        __slots__ = ("name", "kind", "label", "digest", "marks")
        NAME_FIELD_NUMBER: _ClassVar[int]
        KIND_FIELD_NUMBER: _ClassVar[int]
        LABEL_FIELD_NUMBER: _ClassVar[int]
        DIGEST_FIELD_NUMBER: _ClassVar[int]
        MARKS_FIELD_NUMBER: _ClassVar[int]
        name: str
        kind: str
        label: str
        digest: str
        marks: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., label: _Optional[str] = ..., digest: _Optional[str] = ..., marks: _Optional[_Iterable[str]] = ...) -> None: ...
    class Edge(_message.Message):
        __slots__ = ("to", "kind")
        FROM_FIELD_NUMBER: _ClassVar[int]
        TO_FIELD_NUMBER: _ClassVar[int]
        KIND_FIELD_NUMBER: _ClassVar[int]
        to: str
        kind: str
        def __init__(self, to: _Optional[str] = ..., kind: _Optional[str] = ..., **kwargs) -> None: ...
    NODES_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[Lineage.Node]
    edges: _containers.RepeatedCompositeFieldContainer[Lineage.Edge]
    def __init__(self, nodes: _Optional[_Iterable[_Union[Lineage.Node, _Mapping]]] = ..., edges: _Optional[_Iterable[_Union[Lineage.Edge, _Mapping]]] = ...) -> None: ...

class CompletionTrace(_message.Message):
    __slots__ = ("completion", "model_version", "dataset_version", "influences", "verbatim", "evidence", "learnt", "fidelity", "seconds")
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    INFLUENCES_FIELD_NUMBER: _ClassVar[int]
    VERBATIM_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    LEARNT_FIELD_NUMBER: _ClassVar[int]
    FIDELITY_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    completion: str
    model_version: str
    dataset_version: str
    influences: _containers.RepeatedCompositeFieldContainer[Influence]
    verbatim: _containers.RepeatedCompositeFieldContainer[Verbatim]
    evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    learnt: float
    fidelity: str
    seconds: float
    def __init__(self, completion: _Optional[str] = ..., model_version: _Optional[str] = ..., dataset_version: _Optional[str] = ..., influences: _Optional[_Iterable[_Union[Influence, _Mapping]]] = ..., verbatim: _Optional[_Iterable[_Union[Verbatim, _Mapping]]] = ..., evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ..., learnt: _Optional[float] = ..., fidelity: _Optional[str] = ..., seconds: _Optional[float] = ...) -> None: ...

class Influence(_message.Message):
    __slots__ = ("example", "score", "prompt", "completion", "sources")
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    example: str
    score: float
    prompt: str
    completion: str
    sources: _containers.RepeatedCompositeFieldContainer[_location_pb2.Quote]
    def __init__(self, example: _Optional[str] = ..., score: _Optional[float] = ..., prompt: _Optional[str] = ..., completion: _Optional[str] = ..., sources: _Optional[_Iterable[_Union[_location_pb2.Quote, _Mapping]]] = ...) -> None: ...

class Verbatim(_message.Message):
    __slots__ = ("text", "example", "tokens", "sources")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    text: str
    example: str
    tokens: int
    sources: _containers.RepeatedCompositeFieldContainer[_location_pb2.Quote]
    def __init__(self, text: _Optional[str] = ..., example: _Optional[str] = ..., tokens: _Optional[int] = ..., sources: _Optional[_Iterable[_Union[_location_pb2.Quote, _Mapping]]] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("score", "source")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    score: float
    source: _location_pb2.Quote
    def __init__(self, score: _Optional[float] = ..., source: _Optional[_Union[_location_pb2.Quote, _Mapping]] = ...) -> None: ...

class AuditPack(_message.Message):
    __slots__ = ("name", "state", "model_version", "archive", "failure", "create_time", "missing")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[AuditPack.State]
        BUILDING: _ClassVar[AuditPack.State]
        READY: _ClassVar[AuditPack.State]
        FAILED: _ClassVar[AuditPack.State]
    STATE_UNSPECIFIED: AuditPack.State
    BUILDING: AuditPack.State
    READY: AuditPack.State
    FAILED: AuditPack.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    ARCHIVE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: AuditPack.State
    model_version: str
    archive: _location_pb2.BlobRef
    failure: _location_pb2.Failure
    create_time: _timestamp_pb2.Timestamp
    missing: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[AuditPack.State, str]] = ..., model_version: _Optional[str] = ..., archive: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., missing: _Optional[_Iterable[str]] = ...) -> None: ...

class ListLogEntriesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "subject")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    subject: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., subject: _Optional[str] = ...) -> None: ...

class ListLogEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LogEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[LogEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetCheckpointRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class EraseLogEntryDataRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetInclusionProofRequest(_message.Message):
    __slots__ = ("name", "size")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    name: str
    size: int
    def __init__(self, name: _Optional[str] = ..., size: _Optional[int] = ...) -> None: ...

class GetConsistencyProofRequest(_message.Message):
    __slots__ = ("parent", "first", "second")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    parent: str
    first: int
    second: int
    def __init__(self, parent: _Optional[str] = ..., first: _Optional[int] = ..., second: _Optional[int] = ...) -> None: ...

class GetLineageRequest(_message.Message):
    __slots__ = ("name", "resource", "direction")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    resource: str
    direction: str
    def __init__(self, name: _Optional[str] = ..., resource: _Optional[str] = ..., direction: _Optional[str] = ...) -> None: ...

class TraceCompletionRequest(_message.Message):
    __slots__ = ("completion", "limit")
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    completion: str
    limit: int
    def __init__(self, completion: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...

class CreateAuditPackRequest(_message.Message):
    __slots__ = ("parent", "audit_pack", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    AUDIT_PACK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    audit_pack: AuditPack
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., audit_pack: _Optional[_Union[AuditPack, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetAuditPackRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListAuditPacksRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAuditPacksResponse(_message.Message):
    __slots__ = ("audit_packs", "next_page_token")
    AUDIT_PACKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    audit_packs: _containers.RepeatedCompositeFieldContainer[AuditPack]
    next_page_token: str
    def __init__(self, audit_packs: _Optional[_Iterable[_Union[AuditPack, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DownloadAuditPackRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class AuditPackPart(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...
