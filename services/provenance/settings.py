"""Settings of the provenance service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    log_name: str = "whetstone"
    """First part of every log's origin, such as a host name of the operator; tenant and project follow."""
    signing_key: Path = Path()
    """File of the Ed25519 key (32 bytes, mode 0600); empty means `state_dir`/keys/provenance.ed25519, made at first
    start."""
    checkpoint_seconds: float = 1.0
    """Pause between two looks at whether a log has grown and needs a checkpoint, in seconds."""
    lineage_limit: int = 10_000
    """Most resources in one lineage answer or audit pack."""
    trace_limit: int = 50
    """Most results in one column of a traced answer."""
    trace_indexes: int = 4
    """Dataset versions whose text indexes are kept open at once."""
    provenance_rpc_seconds: float = 120.0
    """How long a call to the serving service may take, in seconds; it runs the model forward and backward."""
    pack_discloses_data: bool = True
    """Whether an audit pack holds the training examples themselves, or commitments to them only."""
    regulation_dates: Mapping[str, str] = field(
        default_factory=lambda: {
            "annex-iii-duties-from": "2027-12-02",
            "logs-kept-months": "6",
            "documentation-kept-years": "10",
        }
    )
    """Dates and terms of the EU AI Act that documents state: `annex-iii-duties-from=2027-12-02,…`."""
