"""The lineage graph: resources, what was made from what, and what befell them. An edge goes from source to product."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Direction(StrEnum):
    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    BOTH = "both"


@dataclass(frozen=True)
class Node:
    name: str
    kind: str
    label: str = ""
    digest: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """`target` stands to `source` as `kind` says: derived-from, trained-on, answered-by, decided-on …"""

    source: str
    target: str
    kind: str


@dataclass(frozen=True)
class Mark:
    """Something that befell a resource, such as withdrawn, tainted or revoked."""

    name: str
    mark: str
    reason: str = ""


@dataclass
class Graph:
    """What one event adds. `lifted` are marks that it ends."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    lifted: list[Mark] = field(default_factory=list)

    def node(self, name: str, kind: str, label: str = "", digest: str = "") -> None:
        if name:
            self.nodes.append(Node(name, kind, label, digest))

    def edge(self, source: str, target: str, kind: str) -> None:
        if source and target and source != target:
            self.edges.append(Edge(source, target, kind))

    def mark(self, name: str, mark: str, reason: str = "") -> None:
        if name:
            self.marks.append(Mark(name, mark, reason))

    def lift(self, name: str, mark: str) -> None:
        if name:
            self.lifted.append(Mark(name, mark))


@dataclass(frozen=True)
class Lineage:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def named(self) -> Mapping[str, Node]:
        return {node.name: node for node in self.nodes}


_KINDS = {
    "documents": "document",
    "revisions": "revision",
    "chunks": "chunk",
    "findings": "finding",
    "analyses": "analysis",
    "synthesisJobs": "synthesis-job",
    "datasets": "dataset",
    "trainingJobs": "training-job",
    "models": "model",
    "endpoints": "endpoint",
    "completions": "completion",
    "toolCalls": "tool-call",
    "agentRuns": "agent-run",
    "federations": "federation",
    "rounds": "round",
    "runs": "run",
    "stages": "stage",
}


def kind_of(name: str) -> str:
    """The kind of resource that a name tells, such as dataset-version."""
    parts = name.split("/")
    if len(parts) < 2:
        return "resource"
    collection = parts[-2]
    if collection == "versions" and len(parts) >= 4:
        return f"{_KINDS.get(parts[-4], parts[-4])}-version"
    return _KINDS.get(collection, collection)
