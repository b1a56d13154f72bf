"""Use case: what a resource was made from and what was made from it."""

from services.chassis.store import Store, Tx
from services.provenance.domain.graph import Direction, Graph, Lineage
from services.provenance.errors import DirectionUnknown, LineageTooLarge, ResourceUnknown
from services.provenance.ports.records import GraphStore


class LineageHandlers:
    def __init__(self, store: Store, graph: GraphStore, limit: int) -> None:
        self._store, self._graph, self._limit = store, graph, limit

    def hear(self, tx: Tx, tenant: str, project: str, graph: Graph) -> None:
        self._graph.add(tx, tenant, project, graph)

    def lineage(self, tenant: str, project: str, resource: str, direction: str) -> Lineage:
        """Raises DirectionUnknown, ResourceUnknown, LineageTooLarge."""
        known = ", ".join(Direction)
        if direction and direction not in tuple(Direction):
            raise DirectionUnknown(f"{direction!r} is no direction; directions: {known}", direction=direction)
        way = Direction(direction) if direction else Direction.BOTH
        with self._store.read() as tx:
            if not self._graph.has(tx, tenant, project, resource):
                raise ResourceUnknown(f"no event has named {resource}", resource=resource)
            found = self._graph.reach(tx, tenant, project, resource, way, self._limit)
        if found is None:
            message = f"{resource} has more than {self._limit} relatives; ask in one direction or nearer to it"
            raise LineageTooLarge(message, limit=str(self._limit))
        return found
