"""Serves the four tools in one process, on four ports in a row."""

import argparse
import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from examples.tools import documents, materials, regulator, tasks

VARIABLES: Mapping[str, str] = {
    "tasks": "TOOL_TASKS_TOKEN",
    "documents": "TOOL_DOCUMENTS_LOGIN",
    "regulator": "TOOL_REGULATOR_KEY",
    "materials": "TOOL_MATERIALS_TOKEN",
}
BASES: Mapping[str, str] = {
    "tasks": tasks.BASE,
    "documents": documents.BASE,
    "regulator": regulator.BASE,
    "materials": materials.BASE,
}


class Server(uvicorn.Server):
    """Four servers share a process, so none of them may take its signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def apps(credentials: Mapping[str, str]) -> dict[str, Starlette]:
    """The four applications by tool; `credentials` by tool."""
    return {
        "tasks": tasks.app(credentials["tasks"]),
        "documents": documents.app(credentials["documents"]),
        "regulator": regulator.app(credentials["regulator"]),
        "materials": materials.app(credentials["materials"]),
    }


def servers(credentials: Mapping[str, str], ports: Sequence[int]) -> list[Server]:
    """A server for each tool, in the order of `VARIABLES`; port 0 takes any free one."""
    found = apps(credentials)
    return [
        Server(uvicorn.Config(found[name], port=port, log_level="warning", lifespan="off"))
        for name, port in zip(VARIABLES, ports, strict=True)
    ]


async def serve(running: Sequence[Server]) -> None:
    """Serves until each server's `should_exit` is set."""
    await asyncio.gather(*(server.serve() for server in running))


async def _until_stopped(running: Sequence[Server]) -> None:
    def stop() -> None:
        for server in running:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await serve(running)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.tools", description=__doc__)
    parser.add_argument("--port-base", type=int, default=8600, help="port of tasks; the others follow")
    base = parser.parse_args().port_base
    missing = [variable for variable in VARIABLES.values() if not os.environ.get(variable)]
    if missing:
        parser.error(f"set {', '.join(missing)}")
    credentials = {name: os.environ[variable] for name, variable in VARIABLES.items()}
    for offset, name in enumerate(VARIABLES):
        print(f"{name}: http://127.0.0.1:{base + offset}{BASES[name]}", flush=True)
    asyncio.run(_until_stopped(servers(credentials, range(base, base + len(VARIABLES)))))


if __name__ == "__main__":
    main()
