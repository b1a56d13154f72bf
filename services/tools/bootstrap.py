"""Puts the tools service together."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from services.chassis.lifecycle import Service, Worker, open_platform
from services.chassis.store import fingerprint
from services.tools.adapters import arguments, records
from services.tools.adapters.http.client import HttpApi
from services.tools.adapters.http.credentials import Credentials
from services.tools.adapters.http.guard import Guard
from services.tools.adapters.openapi.reader import OpenApiReader
from services.tools.domain import Policy
from services.tools.handlers.calls import CallHandlers, Parts
from services.tools.handlers.tools import ToolHandlers
from services.tools.ports import OutsideApi
from services.tools.rpc import ToolServicer
from services.tools.settings import Settings
from whetstone.tools.v1 import tools_pb2_grpc

# What a lease leaves for writing the outcome down after the request's own deadline, in seconds.
LEASE_MARGIN = 10.0
SWEEP_SECONDS = 1.0


def bootstrap(
    settings: Settings, api: OutsideApi | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Service:
    platform = open_platform("tools", settings, "services.tools.migrations")
    api = api or http_api(settings)
    audit = records.Audit()
    tools = ToolHandlers(platform.store, records.tools(), audit, OpenApiReader(), api, arguments.digest, now)
    parts = Parts(
        store=platform.store,
        outbox=platform.outbox,
        calls=records.Calls(),
        audit=audit,
        api=api,
        digest=arguments.digest,
        check=arguments.check,
        policy=policy(settings),
        now=now,
        instance=settings.tool_instance or socket.gethostname(),
        lease_seconds=settings.tool_timeout_seconds + LEASE_MARGIN,
    )
    calls = CallHandlers(parts, tools)
    calls.recover()
    return Service(
        "tools",
        platform,
        servicers=[(tools_pb2_grpc.add_ToolServiceServicer_to_server, ToolServicer(tools, calls))],
        service_names=["whetstone.tools.v1.ToolService"],
        workers=[Worker("sweep", calls.sweep, SWEEP_SECONDS)],
    )


def http_api(settings: Settings) -> HttpApi:
    credentials = Credentials.of_process(settings.tool_credential_prefix)
    guard = Guard(settings.tool_private_hosts)
    return HttpApi(credentials, guard, settings.tool_timeout_seconds, settings.tool_response_bytes)


def policy(settings: Settings) -> Policy:
    """The policy of the settings; its version changes with any of its rules."""
    rules = Policy("", max_ttl=timedelta(seconds=settings.tool_max_ttl_seconds), four_eyes=settings.tool_four_eyes)
    version = fingerprint(sorted(rules.approver_roles), str(rules.default_ttl), str(rules.max_ttl), rules.four_eyes)
    return Policy(version[:16], max_ttl=rules.max_ttl, four_eyes=rules.four_eyes)
