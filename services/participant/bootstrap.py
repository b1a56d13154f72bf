"""Puts a participant together."""

from services.chassis import auth, rpc
from services.chassis.blobs import open_blobs
from services.participant.adapters.coordinator import GrpcCoordinator, read_key
from services.participant.adapters.local_data import CurationData
from services.participant.adapters.local_trainer import ProcessTrainer
from services.participant.handlers import Participation
from services.participant.ports import Coordinator, LocalData, Trainer
from services.participant.settings import Settings


def bootstrap(
    settings: Settings,
    coordinator: Coordinator | None = None,
    data: LocalData | None = None,
    trainer: Trainer | None = None,
) -> Participation:
    folder = settings.state_dir / "participant" / settings.federation.rsplit("/", 1)[-1]
    return Participation(
        folder,
        coordinator or _coordinator(settings),
        data or _data(settings),
        trainer or ProcessTrainer(folder, settings.cache_dir, settings.threads),
    )


def _coordinator(settings: Settings) -> Coordinator:
    return GrpcCoordinator(
        settings.coordinator,
        settings.federation_tenant,
        settings.federation,
        settings.participant,
        read_key(settings.key_file),
        settings.wait_seconds,
        settings.retry_seconds,
    )


def _data(settings: Settings) -> LocalData:
    channel = rpc.channel(settings.addresses.get("curation", ""), settings.internal_key)
    blobs = open_blobs(settings.blob_url, settings.state_dir)
    folder = settings.state_dir / "participant" / "dataset"
    return CurationData(channel, blobs, settings.dataset_tenant, settings.dataset_version, folder)


def caller(settings: Settings) -> auth.Caller:
    """Who the participant is inside its own firm."""
    return auth.Caller(settings.dataset_tenant, "service:participant", frozenset({"service"}))
