"""Settings of a participant: a firm's side of a federation."""

from dataclasses import dataclass
from pathlib import Path

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    coordinator: str
    """Address of the federation's coordinator. The participant opens every connection itself."""
    federation: str
    """Resource name of the federation at the coordinator."""
    federation_tenant: str
    """The coordinator's tenant that holds the federation."""
    participant: str
    """This firm's id on the roster."""
    key_file: Path
    """The firm's Ed25519 private key, PEM, readable by its owner only."""
    dataset_version: str
    """The firm's own dataset version that it trains on."""
    dataset_tenant: str = "local"
    """The firm's own tenant."""
    cache_dir: Path = Path.home() / ".cache" / "whetstone"
    """Where base models are kept."""
    wait_seconds: int = 30
    """Longest wait in one question for the next round, in seconds."""
    retry_seconds: float = 1.0
    """First pause before a coordinator that does not answer is asked again, in seconds; doubles up to 30."""
    traceparent: str = ""
    """W3C trace context that the participation belongs to."""
    threads: int = 0
    """CPU threads of the local training; 0 leaves the choice to torch."""
