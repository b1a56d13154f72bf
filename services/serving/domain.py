"""What is served: versions of models, the adapters behind them, and the answers that they gave."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum

SHA256_PREFIX = "sha256:"
PLAIN_BASE = "base"


class Stand(Enum):
    """What serving does with a version."""

    CANDIDATE = "CANDIDATE"
    """Loaded so that the gate can ask it; answers only who names the version."""
    LIVE = "LIVE"
    """Answers requests for the model."""
    STANDBY = "STANDBY"
    """Was live before; loaded still, so that a rollback is as hot as a promotion."""
    RETIRED = "RETIRED"
    """Unloaded; comes back for a probe or a rollback."""
    REVOKED = "REVOKED"
    """Unloaded for good."""


LOADED_STANDS = (Stand.CANDIDATE, Stand.LIVE, Stand.STANDBY)


class Policy(Enum):
    """What a taint does to a version."""

    NONE = ""
    WARN = "WARN"
    STOP = "STOP"


@dataclass(frozen=True)
class AdapterSpec:
    """One adapter as the controller declares it to the model server; digests are SHA-256 in hexadecimal."""

    tenant: str
    model_version: str
    base: str
    base_digest: str
    adapter_digest: str
    bundle: str
    """SHA-256 of the bundle's tar in the blob store."""
    influence: str = ""
    """SHA-256 of the influence index's tar; empty where there is none."""
    dataset_version: str = ""
    dataset_digest: str = ""
    live: bool = False
    policy: str = ""
    warning: str = ""

    @property
    def model(self) -> str:
        """`projects/p/models/m`"""
        return model_of(self.model_version)


@dataclass(frozen=True)
class AdapterReport:
    """One adapter as the model server has it. `reason` and `message` say why it is not loaded."""

    tenant: str
    model_version: str
    adapter_digest: str
    loaded: bool
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class ServerReport:
    """What a model server says of itself. `declaration` is empty until it was told what to serve."""

    instance: str
    base: str
    base_digest: str
    dtype: str
    declaration: str
    adapters: tuple[AdapterReport, ...] = ()


@dataclass(frozen=True)
class Stage:
    """The part of a pipelines run that waits for a promotion to be live."""

    run: str = ""
    stage: str = ""
    attempt: int = 0


@dataclass(frozen=True)
class ServedVersion:
    """A registered model version and what is to be served of it."""

    name: str
    base: str
    base_digest: str
    adapter_digest: str
    bundle: str
    influence: str = ""
    dataset_version: str = ""
    dataset_digest: str = ""
    stand: Stand = Stand.CANDIDATE
    policy: Policy = Policy.NONE
    warning: str = ""
    announce: bool = False
    """It was promoted, and nobody has heard yet whether it is live."""
    replaces: str = ""
    """The version that was live before; it is live again where this one can't be loaded."""
    stage: Stage = field(default_factory=Stage)
    traceparent: str = ""

    def spec(self, tenant: str) -> AdapterSpec:
        return AdapterSpec(
            tenant=tenant,
            model_version=self.name,
            base=self.base,
            base_digest=self.base_digest,
            adapter_digest=self.adapter_digest,
            bundle=self.bundle,
            influence=self.influence,
            dataset_version=self.dataset_version,
            dataset_digest=self.dataset_digest,
            live=self.stand is Stand.LIVE,
            policy=self.policy.value,
            warning=self.warning,
        )


class EndpointState(Enum):
    STARTING = "STARTING"
    READY = "READY"
    DEGRADED = "DEGRADED"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class EndpointAdapter:
    model_version: str
    adapter_digest: str
    dataset_version: str
    dataset_digest: str
    live: bool
    loaded: bool
    warning: str


@dataclass(frozen=True)
class Endpoint:
    """Where a model is served; one per model."""

    name: str
    state: EndpointState
    url: str = ""
    base: str = ""
    base_digest: str = ""
    message: str = ""
    adapters: tuple[EndpointAdapter, ...] = ()
    update_time: datetime | None = None


@dataclass(frozen=True)
class Completion:
    """An answer that was given, with its content, so that it can be traced."""

    name: str
    model_version: str
    adapter_digest: str
    dataset_version: str
    dataset_digest: str
    base_digest: str
    messages_json: str
    text: str
    tools_json: str
    tool_calls_json: str
    prompt_tokens: int
    completion_tokens: int
    finish_reason: str
    caller: str
    trace_id: str
    create_time: datetime | None = None


@dataclass(frozen=True)
class ProbePrompt:
    """A question of the gate. With `score_ids` these tokens are scored; without, tokens are generated greedily."""

    id: str
    messages_json: str
    tools_json: str = ""
    score_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ProbeResult:
    """`logprobs` are natural logarithms, one for each generated or scored token, the end token included."""

    id: str
    prompt_ids: tuple[int, ...]
    generated_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    text: str


@dataclass(frozen=True)
class ProbeReport:
    results: tuple[ProbeResult, ...]
    adapter_digest: str
    base_digest: str
    dtype: str
    end_token_ids: tuple[int, ...]


@dataclass(frozen=True)
class InfluenceFeatures:
    """`features` is row-major [checkpoints, dimensions]; losses are mean NLL of the answer in nats per token."""

    features: tuple[float, ...]
    checkpoints: int
    dimensions: int
    base_loss: float
    tuned_loss: float


def model_of(version: str) -> str:
    """`projects/p/models/m` of `projects/p/models/m/versions/v`."""
    return version.rsplit("/versions/", 1)[0]


def project_of(name: str) -> str:
    """`projects/p` of any name below it."""
    return "/".join(name.split("/")[:2])


def endpoint_name(model: str) -> str:
    """`projects/p/endpoints/m` of `projects/p/models/m`."""
    return f"{project_of(model)}/endpoints/{model.rsplit('/', 1)[-1]}"


def plain_digest(digest: str) -> str:
    """A SHA-256 without its `sha256:`."""
    return digest.removeprefix(SHA256_PREFIX)


def declaration_of(specs: Iterable[AdapterSpec]) -> str:
    """A hash that two equal declarations share, whatever their order. That of an empty one is not empty."""
    rows = sorted(json.dumps(asdict(spec), sort_keys=True) for spec in specs)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def endpoint_state(adapters: Sequence[EndpointAdapter], answering: bool) -> EndpointState:
    """READY with the live adapter loaded, STARTING while nothing answers yet, DEGRADED when the live one is missing."""
    live = [adapter for adapter in adapters if adapter.live]
    if not live:
        return EndpointState.STOPPED if not adapters else EndpointState.STARTING
    if not answering:
        return EndpointState.DEGRADED
    return EndpointState.READY if live[0].loaded else EndpointState.STARTING
