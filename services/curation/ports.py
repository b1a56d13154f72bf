"""What the curation service needs of the outside."""

from typing import Protocol

from services.curation.domain.analyses import Input
from services.curation.domain.passages import Document, Source


class Chunks(Protocol):
    def source(self, tenant: str, document: Document | Input) -> Source:
        """A document with its chunks. Raises ChunksUnreadable, BlobNotFound."""
        ...


class Heard(Protocol):
    def __call__(self, topic: str) -> bool:
        """Whether every event of a topic that is said by now was heard."""
        ...
