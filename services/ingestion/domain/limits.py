"""What one parse may use."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    seconds: int = 30
    """By the clock, and of processor time."""
    memory_bytes: int = 1536 * MIB
    """Address space."""
    output_bytes: int = 64 * MIB
    pages: int = 2000
    unpacked_bytes: int = 192 * MIB
    """Sum of what an archive says its members unpack to."""
