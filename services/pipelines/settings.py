"""Settings of the pipelines service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    review_poll_seconds: float = 1.0
    """Pause between two looks at whether a waiting run's contradictions are settled, in seconds."""
