"""Open contradictions, asked of the curation service."""

import grpc

from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.curation.v1 import curation_pb2_grpc

TIMEOUT_SECONDS = 10


class CurationFindings:
    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = curation_pb2_grpc.CurationServiceStub(channel)

    def open_conflicts(self, project: str) -> int:
        request = pb.ListFindingsRequest(
            parent=project, kind=pb.Finding.CONFLICT, state=pb.Finding.OPEN, page_size=1000
        )
        return len(self._stub.ListFindings(request, timeout=TIMEOUT_SECONDS).findings)
