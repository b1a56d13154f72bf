"""The firm's dataset version, from its own curation service and blob store."""

from pathlib import Path

import grpc

from services.chassis.blobs import Blobs
from services.participant.errors import DatasetUnusable
from services.participant.ports import Dataset
from whetstone.curation.v1 import curation_pb2 as pb
from whetstone.curation.v1 import curation_pb2_grpc

TIMEOUT_SECONDS = 30


class CurationData:
    def __init__(self, channel: grpc.Channel, blobs: Blobs, tenant: str, version: str, folder: Path) -> None:
        self._stub = curation_pb2_grpc.CurationServiceStub(channel)
        self._blobs, self._tenant, self._version, self._folder = blobs, tenant, version, folder

    def load(self) -> Dataset:
        found = self._stub.GetDatasetVersion(pb.GetDatasetVersionRequest(name=self._version), timeout=TIMEOUT_SECONDS)
        if found.state != pb.DatasetVersion.PUBLISHED:
            state = pb.DatasetVersion.State.Name(found.state)
            raise DatasetUnusable(f"{self._version} is {state}", name=self._version)
        files = {
            name: self._blobs.download(self._tenant, getattr(found, name).sha256, self._folder / f"{name}.jsonl")
            for name in ("train", "heldout_wordings", "heldout_unseen", "chunks")
        }
        return Dataset(version=found.name, digest=found.digest, examples=found.train_count, **files)
