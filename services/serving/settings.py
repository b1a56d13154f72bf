"""Settings of the serving controller; each is read from `WHETSTONE_<NAME>`."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    runtime_url: str = "http://127.0.0.1:8090"
    """Base URL of the model server."""
    reconcile_seconds: float = 0.5
    """Longest pause between two looks at the model server, in seconds."""
    reload_seconds: float = 15.0
    """Pause before an adapter that could not be loaded is tried again, in seconds."""
    runtime_timeout_seconds: float = 300.0
    """Longest wait for the model server's answer to a probe or a load, in seconds."""
