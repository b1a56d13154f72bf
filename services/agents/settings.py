"""Settings of the agents service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    agent_model_timeout_seconds: float = 120.0
    """Longest wait for one completion, in seconds."""
    agent_tool_timeout_seconds: float = 60.0
    """Longest wait for the tools service, in seconds."""
    agent_lease_seconds: float = 300.0
    """How long a worker holds a run without finishing a step before another one may take it, in seconds."""
    agent_instance: str = ""
    """This process's name among its replicas; empty means the host name. A process that starts under a name goes on
    with the runs that were worked on under it."""
