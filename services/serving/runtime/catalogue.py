"""Which names answer with which adapter, per tenant."""

import threading
from collections.abc import Iterable

from services.serving.domain import PLAIN_BASE, AdapterSpec
from services.serving.runtime.domain import Route
from services.serving.runtime.errors import AdapterNotLoaded, ModelAmbiguous, ModelNotFound, ModelVersionStopped


class Catalogue:
    """The declared adapters that are loaded. Replaced as a whole, so that a promotion is one step for every reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._specs: tuple[AdapterSpec, ...] = ()
        self._missing: dict[tuple[str, str], str] = {}

    def replace(self, specs: Iterable[AdapterSpec], missing: dict[tuple[str, str], str]) -> None:
        """`missing` says why a declared version (tenant, name) is not loaded."""
        with self._lock:
            self._specs, self._missing = tuple(specs), dict(missing)

    def specs(self) -> tuple[AdapterSpec, ...]:
        return self._specs

    def missing(self) -> dict[tuple[str, str], str]:
        return self._missing

    def names(self, tenant: str) -> list[str]:
        """What a tenant may ask for: the base, each model with a live version, each version."""
        own = [spec for spec in self._specs if spec.tenant == tenant]
        return [PLAIN_BASE, *sorted(s.model for s in own if s.live), *sorted(s.model_version for s in own)]

    def route(self, tenant: str, name: str, project: str = "") -> Route:
        """Who answers for `name`: `base`, a model, its last segment, or a version (also `model@version`).

        A short name that several projects have means the one of `project`.
        Raises ModelNotFound, ModelAmbiguous, ModelVersionStopped, AdapterNotLoaded.
        """
        if name == PLAIN_BASE:
            return Route()
        with self._lock:
            found = [spec for spec in self._specs if spec.tenant == tenant and _answers(spec, name)]
            reason = next((r for (t, v), r in self._missing.items() if t == tenant and _named(v, name)), "")
        if len({spec.model for spec in found}) > 1:
            found = _of_project(found, project, name)
        if not found and reason:
            raise AdapterNotLoaded(f"{name!r} is not loaded: {reason}", model=name)
        if not found:
            raise ModelNotFound(f"no model is called {name!r}", model=name)
        if found[0].policy == "STOP":
            raise ModelVersionStopped(f"{found[0].model_version} is stopped: {found[0].warning}", model=name)
        return Route(found[0])


def short_version(version: str) -> str:
    """`m@v` of `projects/p/models/m/versions/v`."""
    parts = version.split("/")
    return f"{parts[3]}@{parts[5]}"


def path_name(name: str) -> str:
    """A name without slashes, as it stands in a path of the Open Inference Protocol."""
    return short_version(name) if "/versions/" in name else name.rsplit("/", 1)[-1]


def _named(version: str, name: str) -> bool:
    return name in (version, short_version(version))


def _answers(spec: AdapterSpec, name: str) -> bool:
    return _named(spec.model_version, name) or (spec.live and name in (spec.model, spec.model.rsplit("/", 1)[-1]))


def _of_project(found: list[AdapterSpec], project: str, name: str) -> list[AdapterSpec]:
    own = [spec for spec in found if project and spec.model.startswith(f"{project}/")]
    if not own:
        raise ModelAmbiguous(f"more than one project has a model {name!r}", model=name)
    return own
