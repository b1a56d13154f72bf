"""Settings of the federation service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    rpc_threads: int = 64
    """Calls served at once; each participant that waits for a round holds one."""
    max_update_bytes: int = 256 * 1024 * 1024
    """Largest update taken, in bytes."""
