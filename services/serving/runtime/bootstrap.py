"""The composition root of the model server."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fastapi import FastAPI

from services.chassis import rpc
from services.chassis.blobs import open_blobs
from services.chassis.errors import ServiceError
from services.chassis.settings import SettingInvalid
from services.serving.runtime.adapter_set import AdapterSet
from services.serving.runtime.adapters.bundles import BundleFolders
from services.serving.runtime.adapters.completion_log import GrpcCompletionLog
from services.serving.runtime.adapters.kserve_server import CatalogueRepository, ReadyDataPlane, Server
from services.serving.runtime.adapters.language_model import open_model
from services.serving.runtime.answers import Answers
from services.serving.runtime.catalogue import Catalogue
from services.serving.runtime.engine import Engine
from services.serving.runtime.http.admin import AdminRoutes
from services.serving.runtime.http.identity import Identity
from services.serving.runtime.http.openai import OpenAIRoutes, on_service_error
from services.serving.runtime.ports import AdapterFiles, CompletionLog, LanguageModel, Tokens
from services.serving.runtime.probing import Probing
from services.serving.runtime.settings import RuntimeSettings

# As the services' own lifecycle demands; importing it would bring the database libraries along.
MIN_KEY = 32
MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass
class Runtime:
    """The parts of a model server, put together but not listening."""

    settings: RuntimeSettings
    engine: Engine
    adapters: AdapterSet
    answers: Answers
    repository: CatalogueRepository
    dataplane: ReadyDataPlane
    openai: OpenAIRoutes
    admin: AdminRoutes
    pool: ThreadPoolExecutor

    def app(self) -> FastAPI:
        """An application with our routes, our errors and the caller's identity. KServe's routes go on after."""
        # The spans of FastAPI itself, five a request, tell nothing that ours don't.
        app = FastAPI(title="Whetstone model server", telemetry={"tracing": False}, max_body_size=MAX_BODY_BYTES)
        app.include_router(self.openai.router)
        app.include_router(self.admin.router)
        app.add_exception_handler(ServiceError, on_service_error)
        app.add_middleware(Identity, key=self.settings.internal_key)
        return app

    def close(self) -> None:
        self.engine.stop()
        self.pool.shutdown(wait=False, cancel_futures=True)


def bootstrap(
    settings: RuntimeSettings,
    *,
    model: tuple[LanguageModel, Tokens] | None = None,
    files: AdapterFiles | None = None,
    log: CompletionLog | None = None,
) -> Runtime:
    """Loads the base and starts the engine. Raises SettingInvalid, and BaseNotFound where there is no such base."""
    if len(settings.internal_key) < MIN_KEY:
        raise SettingInvalid(f"WHETSTONE_INTERNAL_KEY must have at least {MIN_KEY} characters")
    language, tokens = model or _open_model(settings)
    files = files or BundleFolders(open_blobs(settings.blob_url, settings.state_dir), settings.state_dir / "serving")
    log = log or GrpcCompletionLog(rpc.channel(settings.addresses.get("serving", ""), settings.internal_key))
    engine = Engine(language, tokens, settings.runtime_max_sequences, settings.runtime_queue)
    catalogue = Catalogue()
    adapters = AdapterSet(language, engine, files, catalogue)
    answers = Answers(
        catalogue,
        engine,
        tokens,
        log,
        language.base_digest,
        max_tokens=settings.runtime_max_tokens,
        project=settings.runtime_project,
    )
    pool = ThreadPoolExecutor(settings.runtime_max_sequences + settings.runtime_queue, thread_name_prefix="answer")
    repository = CatalogueRepository(answers, catalogue, adapters)
    return Runtime(
        settings=settings,
        engine=engine,
        adapters=adapters,
        answers=answers,
        repository=repository,
        dataplane=ReadyDataPlane(repository, adapters, engine),
        openai=OpenAIRoutes(answers, catalogue, tokens, pool),
        admin=AdminRoutes(adapters, Probing(adapters, engine, language, tokens, files)),
        pool=pool,
    )


def _open_model(settings: RuntimeSettings) -> tuple[LanguageModel, Tokens]:
    if settings.runtime_precision not in ("bf16", "fp32"):
        raise SettingInvalid("WHETSTONE_RUNTIME_PRECISION must be bf16 or fp32")
    return open_model(
        settings.base_model,
        settings.cache_dir,
        settings.runtime_precision,
        settings.runtime_device,
        settings.runtime_threads,
    )


def serve(settings: RuntimeSettings, runtime: Runtime) -> None:
    """Listens until SIGTERM or SIGINT."""
    host, _, port = settings.listen.rpartition(":")
    server = Server(host, int(port), runtime.repository, runtime.dataplane, settings.grace_seconds)
    try:
        server.serve(runtime.app(), runtime.answers)
    finally:
        runtime.close()
