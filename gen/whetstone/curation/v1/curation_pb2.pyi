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

class Analysis(_message.Message):
    __slots__ = ("name", "state", "progress", "failure", "document_count", "chunk_count", "claim_count", "finding_counts", "create_time", "update_time", "claims")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Analysis.State]
        QUEUED: _ClassVar[Analysis.State]
        RUNNING: _ClassVar[Analysis.State]
        SUCCEEDED: _ClassVar[Analysis.State]
        FAILED: _ClassVar[Analysis.State]
        CANCELLED: _ClassVar[Analysis.State]
    STATE_UNSPECIFIED: Analysis.State
    QUEUED: Analysis.State
    RUNNING: Analysis.State
    SUCCEEDED: Analysis.State
    FAILED: Analysis.State
    CANCELLED: Analysis.State
    class FindingCountsEntry(_message.Message):
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
    DOCUMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_COUNT_FIELD_NUMBER: _ClassVar[int]
    FINDING_COUNTS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Analysis.State
    progress: _location_pb2.Progress
    failure: _location_pb2.Failure
    document_count: int
    chunk_count: int
    claim_count: int
    finding_counts: _containers.ScalarMap[str, int]
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    claims: _location_pb2.BlobRef
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Analysis.State, str]] = ..., progress: _Optional[_Union[_location_pb2.Progress, _Mapping]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., document_count: _Optional[int] = ..., chunk_count: _Optional[int] = ..., claim_count: _Optional[int] = ..., finding_counts: _Optional[_Mapping[str, int]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., claims: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("name", "kind", "state", "quotes", "explanation", "suggested_outcome", "outcomes", "confidence", "decision", "history", "etag", "create_time", "update_time", "topic", "claims", "documents")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Finding.Kind]
        CONFLICT: _ClassVar[Finding.Kind]
        SUPERSEDED: _ClassVar[Finding.Kind]
        TERM: _ClassVar[Finding.Kind]
        NEAR_DUPLICATE: _ClassVar[Finding.Kind]
        PERSONAL_DATA: _ClassVar[Finding.Kind]
        INJECTION: _ClassVar[Finding.Kind]
        STALE_REFERENCE: _ClassVar[Finding.Kind]
    KIND_UNSPECIFIED: Finding.Kind
    CONFLICT: Finding.Kind
    SUPERSEDED: Finding.Kind
    TERM: Finding.Kind
    NEAR_DUPLICATE: Finding.Kind
    PERSONAL_DATA: Finding.Kind
    INJECTION: Finding.Kind
    STALE_REFERENCE: Finding.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Finding.State]
        OPEN: _ClassVar[Finding.State]
        SETTLED: _ClassVar[Finding.State]
    STATE_UNSPECIFIED: Finding.State
    OPEN: Finding.State
    SETTLED: Finding.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    QUOTES_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: Finding.Kind
    state: Finding.State
    quotes: _containers.RepeatedCompositeFieldContainer[_location_pb2.Quote]
    explanation: str
    suggested_outcome: str
    outcomes: _containers.RepeatedScalarFieldContainer[str]
    confidence: float
    decision: Decision
    history: _containers.RepeatedCompositeFieldContainer[Decision]
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    topic: str
    claims: _containers.RepeatedScalarFieldContainer[str]
    documents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[Finding.Kind, str]] = ..., state: _Optional[_Union[Finding.State, str]] = ..., quotes: _Optional[_Iterable[_Union[_location_pb2.Quote, _Mapping]]] = ..., explanation: _Optional[str] = ..., suggested_outcome: _Optional[str] = ..., outcomes: _Optional[_Iterable[str]] = ..., confidence: _Optional[float] = ..., decision: _Optional[_Union[Decision, _Mapping]] = ..., history: _Optional[_Iterable[_Union[Decision, _Mapping]]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., topic: _Optional[str] = ..., claims: _Optional[_Iterable[str]] = ..., documents: _Optional[_Iterable[str]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("outcome", "reason", "author", "time", "note")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    outcome: str
    reason: str
    author: str
    time: _timestamp_pb2.Timestamp
    note: str
    def __init__(self, outcome: _Optional[str] = ..., reason: _Optional[str] = ..., author: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("name", "subject", "property", "modality", "quantity", "value_text", "conditions", "quote", "extractor", "confidence", "in_force", "retired_because", "negated", "topics")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    VALUE_TEXT_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    QUOTE_FIELD_NUMBER: _ClassVar[int]
    EXTRACTOR_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    RETIRED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    NEGATED_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    name: str
    subject: str
    property: str
    modality: str
    quantity: Quantity
    value_text: str
    conditions: _containers.RepeatedScalarFieldContainer[str]
    quote: _location_pb2.Quote
    extractor: str
    confidence: float
    in_force: bool
    retired_because: str
    negated: bool
    topics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., subject: _Optional[str] = ..., property: _Optional[str] = ..., modality: _Optional[str] = ..., quantity: _Optional[_Union[Quantity, _Mapping]] = ..., value_text: _Optional[str] = ..., conditions: _Optional[_Iterable[str]] = ..., quote: _Optional[_Union[_location_pb2.Quote, _Mapping]] = ..., extractor: _Optional[str] = ..., confidence: _Optional[float] = ..., in_force: _Optional[bool] = ..., retired_because: _Optional[str] = ..., negated: _Optional[bool] = ..., topics: _Optional[_Iterable[str]] = ...) -> None: ...

class Quantity(_message.Message):
    __slots__ = ("comparator", "low", "high", "unit", "si_low", "si_high", "si_unit", "tolerance", "text")
    class Comparator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        COMPARATOR_UNSPECIFIED: _ClassVar[Quantity.Comparator]
        EQUAL: _ClassVar[Quantity.Comparator]
        AT_LEAST: _ClassVar[Quantity.Comparator]
        AT_MOST: _ClassVar[Quantity.Comparator]
        BETWEEN: _ClassVar[Quantity.Comparator]
        ABOUT: _ClassVar[Quantity.Comparator]
    COMPARATOR_UNSPECIFIED: Quantity.Comparator
    EQUAL: Quantity.Comparator
    AT_LEAST: Quantity.Comparator
    AT_MOST: Quantity.Comparator
    BETWEEN: Quantity.Comparator
    ABOUT: Quantity.Comparator
    COMPARATOR_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    SI_LOW_FIELD_NUMBER: _ClassVar[int]
    SI_HIGH_FIELD_NUMBER: _ClassVar[int]
    SI_UNIT_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    comparator: Quantity.Comparator
    low: float
    high: float
    unit: str
    si_low: float
    si_high: float
    si_unit: str
    tolerance: float
    text: str
    def __init__(self, comparator: _Optional[_Union[Quantity.Comparator, str]] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., unit: _Optional[str] = ..., si_low: _Optional[float] = ..., si_high: _Optional[float] = ..., si_unit: _Optional[str] = ..., tolerance: _Optional[float] = ..., text: _Optional[str] = ...) -> None: ...

class Taxonomy(_message.Message):
    __slots__ = ("name", "topics", "etag", "update_time", "author")
    class Topic(_message.Message):
        __slots__ = ("id", "title", "parent", "terms", "chunk_count")
        ID_FIELD_NUMBER: _ClassVar[int]
        TITLE_FIELD_NUMBER: _ClassVar[int]
        PARENT_FIELD_NUMBER: _ClassVar[int]
        TERMS_FIELD_NUMBER: _ClassVar[int]
        CHUNK_COUNT_FIELD_NUMBER: _ClassVar[int]
        id: str
        title: str
        parent: str
        terms: _containers.RepeatedScalarFieldContainer[str]
        chunk_count: int
        def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., parent: _Optional[str] = ..., terms: _Optional[_Iterable[str]] = ..., chunk_count: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    name: str
    topics: _containers.RepeatedCompositeFieldContainer[Taxonomy.Topic]
    etag: str
    update_time: _timestamp_pb2.Timestamp
    author: str
    def __init__(self, name: _Optional[str] = ..., topics: _Optional[_Iterable[_Union[Taxonomy.Topic, _Mapping]]] = ..., etag: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., author: _Optional[str] = ...) -> None: ...

class Dataset(_message.Message):
    __slots__ = ("name", "display_name", "create_time", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    create_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class DatasetVersion(_message.Message):
    __slots__ = ("name", "state", "digest", "manifest", "train", "heldout_wordings", "heldout_unseen", "chunks", "ledger", "train_count", "heldout_wording_count", "heldout_unseen_count", "chunk_count", "chunks_used", "discards", "failure", "create_time", "synthesis_job", "analysis", "documents", "tainted_because")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[DatasetVersion.State]
        BUILDING: _ClassVar[DatasetVersion.State]
        PUBLISHED: _ClassVar[DatasetVersion.State]
        FAILED: _ClassVar[DatasetVersion.State]
        TAINTED: _ClassVar[DatasetVersion.State]
    STATE_UNSPECIFIED: DatasetVersion.State
    BUILDING: DatasetVersion.State
    PUBLISHED: DatasetVersion.State
    FAILED: DatasetVersion.State
    TAINTED: DatasetVersion.State
    class DiscardsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_WORDINGS_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_UNSEEN_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    TRAIN_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_WORDING_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_UNSEEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHUNK_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_USED_FIELD_NUMBER: _ClassVar[int]
    DISCARDS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SYNTHESIS_JOB_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    TAINTED_BECAUSE_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: DatasetVersion.State
    digest: str
    manifest: _location_pb2.BlobRef
    train: _location_pb2.BlobRef
    heldout_wordings: _location_pb2.BlobRef
    heldout_unseen: _location_pb2.BlobRef
    chunks: _location_pb2.BlobRef
    ledger: _location_pb2.BlobRef
    train_count: int
    heldout_wording_count: int
    heldout_unseen_count: int
    chunk_count: int
    chunks_used: int
    discards: _containers.ScalarMap[str, int]
    failure: _location_pb2.Failure
    create_time: _timestamp_pb2.Timestamp
    synthesis_job: str
    analysis: str
    documents: _containers.RepeatedScalarFieldContainer[str]
    tainted_because: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[DatasetVersion.State, str]] = ..., digest: _Optional[str] = ..., manifest: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., train: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., heldout_wordings: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., heldout_unseen: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., chunks: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., ledger: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., train_count: _Optional[int] = ..., heldout_wording_count: _Optional[int] = ..., heldout_unseen_count: _Optional[int] = ..., chunk_count: _Optional[int] = ..., chunks_used: _Optional[int] = ..., discards: _Optional[_Mapping[str, int]] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., synthesis_job: _Optional[str] = ..., analysis: _Optional[str] = ..., documents: _Optional[_Iterable[str]] = ..., tainted_because: _Optional[str] = ...) -> None: ...

class Example(_message.Message):
    __slots__ = ("name", "kind", "split", "prompt", "completion", "chunks", "claim", "generator", "create_time", "labels")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    split: str
    prompt: str
    completion: str
    chunks: _containers.RepeatedScalarFieldContainer[str]
    claim: str
    generator: str
    create_time: _timestamp_pb2.Timestamp
    labels: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., split: _Optional[str] = ..., prompt: _Optional[str] = ..., completion: _Optional[str] = ..., chunks: _Optional[_Iterable[str]] = ..., claim: _Optional[str] = ..., generator: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., labels: _Optional[_Iterable[str]] = ...) -> None: ...

class LedgerEntry(_message.Message):
    __slots__ = ("chunk", "outcome", "detail", "examples")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    chunk: str
    outcome: str
    detail: str
    examples: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, chunk: _Optional[str] = ..., outcome: _Optional[str] = ..., detail: _Optional[str] = ..., examples: _Optional[_Iterable[str]] = ...) -> None: ...

class CreateAnalysisRequest(_message.Message):
    __slots__ = ("parent", "analysis", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    analysis: Analysis
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., analysis: _Optional[_Union[Analysis, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetAnalysisRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListAnalysesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAnalysesResponse(_message.Message):
    __slots__ = ("analyses", "next_page_token")
    ANALYSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    analyses: _containers.RepeatedCompositeFieldContainer[Analysis]
    next_page_token: str
    def __init__(self, analyses: _Optional[_Iterable[_Union[Analysis, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListFindingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "kind", "state")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    kind: Finding.Kind
    state: Finding.State
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., kind: _Optional[_Union[Finding.Kind, str]] = ..., state: _Optional[_Union[Finding.State, str]] = ...) -> None: ...

class ListFindingsResponse(_message.Message):
    __slots__ = ("findings", "next_page_token")
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    next_page_token: str
    def __init__(self, findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetFindingRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class SettleFindingRequest(_message.Message):
    __slots__ = ("name", "outcome", "reason", "note", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    outcome: str
    reason: str
    note: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., outcome: _Optional[str] = ..., reason: _Optional[str] = ..., note: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class ReopenFindingRequest(_message.Message):
    __slots__ = ("name", "reason", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    reason: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., reason: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class ListClaimsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "in_force_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IN_FORCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    in_force_only: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., in_force_only: _Optional[bool] = ...) -> None: ...

class ListClaimsResponse(_message.Message):
    __slots__ = ("claims", "next_page_token")
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    claims: _containers.RepeatedCompositeFieldContainer[Claim]
    next_page_token: str
    def __init__(self, claims: _Optional[_Iterable[_Union[Claim, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExportCuratedTextRequest(_message.Message):
    __slots__ = ("parent", "analysis")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    analysis: str
    def __init__(self, parent: _Optional[str] = ..., analysis: _Optional[str] = ...) -> None: ...

class ExportCuratedTextResponse(_message.Message):
    __slots__ = ("claims", "chunks", "exclusions", "glossary", "analysis")
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    EXCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    GLOSSARY_FIELD_NUMBER: _ClassVar[int]
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    claims: _location_pb2.BlobRef
    chunks: _location_pb2.BlobRef
    exclusions: _location_pb2.BlobRef
    glossary: _location_pb2.BlobRef
    analysis: str
    def __init__(self, claims: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., chunks: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., exclusions: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., glossary: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., analysis: _Optional[str] = ...) -> None: ...

class GetTaxonomyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class UpdateTaxonomyRequest(_message.Message):
    __slots__ = ("taxonomy",)
    TAXONOMY_FIELD_NUMBER: _ClassVar[int]
    taxonomy: Taxonomy
    def __init__(self, taxonomy: _Optional[_Union[Taxonomy, _Mapping]] = ...) -> None: ...

class CreateDatasetRequest(_message.Message):
    __slots__ = ("parent", "dataset_id", "dataset", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    dataset_id: str
    dataset: Dataset
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., dataset_id: _Optional[str] = ..., dataset: _Optional[_Union[Dataset, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetDatasetRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListDatasetsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatasetsResponse(_message.Message):
    __slots__ = ("datasets", "next_page_token")
    DATASETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    datasets: _containers.RepeatedCompositeFieldContainer[Dataset]
    next_page_token: str
    def __init__(self, datasets: _Optional[_Iterable[_Union[Dataset, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateDatasetVersionRequest(_message.Message):
    __slots__ = ("parent", "version", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    version: DatasetVersion
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., version: _Optional[_Union[DatasetVersion, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetDatasetVersionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListDatasetVersionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDatasetVersionsResponse(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[DatasetVersion]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[DatasetVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListExamplesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "split")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    split: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., split: _Optional[str] = ...) -> None: ...

class ListExamplesResponse(_message.Message):
    __slots__ = ("examples", "next_page_token")
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    examples: _containers.RepeatedCompositeFieldContainer[Example]
    next_page_token: str
    def __init__(self, examples: _Optional[_Iterable[_Union[Example, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListLedgerEntriesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "outcome")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    outcome: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., outcome: _Optional[str] = ...) -> None: ...

class ListLedgerEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LedgerEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[LedgerEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
