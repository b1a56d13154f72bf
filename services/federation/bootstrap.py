"""Puts the federation service together."""

from services.chassis.lifecycle import Service, Worker, open_platform
from services.federation.adapters.records import federations, rounds
from services.federation.adapters.signatures import Ed25519Verifier
from services.federation.handlers import Handlers, Now, Records, utc_now
from services.federation.participation import Participation
from services.federation.ports import Verifier
from services.federation.rounds import Rounds
from services.federation.rpc import FederationServicer, ParticipationServicer
from services.federation.settings import Settings
from whetstone.federation.v1 import federation_pb2_grpc

PARTICIPATION = "whetstone.federation.v1.ParticipationService"


def bootstrap(settings: Settings, verifier: Verifier | None = None, now: Now = utc_now) -> Service:
    platform = open_platform("federation", settings, "services.federation.migrations")
    records = Records(platform.store, platform.outbox, federations(), rounds(), now)
    participation = Participation(records, platform.blobs, verifier or Ed25519Verifier(), settings.max_update_bytes)
    return Service(
        "federation",
        platform,
        servicers=[
            (federation_pb2_grpc.add_FederationServiceServicer_to_server, FederationServicer(Handlers(records))),
            (federation_pb2_grpc.add_ParticipationServiceServicer_to_server, ParticipationServicer(participation)),
        ],
        service_names=["whetstone.federation.v1.FederationService", PARTICIPATION],
        signed_services=[PARTICIPATION],
        workers=[Worker("rounds", Rounds(records, platform.blobs).step)],
    )
