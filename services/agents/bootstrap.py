"""Puts the agents service together."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.agents.adapters import records
from services.agents.adapters.evidence import DocumentEvidence
from services.agents.adapters.model import OpenAiModel
from services.agents.adapters.tools import ToolsService
from services.agents.adapters.units import PintUnits
from services.agents.events import Events
from services.agents.handlers.runs import Parts, RunHandlers
from services.agents.ports import Evidence, Model, Tools, Units
from services.agents.rpc import AgentServicer
from services.agents.settings import Settings
from services.chassis.events import Consumer
from services.chassis.lifecycle import Platform, Service, Worker, open_platform
from whetstone.agents.v1 import agents_pb2_grpc


@dataclass(frozen=True)
class Outside:
    """Ports that a test puts its own parts into."""

    model: Model | None = None
    tools: Tools | None = None
    evidence: Evidence | None = None
    units: Units | None = None


def bootstrap(
    settings: Settings,
    outside: Outside | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Service:
    platform = open_platform("agents", settings, "services.agents.migrations")
    handlers = RunHandlers(_parts(platform, settings, outside or Outside(), now))
    worker = Worker("runs", handlers.work)
    consumer = Consumer(
        "agents",
        platform.store,
        platform.log,
        Events(handlers).subscriptions(),
        poll_seconds=settings.events_poll_seconds,
        on_batch=worker.wake,
    )
    return Service(
        "agents",
        platform,
        servicers=[(agents_pb2_grpc.add_AgentServiceServicer_to_server, AgentServicer(handlers))],
        service_names=["whetstone.agents.v1.AgentService"],
        consumer=consumer,
        workers=[worker],
    )


def _parts(platform: Platform, settings: Settings, outside: Outside, now: Callable[[], datetime]) -> Parts:
    units = outside.units or PintUnits()
    return Parts(
        store=platform.store,
        outbox=platform.outbox,
        runs=records.Runs(),
        steps=records.Steps(),
        decisions=records.Decisions(),
        model=outside.model or _model(platform, settings),
        tools=outside.tools or ToolsService(platform.channel("tools"), settings.agent_tool_timeout_seconds),
        evidence=outside.evidence
        or DocumentEvidence(platform.channel("curation"), platform.channel("ingestion"), units),
        units=units,
        now=now,
        instance=settings.agent_instance or socket.gethostname(),
        lease_seconds=settings.agent_lease_seconds,
    )


def _model(platform: Platform, settings: Settings) -> OpenAiModel:
    channel = platform.channel("serving")
    return OpenAiModel(channel, settings.internal_key, settings.agent_model_timeout_seconds)
