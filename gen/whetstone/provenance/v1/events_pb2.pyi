from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class CheckpointSigned(_message.Message):
    __slots__ = ("project", "size", "root_hash")
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_HASH_FIELD_NUMBER: _ClassVar[int]
    project: str
    size: int
    root_hash: str
    def __init__(self, project: _Optional[str] = ..., size: _Optional[int] = ..., root_hash: _Optional[str] = ...) -> None: ...

class SnapshotSealed(_message.Message):
    __slots__ = ("dataset_version", "root_hash", "size", "train_sha256")
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    ROOT_HASH_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    TRAIN_SHA256_FIELD_NUMBER: _ClassVar[int]
    dataset_version: str
    root_hash: str
    size: int
    train_sha256: str
    def __init__(self, dataset_version: _Optional[str] = ..., root_hash: _Optional[str] = ..., size: _Optional[int] = ..., train_sha256: _Optional[str] = ...) -> None: ...
