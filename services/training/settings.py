"""Settings of the training service."""

import os
from dataclasses import dataclass
from pathlib import Path

from services.chassis.settings import ServiceSettings

RECIPES = Path(__file__).resolve().parents[2] / "training" / "recipes"


# What a trainer must not see.
SECRETS = frozenset({"WHETSTONE_INTERNAL_KEY", "WHETSTONE_DATABASE_URL"})


def child_environment() -> dict[str, str]:
    """This process's environment as a trainer may have it."""
    return {name: value for name, value in os.environ.items() if name not in SECRETS}


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    training_base: str = "embedded:smollm2-135m-instruct"
    """Base model of jobs that name none: `embedded:<name>`, a folder, or a Hugging Face id."""
    training_recipe: str = "fact-tuning"
    """Recipe of jobs that name none; empty leaves the trainer's own defaults."""
    training_recipes_dir: Path = RECIPES
    """Folder of recipes, one YAML file each."""
    training_cache_dir: Path = Path.home() / ".cache" / "whetstone"
    """Where base models are kept."""
    training_ray_address: str = ""
    """Address of a Ray cluster; empty trains on this machine."""
    training_threads: int = 0
    """CPU threads of a job; 0 leaves the choice to torch."""
    training_workers: int = 1
    """Ray Train workers of a job; 0 trains in the job's own process, without Ray."""
    training_parallel: int = 1
    """Jobs that run at once."""
    training_deaths: int = 3
    """Times that a job may die without saying why before it fails."""
    training_grace_seconds: float = 20.0
    """How long a cancelled job may take to write its checkpoint, in seconds."""
    training_poll_seconds: float = 0.25
    """Pause between two looks at the jobs, in seconds."""
    min_examples: int = 2
    """Training examples that a dataset version needs."""
    taint_policy: str = "WARN"
    """What serving does with a version whose document was withdrawn: `WARN` or `STOP`."""
    gate_min_questions: int = 10
    """Held-out questions that the gain must be measured on."""
    gate_min_gain: float = 0.4
    """Smallest gain over the plain base on held-out wordings, as a share of questions."""
    gate_max_forgotten: float = 0.15
    """Largest drop of the accuracy on general questions, as a share of questions."""
    gate_max_nll_increase: float = 0.5
    """Largest increase of the loss on general answers, in nats per token."""
    gate_min_tools: float = 0.6
    """Smallest share of right tool calls, where tools were taught."""
    gate_min_no_call: float = 0.8
    """Smallest share of requests without a due call that are answered without one."""
    gate_min_decline: float = 0.5
    """Smallest share of questions without an answer in the documents that are declined."""
    gate_max_logprob: float = 0.25
    """Largest difference of a token's log-probability between trainer and server, in nats."""
    gate_wait_seconds: float = 120.0
    """How long a call for the gate waits for its report, in seconds; the gate goes on after."""
    gate_patience_seconds: float = 600.0
    """How long the gate waits for the model server before it refuses, in seconds."""
