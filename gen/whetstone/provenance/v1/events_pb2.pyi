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
