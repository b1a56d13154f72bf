"""The gRPC faces of the federation service: protobuf to domain and back."""

import time
from collections.abc import Iterator
from typing import Any

from services.chassis import auth
from services.chassis.rpc import timestamp
from services.chassis.store import Page
from services.federation.domain import Blob, Evaluation, Failure, Federation, Member, Round, Update
from services.federation.errors import UpdateInvalid
from services.federation.handlers import Handlers
from services.federation.participation import Claimed, Header, Participation
from whetstone.federation.v1 import federation_pb2 as pb
from whetstone.federation.v1 import federation_pb2_grpc
from whetstone.type.v1 import location_pb2

MAX_WAIT_SECONDS = 60
LOOK_SECONDS = 0.2


class FederationServicer(federation_pb2_grpc.FederationServiceServicer):
    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def CreateFederation(self, request: pb.CreateFederationRequest, context: Any) -> pb.Federation:
        federation = from_federation(request.federation, f"{request.parent}/federations/{request.federation_id}")
        return to_federation(self._handlers.create(auth.caller().tenant, federation, request.request_id))

    def GetFederation(self, request: pb.GetFederationRequest, context: Any) -> pb.Federation:
        return to_federation(self._handlers.get(auth.caller().tenant, request.name))

    def ListFederations(self, request: pb.ListFederationsRequest, context: Any) -> pb.ListFederationsResponse:
        page = Page(request.page_size, request.page_token)
        found, token = self._handlers.list_federations(auth.caller().tenant, request.parent, page)
        return pb.ListFederationsResponse(federations=[to_federation(f) for f in found], next_page_token=token)

    def ListRounds(self, request: pb.ListRoundsRequest, context: Any) -> pb.ListRoundsResponse:
        page = Page(request.page_size, request.page_token)
        found, token = self._handlers.list_rounds(auth.caller().tenant, request.parent, page)
        return pb.ListRoundsResponse(rounds=[to_round(r) for r in found], next_page_token=token)

    def GetRound(self, request: pb.GetRoundRequest, context: Any) -> pb.Round:
        return to_round(self._handlers.get_round(auth.caller().tenant, request.name))

    def CancelFederation(self, request: pb.CancelFederationRequest, context: Any) -> pb.Federation:
        return to_federation(self._handlers.cancel(auth.caller().tenant, request.name))


class ParticipationServicer(federation_pb2_grpc.ParticipationServiceServicer):
    def __init__(self, participation: Participation) -> None:
        self._participation = participation

    def JoinFederation(self, request: pb.JoinFederationRequest, context: Any) -> pb.JoinFederationResponse:
        federation = self._participation.join(_claimed(request, request.federation))
        return pb.JoinFederationResponse(federation=to_federation(federation))

    def AwaitRound(self, request: pb.AwaitRoundRequest, context: Any) -> pb.AwaitRoundResponse:
        end = time.monotonic() + min(request.wait_seconds, MAX_WAIT_SECONDS)
        who = _claimed(request, request.federation)
        while True:
            federation, round_ = self._participation.open_round(who, request.after)
            if round_ or federation.state in ("SUCCEEDED", "FAILED", "CANCELLED") or time.monotonic() >= end:
                found = to_round(round_) if round_ else None
                return pb.AwaitRoundResponse(round=found, federation=to_federation(federation))
            time.sleep(LOOK_SECONDS)

    def GetRoundAdapter(self, request: pb.GetRoundAdapterRequest, context: Any) -> Iterator[pb.AdapterPart]:
        for part in self._participation.adapter(_claimed(request, _federation_of(request.round)), request.round):
            yield pb.AdapterPart(data=part)

    def SubmitUpdate(self, requests: Iterator[pb.SubmitUpdateRequest], context: Any) -> pb.SubmitUpdateResponse:
        head = next(requests, pb.SubmitUpdateRequest()).header
        if not head.round:
            raise UpdateInvalid("the first message must be the header")
        header = Header(head.round, head.digest, head.examples, head.size_bytes)
        update = self._participation.submit(
            _claimed(head, _federation_of(head.round)), header, (request.data for request in requests)
        )
        return pb.SubmitUpdateResponse(update=to_update(update))

    def ReportEvaluation(self, request: pb.ReportEvaluationRequest, context: Any) -> pb.ReportEvaluationResponse:
        counts = request.evaluation
        who = Claimed(auth.caller().tenant, _federation_of(request.round), counts.participant, request.signature)
        evaluation = Evaluation(counts.participant, counts.correct_local, counts.correct_global, counts.questions)
        self._participation.report(who, request.round, evaluation)
        return pb.ReportEvaluationResponse()


def _claimed(request: Any, federation: str) -> Claimed:
    return Claimed(auth.caller().tenant, federation, request.participant, request.signature)


def _federation_of(round_name: str) -> str:
    return round_name.split("/rounds/")[0]


def from_federation(message: pb.Federation, name: str) -> Federation:
    return Federation(
        name=name,
        roster=tuple(Member(m.participant, m.public_key) for m in message.roster),
        rounds=message.rounds,
        base=message.base,
        minimum_updates=message.minimum_updates,
        round_seconds=message.round_seconds or Federation.round_seconds,
        training_json=message.training_json or "{}",
        method=message.method or Federation.method,
        rank=message.rank,
        server_rate=message.server_rate or Federation.server_rate,
    )


def to_federation(federation: Federation) -> pb.Federation:
    return pb.Federation(
        name=federation.name,
        state=federation.state.value,
        roster=[
            pb.Member(participant=m.participant, public_key=m.public_key, joined=m.joined) for m in federation.roster
        ],
        rounds=federation.rounds,
        completed_rounds=federation.completed_rounds,
        minimum_updates=federation.minimum_updates,
        round_seconds=federation.round_seconds,
        base=federation.base,
        training_json=federation.training_json,
        failure=to_failure(federation.failure),
        create_time=timestamp(federation.create_time),
        update_time=timestamp(federation.update_time),
        global_adapter=to_blob(federation.global_adapter),
        global_adapter_digest=federation.global_adapter_digest,
        method=federation.method,
        rank=federation.rank,
        server_rate=federation.server_rate,
    )


def to_round(round_: Round) -> pb.Round:
    return pb.Round(
        name=round_.name,
        state=round_.state.value,
        index=round_.index,
        updates=[to_update(update) for update in round_.updates],
        adapter=to_blob(round_.adapter),
        adapter_digest=round_.adapter_digest,
        residual=round_.residual,
        deadline=timestamp(round_.deadline),
        failure=to_failure(round_.failure),
        create_time=timestamp(round_.create_time),
        evaluations=[
            pb.RoundEvaluation(
                participant=e.participant,
                correct_local=e.correct_local,
                correct_global=e.correct_global,
                questions=e.questions,
            )
            for e in round_.evaluations
        ],
    )


def to_update(update: Update) -> pb.Update:
    return pb.Update(
        participant=update.participant,
        digest=update.digest,
        examples=update.examples,
        time=timestamp(update.time),
        signature=update.signature,
    )


def to_blob(blob: Blob | None) -> location_pb2.BlobRef | None:
    if blob is None:
        return None
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes, media_type=blob.media_type)


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None
