"""A language model of bytes that says what it is told, and a model server that keeps what it is told."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.serving.domain import (
    AdapterReport,
    AdapterSpec,
    Completion,
    InfluenceFeatures,
    ProbeReport,
    ProbeResult,
    ServerReport,
    declaration_of,
)
from services.serving.runtime.domain import Choice, Sampling
from services.serving.runtime.errors import AdapterNotLoaded

END = 256
VERSION = "projects/p/models/m/versions/{}"


def spec(number: int, **changes: object) -> AdapterSpec:
    values: dict[str, object] = {
        "tenant": "acme",
        "model_version": VERSION.format(number),
        "base": "tiny",
        "base_digest": "sha256:ba5e",
        "adapter_digest": f"d{number}",
        "bundle": f"b{number}",
        "dataset_version": "projects/p/datasets/d/versions/1",
    }
    return AdapterSpec(**(values | changes))  # type: ignore[arg-type]


class ByteTokens:
    """A token is a byte; 256 ends an answer."""

    end_ids = frozenset({END})
    context_length = 200

    def render(self, messages, tools):
        return list("".join(m["content"] for m in messages).encode())

    def encode(self, text):
        return list(text.encode())

    def decode(self, ids):
        return bytes(id_ for id_ in ids if id_ < 256).decode(errors="replace")

    def raw(self, id_):
        return bytes([id_])


class Endless:
    """A cursor that says `a` until it may end."""

    def __init__(self, may_end: threading.Event) -> None:
        self._may_end = may_end

    def next(self) -> Choice:
        time.sleep(0.001)
        return Choice(END if self._may_end.is_set() else 97, -0.5)


class Script:
    """A cursor over given tokens."""

    def __init__(self, ids: Sequence[int], gate: threading.Semaphore | None) -> None:
        self._ids, self._gate = list(ids), gate

    def next(self) -> Choice:
        if self._gate is not None:
            assert self._gate.acquire(timeout=5)
        if not self._ids:
            raise RuntimeError("the model broke")
        return Choice(self._ids.pop(0), -0.5)


@dataclass
class ScriptedModel:
    """Answers `answers[adapter]`. With a gate, each token waits for a permit;
    with `may_end`, every answer goes on until it is set."""

    answers: dict[str, list[int]] = field(default_factory=dict)
    gate: threading.Semaphore | None = None
    may_end: threading.Event | None = None
    base: str = "tiny"
    base_digest: str = "sha256:ba5e"
    dtype: str = "fp32"
    on: set[str] = field(default_factory=set)
    history: list[str] = field(default_factory=list)

    def load(self, digest: str, folder: Path) -> None:
        self.on.add(digest)
        self.history.append(f"load {digest}")

    def unload(self, digest: str) -> None:
        self.on.discard(digest)
        self.history.append(f"unload {digest}")

    def loaded(self) -> frozenset[str]:
        return frozenset(self.on)

    def begin(self, adapter, prompt_ids, sampling: Sampling, forced: Sequence[int]) -> Script | Endless:
        if adapter and adapter not in self.on:
            raise AdapterNotLoaded("gone")
        if self.may_end is not None:
            return Endless(self.may_end)
        return Script([*forced, *self.answers[adapter]], self.gate)

    def score(self, adapter, prompt_ids, ids):
        return [-1.0] * len(ids)


class Folders:
    """Adapter files that are always there."""

    def fetch(self, spec: AdapterSpec) -> Path:
        return Path("/nowhere")


@dataclass
class KeptServer:
    """A model server behind the controller's port. `broken` maps a version to the reason why it can't be loaded."""

    up: bool = True
    declared: tuple[AdapterSpec, ...] | None = None
    broken: dict[str, str] = field(default_factory=dict)
    base_digest: str = "sha256:ba5e"
    declarations: int = 0
    probed: list[AdapterSpec | None] = field(default_factory=list)

    def restart(self) -> None:
        self.declared = None

    def report(self) -> ServerReport:
        from services.serving.errors import ModelServerUnavailable

        if not self.up:
            raise ModelServerUnavailable("down")
        rows = tuple(
            AdapterReport(
                s.tenant,
                s.model_version,
                s.adapter_digest,
                s.model_version not in self.broken,
                self.broken.get(s.model_version, ""),
            )
            for s in self.declared or ()
        )
        declaration = declaration_of(self.declared) if self.declared is not None else ""
        return ServerReport("i", "tiny", self.base_digest, "fp32", declaration, rows)

    def declare(self, specs: Sequence[AdapterSpec]) -> ServerReport:
        self.report()
        self.declarations += 1
        self.declared = tuple(specs)
        return self.report()

    def probe(self, spec, prompts, max_new_tokens) -> ProbeReport:
        self.probed.append(spec)
        results = tuple(ProbeResult(p.id, (1, 2), (3,), (-0.25,), "x") for p in prompts)
        return ProbeReport(results, spec.adapter_digest if spec else "", self.base_digest, "fp32", (END,))

    def influence(self, spec: AdapterSpec, completion: Completion) -> InfluenceFeatures:
        return InfluenceFeatures((1.0, 2.0, 3.0, 4.0), 2, 2, 5.0, 0.5)
