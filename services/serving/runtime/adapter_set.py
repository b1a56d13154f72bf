"""The adapters on the server, as the controller declares them: always a whole set, so that a restart heals itself."""

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from services.chassis.errors import ServiceError
from services.serving.domain import AdapterReport, AdapterSpec, ServerReport, declaration_of, plain_digest
from services.serving.runtime.catalogue import Catalogue
from services.serving.runtime.engine import Engine
from services.serving.runtime.errors import AdapterBaseMismatch, AdapterNotLoaded
from services.serving.runtime.ports import AdapterFiles, LanguageModel

log = logging.getLogger(__name__)
T = TypeVar("T")


class AdapterSet:
    """Brings the model to what was declared last. One declaration at a time."""

    def __init__(self, model: LanguageModel, engine: Engine, files: AdapterFiles, catalogue: Catalogue) -> None:
        self._model, self._engine, self._files, self._catalogue = model, engine, files, catalogue
        self._lock = threading.Lock()
        self._instance = uuid.uuid4().hex
        self._declared: tuple[AdapterSpec, ...] | None = None
        self._faults: dict[tuple[str, str], ServiceError] = {}
        self._borrowed: Counter[str] = Counter()

    @property
    def declared(self) -> bool:
        """Whether the controller has said what to serve; all of it that can be loaded then is."""
        return self._declared is not None

    def declare(self, specs: Sequence[AdapterSpec]) -> ServerReport:
        """Loads what is missing, makes the set live in one step, then lets go of the rest.

        An adapter that can't be loaded is in the report with its reason and doesn't hold up the others.
        """
        with self._lock:
            faults = {key: fault for spec in specs if (fault := self._try(spec)) for key in [_key(spec)]}
            good = [spec for spec in specs if _key(spec) not in faults]
            self._catalogue.replace(good, {key: fault.reason for key, fault in faults.items()})
            self._declared, self._faults = tuple(specs), faults
            for digest in self._engine.loaded() - self._needed():
                self._engine.retire(digest)
        return self.report()

    @contextmanager
    def borrowed(self, spec: AdapterSpec) -> Iterator[None]:
        """Has an adapter loaded inside, declared or not.

        Raises AdapterBaseMismatch, AdapterInvalid, Unavailable.
        """
        with self._lock:
            self._ensure(spec)
            self._borrowed[spec.adapter_digest] += 1
        try:
            yield
        finally:
            with self._lock:
                self._borrowed[spec.adapter_digest] -= 1
                if spec.adapter_digest not in self._needed():
                    self._engine.retire(spec.adapter_digest)

    def undisturbed(self, function: Callable[[], T]) -> T:
        """Runs `function` while no adapter comes or goes."""
        with self._lock:
            return function()

    def _needed(self) -> set[str]:
        declared = {spec.adapter_digest for spec in self._declared or () if _key(spec) not in self._faults}
        return declared | {digest for digest, count in self._borrowed.items() if count > 0}

    def _ensure(self, spec: AdapterSpec) -> None:
        base, ours = plain_digest(spec.base_digest), plain_digest(self._model.base_digest)
        if base != ours:
            raise AdapterBaseMismatch(
                f"{spec.model_version} was trained on {spec.base} ({base[:12]}), this server has {ours[:12]}",
                model_version=spec.model_version,
            )
        if spec.adapter_digest not in self._engine.loaded():
            self._engine.load(spec.adapter_digest, self._files.fetch(spec))

    def restore(self) -> None:
        """Loads again what was declared."""
        if self._declared is not None:
            self.declare(self._declared)

    def drop(self, spec: AdapterSpec) -> None:
        """Takes a declared adapter off until the next declaration."""
        with self._lock:
            self._faults[_key(spec)] = AdapterNotLoaded(f"{spec.model_version} was unloaded by hand")
            left = [one for one in self._catalogue.specs() if _key(one) != _key(spec)]
            self._catalogue.replace(left, {key: fault.reason for key, fault in self._faults.items()})
            if spec.adapter_digest not in self._needed():
                self._engine.retire(spec.adapter_digest)

    def report(self) -> ServerReport:
        loaded = self._engine.loaded()
        rows = (self._row(spec, loaded) for spec in self._declared or ())
        return ServerReport(
            instance=self._instance,
            base=self._model.base,
            base_digest=self._model.base_digest,
            dtype=self._model.dtype,
            declaration=declaration_of(self._declared) if self._declared is not None else "",
            adapters=tuple(rows),
        )

    def _try(self, spec: AdapterSpec) -> ServiceError | None:
        try:
            self._ensure(spec)
        except ServiceError as fault:
            log.warning("adapter not loaded", extra={"model_version": spec.model_version, "reason": fault.reason})
            return fault
        return None

    def _row(self, spec: AdapterSpec, loaded: frozenset[str]) -> AdapterReport:
        fault = self._faults.get(_key(spec))
        return AdapterReport(
            tenant=spec.tenant,
            model_version=spec.model_version,
            adapter_digest=spec.adapter_digest,
            loaded=fault is None and spec.adapter_digest in loaded,
            reason=fault.reason if fault else "",
            message=fault.message if fault else "",
        )


def _key(spec: AdapterSpec) -> tuple[str, str]:
    return spec.tenant, spec.model_version
