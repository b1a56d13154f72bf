"""Puts the synthesis service together."""

from collections.abc import Callable

from services.chassis.events import Consumer
from services.chassis.lifecycle import Service, Worker, open_platform
from services.chassis.settings import SettingInvalid
from services.synthesis.adapters.curation import CuratedText
from services.synthesis.adapters.openai import OpenAIGenerator
from services.synthesis.adapters.records import StoredDrafts, jobs
from services.synthesis.adapters.rules import RuleGenerator
from services.synthesis.adapters.units import PintUnits
from services.synthesis.events import Events
from services.synthesis.handlers import Handlers
from services.synthesis.ports import Curation, Generator
from services.synthesis.rpc import SynthesisServicer
from services.synthesis.running import Runner
from services.synthesis.settings import Settings
from whetstone.synthesis.v1 import synthesis_pb2_grpc


def bootstrap(settings: Settings, curation: Curation | None = None, generator: Generator | None = None) -> Service:
    platform = open_platform("synthesis", settings, "services.synthesis.migrations")
    handlers = Handlers(platform.store, platform.outbox, jobs())
    curation = curation or CuratedText(platform.channel("curation"), platform.blobs)
    closers: list[Callable[[], None]] = []
    generator = generator or open_generator(settings, closers)
    drafts = StoredDrafts(platform.store)
    runner = Runner(handlers, curation, generator, drafts, PintUnits(), platform.blobs, settings.synthesis_batch)
    worker = Worker("synthesis", runner.step, settings.synthesis_poll_seconds)
    consumer = Consumer(
        "synthesis",
        platform.store,
        platform.log,
        Events(handlers).subscriptions(),
        poll_seconds=settings.events_poll_seconds,
        on_batch=worker.wake,
    )
    return Service(
        "synthesis",
        platform,
        servicers=[
            (
                synthesis_pb2_grpc.add_SynthesisServiceServicer_to_server,
                SynthesisServicer(handlers, platform.blobs),
            )
        ],
        service_names=["whetstone.synthesis.v1.SynthesisService"],
        consumer=consumer,
        workers=[worker],
        closers=closers,
    )


def open_generator(settings: Settings, closers: list[Callable[[], None]]) -> Generator:
    """The generator that the settings name. Raises SettingInvalid."""
    if settings.generator == "rules":
        return RuleGenerator()
    if settings.generator != "openai":
        raise SettingInvalid(f"generator {settings.generator!r} is not known; generators: rules, openai")
    if not settings.generator_url or not settings.generator_model:
        raise SettingInvalid("generator openai needs WHETSTONE_GENERATOR_URL and WHETSTONE_GENERATOR_MODEL")
    made = OpenAIGenerator(
        settings.generator_url, settings.generator_model, settings.generator_key, settings.generator_timeout_seconds
    )
    closers.append(made.close)
    return made
