"""Dataset versions through curation's gRPC."""

import grpc

from services.training.domain.jobs import BlobRef, DatasetVersion
from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.curation.v1 import curation_pb2_grpc
from whetstone.type.v1 import location_pb2


class CuratedDatasets:
    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = curation_pb2_grpc.CurationServiceStub(channel)  # type: ignore[no-untyped-call]

    def get(self, name: str) -> DatasetVersion:
        version = self._stub.GetDatasetVersion(pb.GetDatasetVersionRequest(name=name))
        return DatasetVersion(
            version.name,
            pb.DatasetVersion.State.Name(version.state),
            version.digest,
            _blob(version.train),
            _blob(version.heldout_wordings),
            _blob(version.heldout_unseen),
            _blob(version.chunks),
            version.train_count,
            version.tainted_because,
        )


def _blob(blob: location_pb2.BlobRef) -> BlobRef:
    return BlobRef(blob.sha256, blob.size_bytes, blob.media_type)
