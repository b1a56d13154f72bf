"""Settings of the curation service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    analysis_poll_seconds: float = 0.25
    """Pause between two looks for analyses and builds that are due, in seconds."""
    max_starts: int = 3
    """How often an analysis or a build is started before it counts as failed: one that kills its process ends."""
