"""The gRPC face of provenance: protobuf to domain and back."""

from collections.abc import Iterator
from typing import Any

from services.chassis import auth
from services.chassis.store import Page
from services.provenance import messages
from services.provenance.domain import names
from services.provenance.errors import NameInvalid
from services.provenance.handlers.lineage import LineageHandlers
from services.provenance.handlers.log import LogHandlers
from services.provenance.handlers.packs import PackHandlers
from services.provenance.handlers.trace import TraceHandlers
from whetstone.provenance.v1 import provenance_pb2 as pb
from whetstone.provenance.v1 import provenance_pb2_grpc

PART_BYTES = 1 << 20


class ProvenanceServicer(provenance_pb2_grpc.ProvenanceServiceServicer):
    def __init__(self, log: LogHandlers, lineage: LineageHandlers, trace: TraceHandlers, packs: PackHandlers) -> None:
        self._log, self._lineage, self._trace, self._packs = log, lineage, trace, packs

    def ListLogEntries(self, request: pb.ListLogEntriesRequest, context: Any) -> pb.ListLogEntriesResponse:
        project = ids("project", request.parent)[0]
        page = Page(request.page_size, request.page_token)
        entries, token = self._log.entries(auth.caller().tenant, project, page, request.subject)
        return pb.ListLogEntriesResponse(entries=map(messages.to_entry, entries), next_page_token=token)

    def EraseLogEntryData(self, request: pb.EraseLogEntryDataRequest, context: Any) -> pb.LogEntry:
        tenant = auth.require_role("admin").tenant
        project, index = ids("logEntry", request.name)
        return messages.to_entry(self._log.erase(tenant, project, int(index)))

    def GetCheckpoint(self, request: pb.GetCheckpointRequest, context: Any) -> pb.Checkpoint:
        project = ids("checkpoint", request.name)[0]
        return messages.to_checkpoint(self._log.checkpoint(auth.caller().tenant, project))

    def GetInclusionProof(self, request: pb.GetInclusionProofRequest, context: Any) -> pb.InclusionProof:
        project, index = ids("logEntry", request.name)
        proof = self._log.inclusion(auth.caller().tenant, project, int(index), request.size)
        return messages.to_inclusion(proof)

    def GetConsistencyProof(self, request: pb.GetConsistencyProofRequest, context: Any) -> pb.ConsistencyProof:
        project = ids("project", request.parent)[0]
        second, proof = self._log.consistency(auth.caller().tenant, project, request.first, request.second)
        return pb.ConsistencyProof(first=request.first, second=second, hashes=[digest.hex() for digest in proof])

    def GetLineage(self, request: pb.GetLineageRequest, context: Any) -> pb.Lineage:
        project = ids("project", request.name)[0]
        found = self._lineage.lineage(auth.caller().tenant, project, request.resource, request.direction)
        return messages.to_lineage(found)

    def TraceCompletion(self, request: pb.TraceCompletionRequest, context: Any) -> pb.CompletionTrace:
        ids("completion", request.completion)
        return messages.to_trace(self._trace.trace(auth.caller().tenant, request.completion, request.limit))

    def CreateAuditPack(self, request: pb.CreateAuditPackRequest, context: Any) -> pb.AuditPack:
        ids("project", request.parent)
        ids("modelVersion", request.audit_pack.model_version)
        pack = self._packs.create(
            auth.caller().tenant, request.parent, request.audit_pack.model_version, request.request_id
        )
        return messages.to_pack(pack)

    def GetAuditPack(self, request: pb.GetAuditPackRequest, context: Any) -> pb.AuditPack:
        ids("auditPack", request.name)
        return messages.to_pack(self._packs.get(auth.caller().tenant, request.name))

    def ListAuditPacks(self, request: pb.ListAuditPacksRequest, context: Any) -> pb.ListAuditPacksResponse:
        ids("project", request.parent)
        page = Page(request.page_size, request.page_token)
        packs, token = self._packs.page(auth.caller().tenant, request.parent, page)
        return pb.ListAuditPacksResponse(audit_packs=map(messages.to_pack, packs), next_page_token=token)

    def DownloadAuditPack(self, request: pb.DownloadAuditPackRequest, context: Any) -> Iterator[pb.AuditPackPart]:
        ids("auditPack", request.name)
        data = self._packs.archive(auth.caller().tenant, request.name)
        for start in range(0, len(data), PART_BYTES):
            yield pb.AuditPackPart(data=data[start : start + PART_BYTES])


def ids(kind: str, name: str) -> tuple[str, ...]:
    """The ids in a resource name. Raises NameInvalid."""
    found = names.parse(kind, name)
    if found is None:
        raise NameInvalid(f"{name!r} is not the name of a {kind}", name=name)
    return found
