"""Claims from curation, chunks from ingestion."""

from collections.abc import Sequence

import grpc

from services.agents.domain.evidence import Claim, Comparator, Limit, Quote
from services.agents.ports import Units
from whetstone.curation.v1 import curation_pb2, curation_pb2_grpc
from whetstone.ingestion.v1 import ingestion_pb2, ingestion_pb2_grpc
from whetstone.type.v1 import location_pb2

TIMEOUT_SECONDS = 30.0
PAGE = 1000


class DocumentEvidence:
    """The port Evidence."""

    def __init__(self, curation: grpc.Channel, ingestion: grpc.Channel, units: Units) -> None:
        self._curation = curation_pb2_grpc.CurationServiceStub(curation)
        self._ingestion = ingestion_pb2_grpc.IngestionServiceStub(ingestion)
        self._units = units

    def claims(self, project: str) -> Sequence[Claim]:
        found: list[Claim] = []
        token = ""
        while True:
            request = curation_pb2.ListClaimsRequest(
                parent=project, page_size=PAGE, page_token=token, in_force_only=True
            )
            page = self._curation.ListClaims(request, timeout=TIMEOUT_SECONDS)
            found += [self._claim(claim) for claim in page.claims]
            token = page.next_page_token
            if not token:
                return found

    def chunk(self, name: str) -> str:
        request = ingestion_pb2.GetChunkRequest(name=name)
        return str(self._ingestion.GetChunk(request, timeout=TIMEOUT_SECONDS).text)

    def _claim(self, claim: curation_pb2.Claim) -> Claim:
        return Claim(
            name=claim.name,
            subject=claim.subject,
            attribute=claim.property,
            modality=claim.modality,
            quote=_quote(claim.quote),
            limit=self._limit(claim.quantity) if claim.HasField("quantity") else None,
            value_text=claim.value_text,
            conditions=tuple(claim.conditions),
            negated=claim.negated,
        )

    def _limit(self, quantity: curation_pb2.Quantity) -> Limit | None:
        # One table of units for everything that is compared here; what it does not know is left to a person.
        low = self._units.amount(quantity.low, quantity.unit)
        high = self._units.amount(quantity.high, quantity.unit) if quantity.HasField("high") else None
        if low is None:
            return None
        comparator = curation_pb2.Quantity.Comparator.Name(quantity.comparator)
        return Limit(
            comparator=Comparator(comparator) if comparator in tuple(Comparator) else Comparator.EQUAL,
            low=low.si,
            dimension=low.dimension,
            text=quantity.text or low.text,
            high=high.si if high else None,
            tolerance=self._width(quantity) if quantity.HasField("tolerance") else None,
        )

    def _width(self, quantity: curation_pb2.Quantity) -> float | None:
        # As a difference: an offset unit such as °C has another zero.
        end = self._units.amount(quantity.low + quantity.tolerance, quantity.unit)
        low = self._units.amount(quantity.low, quantity.unit)
        return abs(end.si - low.si) if end and low else None


def _quote(quote: location_pb2.Quote) -> Quote:
    place = quote.location
    return Quote(
        text=quote.text,
        document=place.document,
        revision=place.revision,
        chunk=place.chunk,
        title=quote.document_title,
        page=place.page,
        clause=place.clause,
    )
