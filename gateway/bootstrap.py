"""The composition root: the one place where the gateway's parts are put together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import jwt
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.adapters.dev_token import DevToken
from gateway.adapters.grpc_services import GrpcServices
from gateway.adapters.http_runtime import HttpRuntime, NoRuntime
from gateway.adapters.oidc import Oidc, OidcRules
from gateway.bodies import Bodies
from gateway.edge import HANDLERS, Edge
from gateway.health import Health
from gateway.identity import Identity
from gateway.openai_routes import OpenAiRoutes
from gateway.openapi.document import document
from gateway.pages import FILES, Pages
from gateway.ports import Authenticator, Runtime, Services
from gateway.rest import Rest
from gateway.settings import GatewaySettings
from gateway.transcoding import surface
from gateway.transcoding.response import encoded
from services.chassis.auth import Caller
from services.chassis.settings import SettingInvalid

MIN_TOKEN, MIN_KEY = 16, 32
ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def bootstrap(
    settings: GatewaySettings,
    services: Services | None = None,
    runtime: Runtime | None = None,
    authenticators: Sequence[Authenticator] | None = None,
    descriptor_set: bytes | None = None,
) -> ASGIApp:
    """The gateway as an ASGI application. A port that is not given is made from the settings.

    Raises SettingInvalid.
    """
    if len(settings.internal_key) < MIN_KEY:
        raise SettingInvalid(f"WHETSTONE_INTERNAL_KEY must have at least {MIN_KEY} characters")
    api = surface.load(descriptor_set or surface.committed())
    services = services or GrpcServices(
        settings.addresses, settings.internal_key, settings.call_seconds, settings.stream_seconds
    )
    runtime = runtime or open_runtime(settings)
    identity = Identity(authenticators if authenticators is not None else open_authenticators(settings))
    bodies = Bodies(settings.max_body_bytes, settings.max_upload_bytes, settings.max_uploads, settings.body_seconds)
    rest = Rest(api, services, identity, bodies)
    openai = OpenAiRoutes(runtime, rest, identity, bodies, settings.internal_key, settings.default_project)
    pages = Pages(encoded(document(api)))
    app = Starlette(
        routes=_routes(rest, openai, Health(services, runtime), pages),
        exception_handlers=HANDLERS,
        lifespan=_lifespan(services, runtime),
    )
    return Edge(app, settings.max_requests)


def open_runtime(settings: GatewaySettings) -> Runtime:
    if not settings.runtime_url:
        return NoRuntime()
    return HttpRuntime(settings.runtime_url, settings.runtime_prefix, settings.runtime_seconds, settings.max_requests)


def open_authenticators(settings: GatewaySettings) -> list[Authenticator]:
    """Raises SettingInvalid where nobody could ever be known, or where a token would be too weak."""
    found: list[Authenticator] = []
    if settings.dev_token:
        if settings.mode != "embedded":
            raise SettingInvalid("WHETSTONE_DEV_TOKEN is for the embedded mode only", variable="WHETSTONE_DEV_TOKEN")
        if len(settings.dev_token) < MIN_TOKEN:
            raise SettingInvalid(f"WHETSTONE_DEV_TOKEN must have at least {MIN_TOKEN} characters")
        caller = Caller(settings.dev_tenant, settings.dev_subject, frozenset(settings.dev_roles))
        found.append(DevToken(settings.dev_token, caller))
    if settings.oidc_issuer:
        if not settings.oidc_audience or not settings.oidc_jwks_url:
            raise SettingInvalid("WHETSTONE_OIDC_AUDIENCE and WHETSTONE_OIDC_JWKS_URL go with WHETSTONE_OIDC_ISSUER")
        rules = OidcRules(
            settings.oidc_issuer, settings.oidc_audience, settings.oidc_tenant_claim, settings.oidc_roles_claim
        )
        found.append(Oidc(rules, jwt.PyJWKClient(settings.oidc_jwks_url, timeout=5)))
    if not found:
        raise SettingInvalid("set WHETSTONE_DEV_TOKEN or WHETSTONE_OIDC_ISSUER: else nobody can be known")
    return found


def _routes(rest: Rest, openai: OpenAiRoutes, health: Health, pages: Pages) -> list[Route]:
    return [
        Route("/healthz", health.live),
        Route("/readyz", health.ready),
        Route("/openapi.json", pages.document),
        *(Route(path, pages.page) for path in FILES),
        # OpenAI's paths and the resources' can't meet: every resource is under /v1/projects/.
        Route("/v1/chat/completions", openai.forward, methods=["POST"]),
        Route("/v1/completions", openai.forward, methods=["POST"]),
        Route("/v1/embeddings", openai.forward, methods=["POST"]),
        Route("/v1/models", openai.forward),
        Route("/v1/models/{model:path}", openai.model),
        Route("/v1/completions/{completion}/influences", openai.influences),
        Route("/v1/{resource:path}", rest.handle, methods=ANY_METHOD),
    ]


def _lifespan(services: Services, runtime: Runtime):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await runtime.close()
        await services.close()

    return lifespan
