"""Runs the four servers in a thread of this process."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from examples.tools.__main__ import BASES, VARIABLES, Server, serve, servers

START_SECONDS = 10.0


@dataclass(frozen=True)
class Address:
    """Where a tool is: its server's root and the base URL of its API."""

    root: str
    base_url: str


@contextmanager
def running(credentials: Mapping[str, str]) -> Iterator[dict[str, Address]]:
    """The addresses by tool while the servers run; `credentials` by tool."""
    started = servers(credentials, [0] * len(VARIABLES))
    thread = threading.Thread(target=lambda: asyncio.run(serve(started)), daemon=True, name="example-tools")
    thread.start()
    try:
        roots = [f"http://127.0.0.1:{_port(server)}" for server in started]
        yield {name: Address(root, root + BASES[name]) for name, root in zip(VARIABLES, roots, strict=True)}
    finally:
        for server in started:
            server.should_exit = True
        thread.join(START_SECONDS)


def _port(server: Server) -> int:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        if time.monotonic() > end:
            raise TimeoutError("an example server did not start")
        time.sleep(0.01)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port
