"""Curation through gRPC, its export through the blob store."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import json_format

from services.chassis.blobs import Blobs
from services.synthesis.domain.corpus import Chunk, Claim, Comparator, Corpus, Quantity, Term
from services.synthesis.domain.job import BlobRef, Sources
from services.synthesis.errors import CorpusUnreadable
from whetstone.curation.v1 import curation_pb2, curation_pb2_grpc
from whetstone.type.v1 import location_pb2


class CuratedText:
    """The export of the curation service."""

    def __init__(self, channel: grpc.Channel, blobs: Blobs) -> None:
        self._stub = curation_pb2_grpc.CurationServiceStub(channel)  # type: ignore[no-untyped-call]
        self._blobs = blobs

    def export(self, project: str, analysis: str) -> tuple[str, Sources]:
        request = curation_pb2.ExportCuratedTextRequest(parent=project, analysis=analysis)
        answer = self._stub.ExportCuratedText(request)
        return answer.analysis, Sources(_ref(answer.claims), _ref(answer.chunks), _ref(answer.glossary))

    def read(self, tenant: str, sources: Sources) -> Corpus:
        try:
            return Corpus(
                [_claim(line) for line in self._lines(tenant, sources.claims)],
                {line["id"]: _chunk(line) for line in self._lines(tenant, sources.chunks)},
                _terms(self._blobs.get(tenant, sources.glossary.sha256) if sources.glossary.sha256 else b"{}"),
            )
        except (ValueError, KeyError, TypeError, AttributeError, json_format.ParseError) as error:
            raise CorpusUnreadable(f"curation's export can't be read: {error}") from error

    def _lines(self, tenant: str, blob: BlobRef) -> Iterator[dict[str, Any]]:
        # Not splitlines: a text may hold U+2028, which is no end of a JSON line.
        for line in self._blobs.get(tenant, blob.sha256).decode().split("\n"):
            if line.strip():
                yield json.loads(line)


def _ref(blob: location_pb2.BlobRef) -> BlobRef:
    return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)


def _claim(line: dict[str, Any]) -> Claim:
    claim = json_format.ParseDict(line, curation_pb2.Claim(), ignore_unknown_fields=True)
    location = claim.quote.location
    return Claim(
        claim.name,
        claim.subject,
        claim.property,
        location.chunk,
        location.document,
        claim.quote.text,
        claim.modality,
        _quantity(claim.quantity) if claim.HasField("quantity") else None,
        claim.value_text,
        tuple(claim.conditions),
        claim.negated,
    )


def _quantity(quantity: curation_pb2.Quantity) -> Quantity:
    name = curation_pb2.Quantity.Comparator.Name(quantity.comparator)
    return Quantity(
        Comparator(name) if name in Comparator.__members__ else Comparator.NONE,
        quantity.low,
        quantity.unit,
        quantity.text,
        quantity.high if quantity.HasField("high") else None,
        quantity.tolerance if quantity.HasField("tolerance") else None,
    )


def _chunk(line: dict[str, Any]) -> Chunk:
    return Chunk(line["id"], line["text"], line["document"], line.get("title") or "", line.get("clause") or "")


def _terms(data: bytes) -> list[Term]:
    terms = json.loads(data).get("terms", [])
    return [Term(term["preferred"], tuple(term.get("variants", []))) for term in terms]
