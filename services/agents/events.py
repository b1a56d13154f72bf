"""What agents hears: decisions on the tool calls of its runs."""

from collections.abc import Mapping

from google.protobuf.message import Message

from services.agents.handlers.runs import RunHandlers
from services.chassis.events import Handler
from services.chassis.outbox import Event
from services.chassis.store import Tx
from whetstone.tools.v1 import events_pb2 as tools


class Events:
    def __init__(self, handlers: RunHandlers) -> None:
        self._handlers = handlers

    def subscriptions(self) -> Mapping[type[Message], Handler]:
        return {tools.ToolCallDecided: self._decided}

    def _decided(self, tx: Tx, event: Event, message: tools.ToolCallDecided) -> None:
        if message.agent_run:
            self._handlers.decided(tx, event.tenant, message.tool_call, message.agent_run)
