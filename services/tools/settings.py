"""Settings of the tools service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    tool_timeout_seconds: float = 20.0
    """Longest time that one request to an outside API may take as a whole, in seconds."""
    tool_response_bytes: int = 1024 * 1024
    """Largest answer that is read, in bytes."""
    tool_private_hosts: tuple[str, ...] = ()
    """Host names that may resolve to a loopback or private address. Others are refused, so that a tool can't reach
    into the cluster; `whet dev` names 127.0.0.1."""
    tool_credential_prefix: str = "TOOL_"
    """Only environment variables with this prefix can be named by `env:NAME`, so that no tool is given a secret of the
    platform."""
    tool_four_eyes: bool = False
    """Refuse an approval by the caller of the call."""
    tool_max_ttl_seconds: int = 86400
    """Longest time that a grant may hold, in seconds."""
    tool_instance: str = ""
    """This process's name among its replicas; empty means the host name. A process that starts under a name takes the
    calls that were being sent under it as interrupted."""
