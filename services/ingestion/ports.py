"""What the ingestion service needs of the outside."""

from typing import Protocol

from services.ingestion.domain.chunks import Parsed


class Parser(Protocol):
    def parse(self, filename: str, content: bytes) -> Parsed:
        """Reads one file. Raises Rejected, whatever the file does to the one who reads it."""
        ...
