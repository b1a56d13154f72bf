"""The model registry of the training service, over gRPC."""

from collections.abc import Callable

import grpc

from services.serving.domain import ServedVersion
from services.serving.messages import to_version
from whetstone.training.v1 import training_pb2 as pb
from whetstone.training.v1 import training_pb2_grpc

TIMEOUT_SECONDS = 10


class TrainingRegistry:
    """`channel` is called at the first question: the registry need not be there when serving starts."""

    def __init__(self, channel: Callable[[], grpc.Channel]) -> None:
        self._channel = channel
        self._stub: training_pb2_grpc.TrainingServiceStub | None = None

    def get(self, version: str) -> ServedVersion:
        if self._stub is None:
            self._stub = training_pb2_grpc.TrainingServiceStub(self._channel())
        request = pb.GetModelVersionRequest(name=version)
        return to_version(self._stub.GetModelVersion(request, timeout=TIMEOUT_SECONDS))
