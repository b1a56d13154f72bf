"""What the controller needs of the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.chassis.store import Resources
from services.serving.domain import (
    AdapterSpec,
    Completion,
    Endpoint,
    InfluenceFeatures,
    ProbePrompt,
    ProbeReport,
    ServedVersion,
    ServerReport,
)


@dataclass(frozen=True)
class Tables:
    """The three kinds of resources that serving keeps."""

    versions: Resources[ServedVersion]
    endpoints: Resources[Endpoint]
    completions: Resources[Completion]


class ModelServer(Protocol):
    """The server that answers users. Every method raises Unavailable while it does not answer."""

    def report(self) -> ServerReport: ...

    def declare(self, specs: Sequence[AdapterSpec]) -> ServerReport:
        """Makes these the whole set; what can't be loaded is in the report with its reason."""
        ...

    def probe(self, spec: AdapterSpec | None, prompts: Sequence[ProbePrompt], max_new_tokens: int) -> ProbeReport:
        """Probes a version, loaded or not, or without one the plain base."""
        ...

    def influence(self, spec: AdapterSpec, completion: Completion) -> InfluenceFeatures: ...


class Registry(Protocol):
    """The model registry."""

    def get(self, version: str) -> ServedVersion:
        """Raises NotFound, Unavailable."""
        ...
