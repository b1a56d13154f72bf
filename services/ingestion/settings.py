"""Settings of the ingestion service."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    parse_slots: int = 2
    """Documents parsed at once."""
    parse_seconds: int = 30
    """Longest parse of one document, in seconds, by the clock and of processor time."""
    parse_memory_mib: int = 1536
    """Address space of the process that parses one document, in MiB."""
    parse_output_mib: int = 64
    """Largest result of one parse, in MiB."""
    parse_pages: int = 2000
    """Most pages of one PDF."""
    parse_poll_seconds: float = 1.0
    """Longest pause between two looks at the parse queue, in seconds; an upload wakes it at once."""
