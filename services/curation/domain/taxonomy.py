"""The taxonomy of a project: topics with their terms, in a forest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Topic:
    id: str
    title: str
    parent: str = ""
    terms: tuple[str, ...] = ()
    chunk_count: int = 0


@dataclass(frozen=True)
class Taxonomy:
    name: str
    topics: tuple[Topic, ...]
    update_time: datetime
    author: str
    etag: str = ""


def cycle(topics: Sequence[Topic]) -> list[str]:
    """The ids of a cycle of parents, or an empty list."""
    parents: Mapping[str, str] = {topic.id: topic.parent for topic in topics}
    for start in parents:
        path, at = [start], parents[start]
        while at:
            if at in path:
                return path[path.index(at) :]
            path.append(at)
            at = parents.get(at, "")
    return []
