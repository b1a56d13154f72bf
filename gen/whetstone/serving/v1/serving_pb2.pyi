import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Endpoint(_message.Message):
    __slots__ = ("name", "state", "base", "base_digest", "adapters", "url", "message", "update_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Endpoint.State]
        STARTING: _ClassVar[Endpoint.State]
        READY: _ClassVar[Endpoint.State]
        DEGRADED: _ClassVar[Endpoint.State]
        STOPPED: _ClassVar[Endpoint.State]
    STATE_UNSPECIFIED: Endpoint.State
    STARTING: Endpoint.State
    READY: Endpoint.State
    DEGRADED: Endpoint.State
    STOPPED: Endpoint.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    BASE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ADAPTERS_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: Endpoint.State
    base: str
    base_digest: str
    adapters: _containers.RepeatedCompositeFieldContainer[ServedAdapter]
    url: str
    message: str
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[Endpoint.State, str]] = ..., base: _Optional[str] = ..., base_digest: _Optional[str] = ..., adapters: _Optional[_Iterable[_Union[ServedAdapter, _Mapping]]] = ..., url: _Optional[str] = ..., message: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ServedAdapter(_message.Message):
    __slots__ = ("model_version", "adapter_digest", "dataset_version", "dataset_digest", "live", "loaded", "warning")
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    DATASET_DIGEST_FIELD_NUMBER: _ClassVar[int]
    LIVE_FIELD_NUMBER: _ClassVar[int]
    LOADED_FIELD_NUMBER: _ClassVar[int]
    WARNING_FIELD_NUMBER: _ClassVar[int]
    model_version: str
    adapter_digest: str
    dataset_version: str
    dataset_digest: str
    live: bool
    loaded: bool
    warning: str
    def __init__(self, model_version: _Optional[str] = ..., adapter_digest: _Optional[str] = ..., dataset_version: _Optional[str] = ..., dataset_digest: _Optional[str] = ..., live: _Optional[bool] = ..., loaded: _Optional[bool] = ..., warning: _Optional[str] = ...) -> None: ...

class Completion(_message.Message):
    __slots__ = ("name", "model_version", "adapter_digest", "dataset_version", "base_digest", "messages_json", "text", "tool_calls_json", "prompt_tokens", "completion_tokens", "finish_reason", "create_time", "trace_id", "dataset_digest", "caller", "tools_json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DATASET_VERSION_FIELD_NUMBER: _ClassVar[int]
    BASE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_JSON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALLS_JSON_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    TOOLS_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    model_version: str
    adapter_digest: str
    dataset_version: str
    base_digest: str
    messages_json: str
    text: str
    tool_calls_json: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: str
    create_time: _timestamp_pb2.Timestamp
    trace_id: str
    dataset_digest: str
    caller: str
    tools_json: str
    def __init__(self, name: _Optional[str] = ..., model_version: _Optional[str] = ..., adapter_digest: _Optional[str] = ..., dataset_version: _Optional[str] = ..., base_digest: _Optional[str] = ..., messages_json: _Optional[str] = ..., text: _Optional[str] = ..., tool_calls_json: _Optional[str] = ..., prompt_tokens: _Optional[int] = ..., completion_tokens: _Optional[int] = ..., finish_reason: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., trace_id: _Optional[str] = ..., dataset_digest: _Optional[str] = ..., caller: _Optional[str] = ..., tools_json: _Optional[str] = ...) -> None: ...

class ProbeModelRequest(_message.Message):
    __slots__ = ("model_version", "prompts", "max_new_tokens")
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_FIELD_NUMBER: _ClassVar[int]
    MAX_NEW_TOKENS_FIELD_NUMBER: _ClassVar[int]
    model_version: str
    prompts: _containers.RepeatedCompositeFieldContainer[ProbePrompt]
    max_new_tokens: int
    def __init__(self, model_version: _Optional[str] = ..., prompts: _Optional[_Iterable[_Union[ProbePrompt, _Mapping]]] = ..., max_new_tokens: _Optional[int] = ...) -> None: ...

class ProbePrompt(_message.Message):
    __slots__ = ("id", "messages_json", "tools_json", "score_ids")
    ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_JSON_FIELD_NUMBER: _ClassVar[int]
    TOOLS_JSON_FIELD_NUMBER: _ClassVar[int]
    SCORE_IDS_FIELD_NUMBER: _ClassVar[int]
    id: str
    messages_json: str
    tools_json: str
    score_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, id: _Optional[str] = ..., messages_json: _Optional[str] = ..., tools_json: _Optional[str] = ..., score_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class ProbeModelResponse(_message.Message):
    __slots__ = ("results", "adapter_digest", "base_digest", "dtype", "end_token_ids")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_DIGEST_FIELD_NUMBER: _ClassVar[int]
    BASE_DIGEST_FIELD_NUMBER: _ClassVar[int]
    DTYPE_FIELD_NUMBER: _ClassVar[int]
    END_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ProbeResult]
    adapter_digest: str
    base_digest: str
    dtype: str
    end_token_ids: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, results: _Optional[_Iterable[_Union[ProbeResult, _Mapping]]] = ..., adapter_digest: _Optional[str] = ..., base_digest: _Optional[str] = ..., dtype: _Optional[str] = ..., end_token_ids: _Optional[_Iterable[int]] = ...) -> None: ...

class ProbeResult(_message.Message):
    __slots__ = ("id", "prompt_ids", "generated_ids", "logprobs", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_IDS_FIELD_NUMBER: _ClassVar[int]
    GENERATED_IDS_FIELD_NUMBER: _ClassVar[int]
    LOGPROBS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    prompt_ids: _containers.RepeatedScalarFieldContainer[int]
    generated_ids: _containers.RepeatedScalarFieldContainer[int]
    logprobs: _containers.RepeatedScalarFieldContainer[float]
    text: str
    def __init__(self, id: _Optional[str] = ..., prompt_ids: _Optional[_Iterable[int]] = ..., generated_ids: _Optional[_Iterable[int]] = ..., logprobs: _Optional[_Iterable[float]] = ..., text: _Optional[str] = ...) -> None: ...

class GetEndpointRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListEndpointsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEndpointsResponse(_message.Message):
    __slots__ = ("endpoints", "next_page_token")
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    endpoints: _containers.RepeatedCompositeFieldContainer[Endpoint]
    next_page_token: str
    def __init__(self, endpoints: _Optional[_Iterable[_Union[Endpoint, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RecordCompletionRequest(_message.Message):
    __slots__ = ("parent", "completion_id", "completion")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_ID_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    parent: str
    completion_id: str
    completion: Completion
    def __init__(self, parent: _Optional[str] = ..., completion_id: _Optional[str] = ..., completion: _Optional[_Union[Completion, _Mapping]] = ...) -> None: ...

class GetCompletionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListCompletionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "model_version")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    model_version: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., model_version: _Optional[str] = ...) -> None: ...

class ListCompletionsResponse(_message.Message):
    __slots__ = ("completions", "next_page_token")
    COMPLETIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    completions: _containers.RepeatedCompositeFieldContainer[Completion]
    next_page_token: str
    def __init__(self, completions: _Optional[_Iterable[_Union[Completion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ComputeInfluenceFeaturesRequest(_message.Message):
    __slots__ = ("completion",)
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    completion: str
    def __init__(self, completion: _Optional[str] = ...) -> None: ...

class ComputeInfluenceFeaturesResponse(_message.Message):
    __slots__ = ("features", "checkpoints", "dimensions", "base_loss", "tuned_loss", "model_version")
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    BASE_LOSS_FIELD_NUMBER: _ClassVar[int]
    TUNED_LOSS_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedScalarFieldContainer[float]
    checkpoints: int
    dimensions: int
    base_loss: float
    tuned_loss: float
    model_version: str
    def __init__(self, features: _Optional[_Iterable[float]] = ..., checkpoints: _Optional[int] = ..., dimensions: _Optional[int] = ..., base_loss: _Optional[float] = ..., tuned_loss: _Optional[float] = ..., model_version: _Optional[str] = ...) -> None: ...
