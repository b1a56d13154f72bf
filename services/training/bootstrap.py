"""Puts the training service together."""

from services.chassis.events import Consumer
from services.chassis.lifecycle import Service, Worker, open_platform
from services.chassis.settings import SettingInvalid
from services.training.adapters.datasets import CuratedDatasets
from services.training.adapters.local_ray import LocalRay
from services.training.adapters.recipes import RecipeFiles
from services.training.adapters.records import tables
from services.training.adapters.serving import ServedModels
from services.training.events import Events
from services.training.following import Follower, Habits
from services.training.gate import Policy
from services.training.gatekeeping import Gatekeeper
from services.training.handlers.importing import Importing
from services.training.handlers.jobs import Jobs
from services.training.handlers.registry import Registry
from services.training.handlers.reports import Reports
from services.training.ports import Datasets, JobRunner, ModelServer
from services.training.rpc import TrainingServicer
from services.training.settings import Settings
from whetstone.training.v1 import training_pb2_grpc


def bootstrap(
    settings: Settings,
    runner: JobRunner | None = None,
    datasets: Datasets | None = None,
    server: ModelServer | None = None,
) -> Service:
    """Raises SettingInvalid."""
    if settings.taint_policy not in ("WARN", "STOP"):
        raise SettingInvalid(f"taint policy {settings.taint_policy!r} is not known; policies: WARN, STOP")
    platform = open_platform("training", settings, "services.training.migrations")
    store, blobs, outbox, kept = platform.store, platform.blobs, platform.outbox, tables()
    runner = runner or LocalRay(blobs, settings.state_dir, settings.training_grace_seconds)
    datasets = datasets or CuratedDatasets(platform.channel("curation"))
    server = server or ServedModels(platform.channel("serving"))
    recipes = RecipeFiles(settings.training_recipes_dir)
    jobs = Jobs(store, outbox, kept.jobs, datasets, recipes, min_examples=settings.min_examples)
    registry = Registry(store, outbox, kept, settings.taint_policy)
    importing = Importing(store, blobs, kept, jobs, registry, datasets, settings.training_base)
    follower = Follower(store, blobs, jobs, registry, datasets, recipes, runner, habits(settings))
    gatekeeper = Gatekeeper(registry, blobs, datasets, server, policy(settings), settings.gate_patience_seconds)
    following = Worker("jobs", follower.step, settings.training_poll_seconds)
    gating = Worker("gate", gatekeeper.step, settings.training_poll_seconds)
    consumer = Consumer(
        "training",
        store,
        platform.log,
        Events(jobs, registry, outbox).subscriptions(),
        poll_seconds=settings.events_poll_seconds,
    )
    servicer = TrainingServicer(jobs, registry, Reports(registry, blobs), importing, gating, settings.gate_wait_seconds)
    return Service(
        "training",
        platform,
        servicers=[(training_pb2_grpc.add_TrainingServiceServicer_to_server, servicer)],
        service_names=["whetstone.training.v1.TrainingService"],
        consumer=consumer,
        workers=[following, gating],
        closers=[runner.close],
    )


def habits(settings: Settings) -> Habits:
    return Habits(
        settings.training_base,
        settings.training_recipe,
        str(settings.training_cache_dir),
        settings.training_ray_address,
        settings.training_threads,
        settings.training_parallel,
        settings.training_deaths,
        settings.training_workers,
    )


def policy(settings: Settings) -> Policy:
    return Policy(
        settings.gate_min_questions,
        settings.gate_min_gain,
        settings.gate_max_forgotten,
        settings.gate_max_nll_increase,
        settings.gate_min_tools,
        settings.gate_min_no_call,
        settings.gate_min_decline,
        settings.gate_max_logprob,
    )
