"""The coordinator over gRPC. Every request is signed; only the messages of this module leave the firm."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.chassis import rpc
from services.chassis.errors import Unavailable
from services.participant.domain import statement
from services.participant.errors import EgressRefused, KeyUnusable, ReceiptWrong
from services.participant.ports import FederationInfo, OpenRound, Score
from whetstone.federation.v1 import federation_pb2 as pb
from whetstone.federation.v1 import federation_pb2_grpc

T = TypeVar("T")
PART_BYTES = 1024 * 1024
LAST_BACKOFF = 30.0
# The whole of what may be sent: names, signatures, counts, and the tensors of an update.
ALLOWED = (
    pb.JoinFederationRequest,
    pb.AwaitRoundRequest,
    pb.GetRoundAdapterRequest,
    pb.SubmitUpdateRequest,
    pb.ReportEvaluationRequest,
)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Raises KeyUnusable where the file is not an Ed25519 key in PEM, or others may read it."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(f"{path} can be read by others; chmod 600 it")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnusable(f"{path} is not a private key in PEM: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} is not an Ed25519 key")
    return key


class GrpcCoordinator:
    def __init__(
        self, address: str, tenant: str, federation: str, participant: str, key: Ed25519PrivateKey, wait_seconds: int,
        retry_seconds: float,
    ) -> None:  # fmt: skip
        self._channel = grpc.insecure_channel(address, options=rpc.OPTIONS)
        self._stub = federation_pb2_grpc.ParticipationServiceStub(self._channel)
        self._tenant, self._federation, self._participant, self._key = tenant, federation, participant, key
        self._wait_seconds, self._retry_seconds = wait_seconds, retry_seconds

    def join(self) -> FederationInfo:
        request = pb.JoinFederationRequest(
            federation=self._federation, participant=self._participant, signature=self._sign("join", self._federation)
        )
        return _info(self._call(self._stub.JoinFederation, request).federation)

    def await_round(self, after: int) -> tuple[FederationInfo, OpenRound | None]:
        request = pb.AwaitRoundRequest(
            federation=self._federation,
            participant=self._participant,
            after=after,
            wait_seconds=self._wait_seconds,
            signature=self._sign("await", self._federation, after),
        )
        answer = self._call(self._stub.AwaitRound, request)
        found = OpenRound(answer.round.name, answer.round.index) if answer.HasField("round") else None
        return _info(answer.federation), found

    def is_complete(self, round_name: str, index: int) -> bool:
        request = pb.AwaitRoundRequest(
            federation=self._federation,
            participant=self._participant,
            after=index,
            wait_seconds=1,
            signature=self._sign("await", self._federation, index),
        )
        return bool(self._call(self._stub.AwaitRound, request).federation.completed_rounds >= index)

    def adapter(self, round_name: str) -> bytes:
        request = pb.GetRoundAdapterRequest(
            round=round_name, participant=self._participant, signature=self._sign("adapter", round_name)
        )

        def fetch(sent: Any, metadata: Any) -> bytes:
            return b"".join(part.data for part in self._stub.GetRoundAdapter(sent, metadata=metadata))

        return self._call(fetch, request)

    def submit(self, round_name: str, digest: str, examples: int, data: bytes) -> None:
        """Raises ReceiptWrong where the coordinator acknowledges something else."""
        header = pb.UpdateHeader(
            round=round_name,
            participant=self._participant,
            digest=digest,
            examples=examples,
            size_bytes=len(data),
            signature=self._sign("submit", round_name, digest, examples),
        )

        def send(_: Any, metadata: Any) -> pb.SubmitUpdateResponse:
            answer: pb.SubmitUpdateResponse = self._stub.SubmitUpdate(_parts(header, data), metadata=metadata)
            return answer

        receipt = self._call(send, pb.SubmitUpdateRequest(header=header)).update
        if (receipt.digest, receipt.examples) != (hashlib.sha256(data).hexdigest(), examples):
            raise ReceiptWrong("the coordinator acknowledged another update than was sent", round=round_name)

    def report(self, round_name: str, local: Score, shared: Score) -> None:
        counts = (local.correct, shared.correct, shared.questions)
        evaluation = pb.RoundEvaluation(
            participant=self._participant, correct_local=counts[0], correct_global=counts[1], questions=counts[2]
        )
        signature = self._sign("report", round_name, *counts)
        request = pb.ReportEvaluationRequest(round=round_name, evaluation=evaluation, signature=signature)
        self._call(self._stub.ReportEvaluation, request)

    def close(self) -> None:
        self._channel.close()

    def _sign(self, verb: str, *parts: object) -> str:
        return base64.b64encode(self._key.sign(statement(verb, self._tenant, *parts))).decode()

    def _call(self, method: Callable[..., T], request: Any) -> T:
        """Calls, and calls again while the coordinator does not answer; other errors are raised in their category."""
        if not isinstance(request, ALLOWED):
            raise EgressRefused(f"{type(request).__name__} may not leave the firm")
        pause = self._retry_seconds
        while True:
            try:
                return method(request, metadata=[(rpc.TENANT_KEY, self._tenant)])
            except grpc.RpcError as error:
                found = rpc.error_of(error)
                if not isinstance(found, Unavailable):
                    raise found from error
            time.sleep(pause)
            pause = min(pause * 2, LAST_BACKOFF)


def _parts(header: pb.UpdateHeader, data: bytes) -> Iterator[pb.SubmitUpdateRequest]:
    yield pb.SubmitUpdateRequest(header=header)
    for begin in range(0, len(data), PART_BYTES):
        yield pb.SubmitUpdateRequest(data=data[begin : begin + PART_BYTES])


def _info(federation: pb.Federation) -> FederationInfo:
    return FederationInfo(
        pb.Federation.State.Name(federation.state),
        federation.base,
        json.loads(federation.training_json),
        federation.rounds,
    )
