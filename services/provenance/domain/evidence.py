"""Everything that the documents of an audit pack are made from: what events and blobs say, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.provenance.domain.graph import Lineage
from services.provenance.domain.leaf import Datum, Entry
from services.provenance.domain.note import Checkpoint
from services.provenance.domain.snapshot import Item

Json = Mapping[str, Any]
LEAVES = "log/leaves.jsonl"


@dataclass(frozen=True)
class LoggedLeaf:
    """A leaf, its proof in the checkpoint's tree, and what it commits to unless that was erased."""

    entry: Entry
    proof: tuple[bytes, ...]
    datum: Datum | None


@dataclass(frozen=True)
class DatasetEvidence:
    """`examples` are the lines of the training blob by their commitment, where the pack may disclose them."""

    facts: Json
    manifest: bytes
    discards: Mapping[str, int]
    items: tuple[Item, ...] = ()
    lines: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """Facts are events' messages as proto JSON; empty where no event told."""

    pack: str
    name: str
    create_time: str
    version: Json
    lineage: Lineage
    lineage_complete: bool
    leaves: tuple[LoggedLeaf, ...]
    checkpoint: Checkpoint
    dataset: DatasetEvidence | None = None
    gate: Json = field(default_factory=dict)
    job: Json = field(default_factory=dict)
    synthesis: Json = field(default_factory=dict)
    evaluation: bytes = b""
    # Whether the pack may show what the documents say: examples, and questions with their answers.
    discloses: bool = True
    figures: Json = field(default_factory=dict)
    licences: tuple[str, ...] = ()

    def reference(self, type_name: str, subject: str) -> str:
        """Where the pack shows an event about a resource, such as `log/leaves.jsonl#12`; empty where it does not."""
        found = [leaf for leaf in self.leaves if leaf.entry.leaf.type.endswith(f".{type_name}")]
        about = [leaf.entry.index for leaf in found if leaf.entry.leaf.subject == subject]
        return f"{LEAVES}#{about[-1]}" if about else ""

    def references(self, *type_names: str) -> list[str]:
        """Where the pack shows events of these types."""
        kinds = {f".{name}" for name in type_names}
        return [
            f"{LEAVES}#{leaf.entry.index}"
            for leaf in self.leaves
            if f".{leaf.entry.leaf.type.rsplit('.', 1)[-1]}" in kinds
        ]
