"""The gRPC face of curation: protobuf to domain and back."""

from dataclasses import dataclass
from typing import Any

from services.chassis import auth
from services.chassis.rpc import timestamp
from services.chassis.store import Page
from services.curation import building
from services.curation.building import Line
from services.curation.domain.datasets import DatasetVersion, LedgerEntry
from services.curation.handlers.analyses import AnalysisHandlers
from services.curation.handlers.datasets import DatasetHandlers
from services.curation.handlers.exports import ExportHandlers
from services.curation.handlers.findings import FindingHandlers
from services.curation.handlers.taxonomies import TaxonomyHandlers
from services.curation.messages import (
    of_topics,
    to_analysis,
    to_blob,
    to_claim,
    to_dataset,
    to_entry,
    to_finding,
    to_taxonomy,
    to_version,
)
from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.curation.v1 import curation_pb2_grpc


@dataclass(frozen=True)
class Handlers:
    analyses: AnalysisHandlers
    findings: FindingHandlers
    taxonomies: TaxonomyHandlers
    exports: ExportHandlers
    datasets: DatasetHandlers


class CurationServicer(curation_pb2_grpc.CurationServiceServicer):
    def __init__(self, handlers: Handlers) -> None:
        self._of = handlers

    def CreateAnalysis(self, request: pb.CreateAnalysisRequest, context: Any) -> pb.Analysis:
        return to_analysis(self._of.analyses.create(_tenant(), request.parent, request.request_id))

    def GetAnalysis(self, request: pb.GetAnalysisRequest, context: Any) -> pb.Analysis:
        return to_analysis(self._of.analyses.get(_tenant(), request.name))

    def ListAnalyses(self, request: pb.ListAnalysesRequest, context: Any) -> pb.ListAnalysesResponse:
        found, token = self._of.analyses.page(_tenant(), request.parent, _page(request))
        return pb.ListAnalysesResponse(analyses=[to_analysis(a) for a in found], next_page_token=token)

    def ListFindings(self, request: pb.ListFindingsRequest, context: Any) -> pb.ListFindingsResponse:
        kind = pb.Finding.Kind.Name(request.kind) if request.kind else ""
        state = pb.Finding.State.Name(request.state) if request.state else ""
        found, token = self._of.findings.page(_tenant(), request.parent, _page(request), kind, state)
        return pb.ListFindingsResponse(findings=[to_finding(f) for f in found], next_page_token=token)

    def GetFinding(self, request: pb.GetFindingRequest, context: Any) -> pb.Finding:
        return to_finding(self._of.findings.get(_tenant(), request.name))

    def SettleFinding(self, request: pb.SettleFindingRequest, context: Any) -> pb.Finding:
        settled = self._of.findings.settle(
            _tenant(), request.name, request.outcome, request.reason, request.note, request.etag
        )
        return to_finding(settled)

    def ReopenFinding(self, request: pb.ReopenFindingRequest, context: Any) -> pb.Finding:
        return to_finding(self._of.findings.reopen(_tenant(), request.name, request.reason, request.etag))

    def ListClaims(self, request: pb.ListClaimsRequest, context: Any) -> pb.ListClaimsResponse:
        found, token = self._of.findings.claims(_tenant(), request.parent, _page(request), request.in_force_only)
        return pb.ListClaimsResponse(claims=[to_claim(claim) for claim in found], next_page_token=token)

    def ExportCuratedText(self, request: pb.ExportCuratedTextRequest, context: Any) -> pb.ExportCuratedTextResponse:
        export = self._of.exports.export(_tenant(), request.parent, request.analysis)
        return pb.ExportCuratedTextResponse(
            claims=to_blob(export.claims),
            chunks=to_blob(export.chunks),
            exclusions=to_blob(export.exclusions),
            glossary=to_blob(export.glossary),
            analysis=export.analysis,
        )

    def GetTaxonomy(self, request: pb.GetTaxonomyRequest, context: Any) -> pb.Taxonomy:
        return to_taxonomy(self._of.taxonomies.get(_tenant(), request.name))

    def UpdateTaxonomy(self, request: pb.UpdateTaxonomyRequest, context: Any) -> pb.Taxonomy:
        asked = request.taxonomy
        return to_taxonomy(self._of.taxonomies.update(_tenant(), asked.name, of_topics(asked.topics), asked.etag))

    def CreateDataset(self, request: pb.CreateDatasetRequest, context: Any) -> pb.Dataset:
        dataset = self._of.datasets.create_dataset(
            _tenant(), request.parent, request.dataset_id, request.dataset.display_name, request.request_id
        )
        return to_dataset(dataset)

    def GetDataset(self, request: pb.GetDatasetRequest, context: Any) -> pb.Dataset:
        return to_dataset(self._of.datasets.get_dataset(_tenant(), request.name))

    def ListDatasets(self, request: pb.ListDatasetsRequest, context: Any) -> pb.ListDatasetsResponse:
        found, token = self._of.datasets.page_datasets(_tenant(), request.parent, _page(request))
        return pb.ListDatasetsResponse(datasets=[to_dataset(d) for d in found], next_page_token=token)

    def CreateDatasetVersion(self, request: pb.CreateDatasetVersionRequest, context: Any) -> pb.DatasetVersion:
        asked = request.version
        version = self._of.datasets.create_version(
            _tenant(), request.parent, asked.synthesis_job, asked.analysis, request.request_id
        )
        return to_version(version)

    def GetDatasetVersion(self, request: pb.GetDatasetVersionRequest, context: Any) -> pb.DatasetVersion:
        return to_version(self._of.datasets.get_version(_tenant(), request.name))

    def ListDatasetVersions(
        self, request: pb.ListDatasetVersionsRequest, context: Any
    ) -> pb.ListDatasetVersionsResponse:
        found, token = self._of.datasets.page_versions(_tenant(), request.parent, _page(request))
        return pb.ListDatasetVersionsResponse(versions=[to_version(v) for v in found], next_page_token=token)

    def ListExamples(self, request: pb.ListExamplesRequest, context: Any) -> pb.ListExamplesResponse:
        version = self._of.datasets.get_version(_tenant(), request.parent)
        found, token = self._of.datasets.examples(_tenant(), request.parent, _page(request), request.split)
        return pb.ListExamplesResponse(examples=[_example(version, line) for line in found], next_page_token=token)

    def ListLedgerEntries(self, request: pb.ListLedgerEntriesRequest, context: Any) -> pb.ListLedgerEntriesResponse:
        found, token = self._of.datasets.ledger(_tenant(), request.parent, _page(request), request.outcome)
        entries = [LedgerEntry(e["chunk"], e["outcome"], e["detail"], tuple(e["examples"])) for e in found]
        return pb.ListLedgerEntriesResponse(entries=[to_entry(entry) for entry in entries], next_page_token=token)


def _tenant() -> str:
    return auth.caller().tenant


def _page(request: Any) -> Page:
    return Page(request.page_size, request.page_token)


def _example(version: DatasetVersion, line: Line) -> pb.Example:
    return pb.Example(
        name=f"{version.name}/examples/{line['id']}",
        kind=line["kind"],
        split=line["split"].upper(),
        prompt=building.prompt(line),
        completion=building.completion(line),
        chunks=line.get("chunk_ids") or (),
        claim=str(line.get("fact_id") or ""),
        generator=str(line.get("generator") or ""),
        create_time=timestamp(version.create_time),
        labels=[str(line["wording"])] if line.get("wording") else [],
    )
