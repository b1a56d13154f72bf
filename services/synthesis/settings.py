"""Settings of the synthesis service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    generator: str = "rules"
    """Who writes questions and answers: `rules` (built in) or `openai` (an OpenAI-compatible endpoint)."""
    generator_url: str = ""
    """Base URL of that endpoint, such as `http://llm:8000/v1`."""
    generator_model: str = ""
    """Model that the endpoint is asked for."""
    generator_key: str = ""
    """Bearer token for the endpoint; empty sends none."""
    generator_timeout_seconds: float = 60.0
    """Longest wait for one answer of the endpoint, in seconds."""
    synthesis_batch: int = 16
    """Facts whose examples are kept in one transaction."""
    synthesis_poll_seconds: float = 0.25
    """Pause between two looks for a job that is due, in seconds."""
