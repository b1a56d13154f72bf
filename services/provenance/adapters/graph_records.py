"""The lineage graph's rows, and what can be reached in it."""

from typing import Any

import sqlalchemy as sa

from services.chassis.store import Tx
from services.provenance.adapters.tables import graph_tables
from services.provenance.domain.graph import Direction, Edge, Graph, Lineage, Mark, Node, kind_of

_T = graph_tables(sa.MetaData())
_NODES, _EDGES, _MARKS = _T["nodes"], _T["edges"], _T["marks"]
# Kinds of resources that can hold the very same adapter.
_ADAPTERS = ("federation", "model-version")
_LABEL_LENGTH = 500


class GraphRecords:
    def add(self, tx: Tx, tenant: str, project: str, graph: Graph) -> None:
        """Adds what is new; the same event twice changes nothing."""
        place = {"tenant": tenant, "project": project}
        for node in graph.nodes:
            self._node(tx, place, node)
            self._same_adapter(tx, place, node)
        for edge in graph.edges:
            _put(tx, _EDGES, place | {"source": edge.source, "target": edge.target, "kind": edge.kind}, {})
            for name in (edge.source, edge.target):
                self._node(tx, place, Node(name, kind_of(name)))
        for mark in graph.lifted:
            self._lift(tx, place, mark)
        for mark in graph.marks:
            self._node(tx, place, Node(mark.name, kind_of(mark.name)))
            _put(tx, _MARKS, place | {"name": mark.name, "mark": mark.mark}, {"reason": mark.reason})

    def _node(self, tx: Tx, place: dict[str, str], node: Node) -> None:
        given = {"label": node.label[:_LABEL_LENGTH], "digest": node.digest}
        # An edge may name a resource before its own event tells more; what is known is never overwritten by nothing.
        known = {key: value for key, value in given.items() if value}
        _put(tx, _NODES, place | {"name": node.name}, known, {"kind": node.kind, **given})

    def _same_adapter(self, tx: Tx, place: dict[str, str], node: Node) -> None:
        if node.kind not in _ADAPTERS or not node.digest:
            return
        n = _NODES.c
        where = (*_in(_NODES, place), n.digest == node.digest, n.kind.in_(_ADAPTERS), n.kind != node.kind)
        for other in tx.execute(sa.select(n.name, n.kind).where(*where)).all():
            source, target = (node.name, other.name) if node.kind == "federation" else (other.name, node.name)
            _put(tx, _EDGES, place | {"source": source, "target": target, "kind": "derived-from"}, {})

    def _lift(self, tx: Tx, place: dict[str, str], mark: Mark) -> None:
        where = (*_in(_MARKS, place), _MARKS.c.name == mark.name, _MARKS.c.mark == mark.mark)
        tx.execute(sa.delete(_MARKS).where(*where))

    def has(self, tx: Tx, tenant: str, project: str, name: str) -> bool:
        where = (*_in(_NODES, {"tenant": tenant, "project": project}), _NODES.c.name == name)
        return tx.execute(sa.select(_NODES.c.name).where(*where)).first() is not None

    def reach(self, tx: Tx, tenant: str, project: str, name: str, direction: Direction, limit: int) -> Lineage | None:
        """What can be reached from a resource, itself first by name; None where that is more than `limit` nodes.

        `BOTH` is what it was made from and what was made of it, not the siblings that share a source.
        """
        place = {"tenant": tenant, "project": project}
        ways = [way for way in (Direction.UPSTREAM, Direction.DOWNSTREAM) if direction in (way, Direction.BOTH)]
        names: set[str] = set()
        edges: set[Edge] = set()
        for way in ways:
            names_, edges_ = _walk(tx, place, name, way, limit)
            names |= names_
            edges |= edges_
            if len(names) > limit:
                return None
        nodes = _named(tx, place, names)
        return Lineage(tuple(nodes), tuple(sorted(edges, key=lambda e: (e.source, e.target, e.kind))))


def _walk(tx: Tx, place: dict[str, str], name: str, way: Direction, limit: int) -> tuple[set[str], set[Edge]]:
    near, far = (_EDGES.c.target, _EDGES.c.source) if way is Direction.UPSTREAM else (_EDGES.c.source, _EDGES.c.target)
    reached = sa.select(sa.literal(name).label("name")).cte("reached", recursive=True)
    reached = reached.union(sa.select(far).where(*_in(_EDGES, place), near == reached.c.name))
    names = {row.name for row in tx.execute(sa.select(reached.c.name).limit(limit + 1))}
    if len(names) > limit:
        return names, set()
    within = sa.select(reached.c.name)
    rows = tx.execute(sa.select(_EDGES).where(*_in(_EDGES, place), near.in_(within)))
    return names, {Edge(row.source, row.target, row.kind) for row in rows}


def _named(tx: Tx, place: dict[str, str], names: set[str]) -> list[Node]:
    nodes: list[Node] = []
    ordered = sorted(names)
    for start in range(0, len(ordered), 500):  # databases bound the number of parameters
        part = ordered[start : start + 500]
        marks: dict[str, list[str]] = {}
        rows = tx.execute(sa.select(_MARKS).where(*_in(_MARKS, place), _MARKS.c.name.in_(part)).order_by(_MARKS.c.mark))
        for row in rows:
            marks.setdefault(row.name, []).append(f"{row.mark}: {row.reason}" if row.reason else row.mark)
        query = sa.select(_NODES).where(*_in(_NODES, place), _NODES.c.name.in_(part)).order_by(_NODES.c.name)
        for row in tx.execute(query):
            nodes.append(Node(row.name, row.kind, row.label, row.digest, tuple(marks.get(row.name, []))))
    return nodes


def _in(table: sa.Table, place: dict[str, str]) -> tuple[Any, ...]:
    return (table.c.tenant == place["tenant"], table.c.project == place["project"])


def _put(
    tx: Tx, table: sa.Table, key: dict[str, str], change: dict[str, str], new: dict[str, str] | None = None
) -> None:
    """Changes the row of a key, or inserts it where there is none."""
    where = [table.c[column] == value for column, value in key.items()]
    if tx.execute(sa.select(sa.literal(1)).select_from(table).where(*where)).first() is None:
        tx.execute(sa.insert(table).values(key | (change if new is None else new)))
    elif change:
        tx.execute(sa.update(table).where(*where).values(change))
