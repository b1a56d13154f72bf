from whetstone.serving.v1 import serving_pb2 as _serving_pb2
from whetstone.type.v1 import location_pb2 as _location_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EndpointReady(_message.Message):
    __slots__ = ("endpoint", "model_version", "stage")
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    endpoint: _serving_pb2.Endpoint
    model_version: str
    stage: _location_pb2.StageRef
    def __init__(self, endpoint: _Optional[_Union[_serving_pb2.Endpoint, _Mapping]] = ..., model_version: _Optional[str] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class EndpointFailed(_message.Message):
    __slots__ = ("endpoint", "model_version", "failure", "stage")
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    endpoint: str
    model_version: str
    failure: _location_pb2.Failure
    stage: _location_pb2.StageRef
    def __init__(self, endpoint: _Optional[str] = ..., model_version: _Optional[str] = ..., failure: _Optional[_Union[_location_pb2.Failure, _Mapping]] = ..., stage: _Optional[_Union[_location_pb2.StageRef, _Mapping]] = ...) -> None: ...

class CompletionServed(_message.Message):
    __slots__ = ("completion", "model_version", "adapter_digest", "dataset_version", "prompt_digest", "answer_digest", "prompt_tokens", "completion_tokens")
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROMPT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ANSWER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    completion: str
    model_version: str
    adapter_digest: str
    dataset_version: str
    prompt_digest: str
    answer_digest: str
    prompt_tokens: int
    completion_tokens: int
    def __init__(self, completion: _Optional[str] = ..., model_version: _Optional[str] = ..., adapter_digest: _Optional[str] = ..., dataset_version: _Optional[str] = ..., prompt_digest: _Optional[str] = ..., answer_digest: _Optional[str] = ..., prompt_tokens: _Optional[int] = ..., completion_tokens: _Optional[int] = ...) -> None: ...
