from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DocumentIngested(_message.Message):
    __slots__ = ("document", "revision", "filename", "title", "chunks", "text", "original", "chunk_count", "licence", "source")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    CHUNK_COUNT_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    document: str
    revision: str
    filename: str
    title: str
    chunks: _location_pb2.BlobRef
    text: _location_pb2.BlobRef
    original: _location_pb2.BlobRef
    chunk_count: int
    licence: str
    source: str
    def __init__(self, document: _Optional[str] = ..., revision: _Optional[str] = ..., filename: _Optional[str] = ..., title: _Optional[str] = ..., chunks: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., text: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., original: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., chunk_count: _Optional[int] = ..., licence: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class DocumentRejected(_message.Message):
    __slots__ = ("document", "filename", "failure", "original")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    document: str
    filename: str
    failure: _location_pb2.Failure
    original: _location_pb2.BlobRef
    def __init__(self, document: _Optional[str] = ..., filename: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., original: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ...) -> None: ...

class DocumentWithdrawn(_message.Message):
    __slots__ = ("document", "reason", "actor")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    document: str
    reason: str
    actor: str
    def __init__(self, document: _Optional[str] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class IngestCompleted(_message.Message):
    __slots__ = ("stage", "parsed", "rejected")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    PARSED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    stage: _location_pb2.StageRef
    parsed: int
    rejected: int
    def __init__(self, stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ..., parsed: _Optional[int] = ..., rejected: _Optional[int] = ...) -> None: ...
