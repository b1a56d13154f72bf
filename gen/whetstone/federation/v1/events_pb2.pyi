from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RoundOpened(_message.Message):
    __slots__ = ("round", "index", "participants")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    round: str
    index: int
    participants: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, round: _Optional[str] = ..., index: _Optional[int] = ..., participants: _Optional[_Iterable[str]] = ...) -> None: ...

class UpdateReceived(_message.Message):
    __slots__ = ("round", "participant", "digest", "examples")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    round: str
    participant: str
    digest: str
    examples: int
    def __init__(self, round: _Optional[str] = ..., participant: _Optional[str] = ..., digest: _Optional[str] = ..., examples: _Optional[int] = ...) -> None: ...

class RoundCompleted(_message.Message):
    __slots__ = ("round", "adapter_digest", "adapter", "update_digests", "residual")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    UPDATE_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_FIELD_NUMBER: _ClassVar[int]
    round: str
    adapter_digest: str
    adapter: _location_pb2.BlobRef
    update_digests: _containers.RepeatedScalarFieldContainer[str]
    residual: float
    def __init__(self, round: _Optional[str] = ..., adapter_digest: _Optional[str] = ..., adapter: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., update_digests: _Optional[_Iterable[str]] = ..., residual: _Optional[float] = ...) -> None: ...

class AdapterPublished(_message.Message):
    __slots__ = ("federation", "adapter_digest", "adapter", "base")
    FEDERATION_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    federation: str
    adapter_digest: str
    adapter: _location_pb2.BlobRef
    base: str
    def __init__(self, federation: _Optional[str] = ..., adapter_digest: _Optional[str] = ..., adapter: _Optional[_Union[_location_pb2.BlobRef, _Mapping]] = ..., base: _Optional[str] = ...) -> None: ...
