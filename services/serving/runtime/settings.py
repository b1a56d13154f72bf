"""Settings of the model server; each is read from `WHETSTONE_<NAME>`."""

import os
from dataclasses import dataclass
from pathlib import Path

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class RuntimeSettings(ServiceSettings):
    """What the model server reads."""

    listen: str = "127.0.0.1:8090"
    """Address of the HTTP server."""
    base_model: str = "embedded:smollm2-135m-instruct"
    """`embedded:<name>`, a local folder, or a Hugging Face id."""
    cache_dir: Path = Path.home() / ".cache" / "whetstone"
    """Folder where converted base models are kept."""
    runtime_precision: str = "bf16"
    """`bf16` or `fp32`: the precision of the base's weights."""
    runtime_device: str = "cpu"
    """torch device, such as `cpu` or `cuda:0`."""
    runtime_threads: int = 0
    """CPU threads of torch; 0 leaves the choice to torch."""
    runtime_max_sequences: int = 8
    """Answers generated at once; more wait in line."""
    runtime_queue: int = 64
    """Requests that may wait in line; more are refused with ENGINE_OVERLOADED."""
    runtime_max_tokens: int = 256
    """Length of an answer in tokens where the request sets none."""
    runtime_project: str = "projects/default"
    """Project that completions of the plain base are recorded under, where the request names none."""


def share_cores() -> None:
    """Lets torch's threads sleep where they wait for each other; must run before torch is imported.

    By default they spin: with all cores busy, each of a token's many small operations then waits out a whole time
    slice. Measured on two busy cores: 0.3 tokens/s spinning, 6 asleep.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
