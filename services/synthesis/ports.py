"""What the synthesis service needs of the outside."""

from collections.abc import Sequence
from typing import Protocol

from services.synthesis.domain.briefs import Brief, Draft
from services.synthesis.domain.corpus import Corpus
from services.synthesis.domain.job import Sources


class Curation(Protocol):
    def export(self, project: str, analysis: str) -> tuple[str, Sources]:
        """The analysis that is exported (the newest where none is named) and its blobs. Raises Unavailable."""
        ...

    def read(self, tenant: str, sources: Sources) -> Corpus:
        """The corpus in the blobs. Raises CorpusUnreadable."""
        ...


class Generator(Protocol):
    """Writes questions and answers on facts."""

    @property
    def version(self) -> str:
        """Name and version; another version means other results."""
        ...

    def write(self, brief: Brief) -> Sequence[Draft]:
        """Drafts for one fact. Raises Unavailable where repeating later may help, else a ServiceError."""
        ...


class Drafts(Protocol):
    """Drafts kept by key, so that a restart does not write them again."""

    def known(self, tenant: str, keys: Sequence[str]) -> dict[str, list[Draft]]: ...

    def keep(self, tenant: str, drafts: dict[str, list[Draft]]) -> None: ...
