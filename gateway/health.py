"""Liveness and readiness; readiness names the dependency that is down."""

import asyncio
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.edge import facts_of
from gateway.ports import Runtime, Services

# Anybody may ask, so that asking must not multiply into calls to every service.
FRESH_SECONDS = 1.0
# The state of a model server that has no address; it is not missed.
NOT_SET_UP = "NOT_SET_UP"


class Health:
    def __init__(self, services: Services, runtime: Runtime) -> None:
        self._services, self._runtime = services, runtime
        self._states: dict[str, str] = {}
        self._checked = float("-inf")
        self._lock = asyncio.Lock()

    async def live(self, request: Request) -> Response:
        """The process answers."""
        facts_of(request).route = "/healthz"
        return JSONResponse({"status": "SERVING"})

    async def ready(self, request: Request) -> Response:
        """200 while everything that has an address serves, the model server included."""
        facts_of(request).route = "/readyz"
        async with self._lock:
            if time.monotonic() - self._checked > FRESH_SECONDS:
                runtime, services = await asyncio.gather(self._runtime.health(), self._services.health())
                self._states = {**services, "runtime": runtime}
                self._checked = time.monotonic()
            states = dict(self._states)
        down = sorted(name for name, state in states.items() if state != "SERVING" and state != NOT_SET_UP)
        body = {"status": "NOT_SERVING" if down else "SERVING", "down": down, "dependencies": states}
        return JSONResponse(body, 503 if down else 200)
