"""What the trainer measured of a version, as the person who asks may read it."""

import json
from typing import Any

from services.chassis.blobs import Blobs
from services.training.errors import EvaluationMissing
from services.training.handlers.registry import Registry


class Reports:
    def __init__(self, registry: Registry, blobs: Blobs) -> None:
        self._registry, self._blobs = registry, blobs

    def evaluation(self, tenant: str, version: str) -> dict[str, Any]:
        """Raises EvaluationMissing, or the version's own errors."""
        found = self._registry.get(tenant, version)
        if found.evaluation is None:
            raise EvaluationMissing(f"{version} was not evaluated yet", name=version)
        return dict(json.loads(self._blobs.get(tenant, found.evaluation.sha256)))
