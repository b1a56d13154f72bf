from whetstone.curation.v1 import curation_pb2 as _curation_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnalysisCompleted(_message.Message):
    __slots__ = ("analysis", "claims", "claim_count", "finding_counts", "open_findings", "stage")
    class FindingCountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    CLAIM_COUNT_FIELD_NUMBER: _ClassVar[int]
    FINDING_COUNTS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FINDINGS_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    analysis: str
    claims: _location_pb2.BlobRef
    claim_count: int
    finding_counts: _containers.ScalarMap[str, int]
    open_findings: int
    stage: _location_pb2.StageRef
    def __init__(self, analysis: _Optional[str] = ..., claims: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., claim_count: _Optional[int] = ..., finding_counts: _Optional[_Mapping[str, int]] = ..., open_findings: _Optional[int] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class AnalysisFailed(_message.Message):
    __slots__ = ("analysis", "failure", "stage")
    ANALYSIS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    analysis: str
    failure: _location_pb2.Failure
    stage: _location_pb2.StageRef
    def __init__(self, analysis: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class FindingRaised(_message.Message):
    __slots__ = ("finding", "kind", "topic", "documents")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    finding: str
    kind: _curation_pb2.Finding.Kind
    topic: str
    documents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, finding: _Optional[str] = ..., kind: _Optional[_Union[_curation_pb2.Finding.Kind, str]] = ..., topic: _Optional[str] = ..., documents: _Optional[_Iterable[str]] = ...) -> None: ...

class FindingSettled(_message.Message):
    __slots__ = ("finding", "kind", "decision", "documents")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    finding: str
    kind: _curation_pb2.Finding.Kind
    decision: _curation_pb2.Decision
    documents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, finding: _Optional[str] = ..., kind: _Optional[_Union[_curation_pb2.Finding.Kind, str]] = ..., decision: _Optional[_Union[_curation_pb2.Decision, _Mapping]] = ..., documents: _Optional[_Iterable[str]] = ...) -> None: ...

class FindingReopened(_message.Message):
    __slots__ = ("finding", "reason", "author")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    finding: str
    reason: str
    author: str
    def __init__(self, finding: _Optional[str] = ..., reason: _Optional[str] = ..., author: _Optional[str] = ...) -> None: ...

class DatasetVersionPublished(_message.Message):
    __slots__ = ("version", "digest", "manifest", "train", "heldout_wordings", "heldout_unseen", "chunks", "ledger", "train_count", "documents", "stage")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_WORDINGS_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_UNSEEN_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    TRAIN_COUNT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    version: str
    digest: str
    manifest: _location_pb2.BlobRef
    train: _location_pb2.BlobRef
    heldout_wordings: _location_pb2.BlobRef
    heldout_unseen: _location_pb2.BlobRef
    chunks: _location_pb2.BlobRef
    ledger: _location_pb2.BlobRef
    train_count: int
    documents: _containers.RepeatedScalarFieldContainer[str]
    stage: _location_pb2.StageRef
    def __init__(self, version: _Optional[str] = ..., digest: _Optional[str] = ..., manifest: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., train: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., heldout_wordings: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., heldout_unseen: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., chunks: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., ledger: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., train_count: _Optional[int] = ..., documents: _Optional[_Iterable[str]] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class DatasetVersionFailed(_message.Message):
    __slots__ = ("version", "failure", "stage")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    version: str
    failure: _location_pb2.Failure
    stage: _location_pb2.StageRef
    def __init__(self, version: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class DatasetVersionTainted(_message.Message):
    __slots__ = ("version", "document", "reason")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    version: str
    document: str
    reason: str
    def __init__(self, version: _Optional[str] = ..., document: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
