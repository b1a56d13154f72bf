"""Answers written down at the controller, by gRPC."""

import grpc

from services.chassis.errors import ServiceError
from services.serving.domain import Completion
from services.serving.messages import completion_message
from services.serving.runtime.errors import CompletionNotRecorded
from whetstone.serving.v1 import serving_pb2 as pb
from whetstone.serving.v1 import serving_pb2_grpc as rpc

DEADLINE_SECONDS = 10.0


class GrpcCompletionLog:
    """Calls as the caller of the answer; the same id twice is one completion."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._controller = rpc.ServingServiceStub(channel)

    def record(self, completion_id: str, project: str, completion: Completion) -> None:
        request = pb.RecordCompletionRequest(
            parent=project, completion_id=completion_id, completion=completion_message(completion)
        )
        try:
            self._controller.RecordCompletion(request, timeout=DEADLINE_SECONDS)
        except ServiceError as error:
            raise CompletionNotRecorded(
                f"the answer could not be written down: {error.message}", completion=completion.name
            ) from error
