from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobSpec(_message.Message):
    __slots__ = ("job", "attempt", "base", "dataset", "lora", "optimisation", "seed", "precision", "checkpoint_every", "storage_path", "workers", "ray_address", "evaluation", "influence", "traceparent", "output_dir", "cache_dir", "threads", "evaluate_only", "bundle")
    JOB_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    BASE_FIELD_NUMBER: _ClassVar[int]
    DATASET_FIELD_NUMBER: _ClassVar[int]
    LORA_FIELD_NUMBER: _ClassVar[int]
    OPTIMISATION_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_EVERY_FIELD_NUMBER: _ClassVar[int]
    STORAGE_PATH_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    RAY_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    INFLUENCE_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_DIR_FIELD_NUMBER: _ClassVar[int]
    CACHE_DIR_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    job: str
    attempt: int
    base: Base
    dataset: DatasetFiles
    lora: Lora
    optimisation: Optimisation
    seed: int
    precision: str
    checkpoint_every: int
    storage_path: str
    workers: int
    ray_address: str
    evaluation: Evaluation
    influence: Influence
    traceparent: str
    output_dir: str
    cache_dir: str
    threads: int
    evaluate_only: bool
    bundle: str
    def __init__(self, job: _Optional[str] = ..., attempt: _Optional[int] = ..., base: _Optional[_Union[Base, _Mapping]] = ..., dataset: _Optional[_Union[DatasetFiles, _Mapping]] = ..., lora: _Optional[_Union[Lora, _Mapping]] = ..., optimisation: _Optional[_Union[Optimisation, _Mapping]] = ..., seed: _Optional[int] = ..., precision: _Optional[str] = ..., checkpoint_every: _Optional[int] = ..., storage_path: _Optional[str] = ..., workers: _Optional[int] = ..., ray_address: _Optional[str] = ..., evaluation: _Optional[_Union[Evaluation, _Mapping]] = ..., influence: _Optional[_Union[Influence, _Mapping]] = ..., traceparent: _Optional[str] = ..., output_dir: _Optional[str] = ..., cache_dir: _Optional[str] = ..., threads: _Optional[int] = ..., evaluate_only: _Optional[bool] = ..., bundle: _Optional[str] = ...) -> None: ...

class Base(_message.Message):
    __slots__ = ("id", "digest")
    ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    id: str
    digest: str
    def __init__(self, id: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class DatasetFiles(_message.Message):
    __slots__ = ("version", "digest", "train", "heldout_wordings", "heldout_unseen", "chunks")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_WORDINGS_FIELD_NUMBER: _ClassVar[int]
    HELDOUT_UNSEEN_FIELD_NUMBER: _ClassVar[int]
    CHUNKS_FIELD_NUMBER: _ClassVar[int]
    version: str
    digest: str
    train: str
    heldout_wordings: str
    heldout_unseen: str
    chunks: str
    def __init__(self, version: _Optional[str] = ..., digest: _Optional[str] = ..., train: _Optional[str] = ..., heldout_wordings: _Optional[str] = ..., heldout_unseen: _Optional[str] = ..., chunks: _Optional[str] = ...) -> None: ...

class Lora(_message.Message):
    __slots__ = ("rank", "alpha", "dropout", "targets", "rslora", "init_adapter", "first_layer")
    RANK_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    DROPOUT_FIELD_NUMBER: _ClassVar[int]
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    RSLORA_FIELD_NUMBER: _ClassVar[int]
    INIT_ADAPTER_FIELD_NUMBER: _ClassVar[int]
    FIRST_LAYER_FIELD_NUMBER: _ClassVar[int]
    rank: int
    alpha: float
    dropout: float
    targets: _containers.RepeatedScalarFieldContainer[str]
    rslora: bool
    init_adapter: str
    first_layer: int
    def __init__(self, rank: _Optional[int] = ..., alpha: _Optional[float] = ..., dropout: _Optional[float] = ..., targets: _Optional[_Iterable[str]] = ..., rslora: _Optional[bool] = ..., init_adapter: _Optional[str] = ..., first_layer: _Optional[int] = ...) -> None: ...

class Optimisation(_message.Message):
    __slots__ = ("learning_rate", "epochs", "max_steps", "batch_tokens", "warmup_fraction", "weight_decay", "clip_norm", "stop_loss", "replay")
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    BATCH_TOKENS_FIELD_NUMBER: _ClassVar[int]
    WARMUP_FRACTION_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_DECAY_FIELD_NUMBER: _ClassVar[int]
    CLIP_NORM_FIELD_NUMBER: _ClassVar[int]
    STOP_LOSS_FIELD_NUMBER: _ClassVar[int]
    REPLAY_FIELD_NUMBER: _ClassVar[int]
    learning_rate: float
    epochs: float
    max_steps: int
    batch_tokens: int
    warmup_fraction: float
    weight_decay: float
    clip_norm: float
    stop_loss: float
    replay: int
    def __init__(self, learning_rate: _Optional[float] = ..., epochs: _Optional[float] = ..., max_steps: _Optional[int] = ..., batch_tokens: _Optional[int] = ..., warmup_fraction: _Optional[float] = ..., weight_decay: _Optional[float] = ..., clip_norm: _Optional[float] = ..., stop_loss: _Optional[float] = ..., replay: _Optional[int] = ...) -> None: ...

class Evaluation(_message.Message):
    __slots__ = ("enabled", "max_questions", "max_new_tokens", "retrieved_chunks", "parity_prompts", "systems")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    MAX_QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_NEW_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RETRIEVED_CHUNKS_FIELD_NUMBER: _ClassVar[int]
    PARITY_PROMPTS_FIELD_NUMBER: _ClassVar[int]
    SYSTEMS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    max_questions: int
    max_new_tokens: int
    retrieved_chunks: int
    parity_prompts: int
    systems: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, enabled: _Optional[bool] = ..., max_questions: _Optional[int] = ..., max_new_tokens: _Optional[int] = ..., retrieved_chunks: _Optional[int] = ..., parity_prompts: _Optional[int] = ..., systems: _Optional[_Iterable[str]] = ...) -> None: ...

class Influence(_message.Message):
    __slots__ = ("enabled", "checkpoints", "dimensions")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    checkpoints: int
    dimensions: int
    def __init__(self, enabled: _Optional[bool] = ..., checkpoints: _Optional[int] = ..., dimensions: _Optional[int] = ...) -> None: ...
