"""Act: an agent writes a compliance report through four tools; its one write waits for an approval of that call."""

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from cli.client import Api, Json
from cli.errors import CommandError
from examples.demo.stages import MODEL
from examples.tools.__main__ import BASES, VARIABLES

OPERATIONS: Mapping[str, list[str]] = {
    "tasks": ["getTasksForProject", "createTask"],
    "documents": ["findNodes", "getNodeContent"],
    "regulator": ["GET /echo_rest_services.get_facility_info"],
    "materials": ["get_structures_structures_get"],
}
INPUTS = {
    "design": "QF-203",
    "project": "Harbour Point",
    "tasks_project": "1208000000000101",
    "materials_filter": '_qf_part CONTAINS "QF-203"',
    "topics": "wind speed;Charpy;yield strength;slip factor;zinc coating;grout",
    "max_reads": "2",
}
TASK = "Write the compliance report for the QF-203 canopy frame at Harbour Point."
START_SECONDS = 30.0
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


# The proxy calls public hosts only, unless a private one is named.
PRIVATE_HOSTS = {"WHETSTONE_TOOL_PRIVATE_HOSTS": "127.0.0.1"}
FUNCTIONS = Path(__file__).parents[1] / "tools" / "functions.json"
# The functions whose calls the demo's specialist is taught: a search, and a write. Each one more makes every tool
# example longer, for functions stand in the prompt.
TAUGHT = ("find_documents", "create_task")


def taught_functions() -> str:
    """The taught functions as a JSON list of OpenAI tool schemas."""
    every = json.loads(FUNCTIONS.read_text(encoding="utf-8"))
    return json.dumps([function for function in every if function["function"]["name"] in TAUGHT])


class ToolServers:
    """The four servers in a process of their own, with credentials that only they and the proxy know."""

    def __init__(self) -> None:
        self.credentials = {
            variable: f"user:{secrets.token_urlsafe(16)}" if variable.endswith("LOGIN") else secrets.token_urlsafe(16)
            for variable in VARIABLES.values()
        }
        self.port = _free_ports(len(VARIABLES))

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-m", "examples.tools", "--port-base", str(self.port)]
        environ = os.environ | self.credentials
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)  # noqa: S603 our own program
        try:
            for index in range(len(VARIABLES)):
                _wait_for(f"http://127.0.0.1:{self.port + index}/openapi")
            yield
        finally:
            process.terminate()
            process.wait()

    def tasks(self) -> list[Json]:
        """What the task tool holds now, asked of itself and not of the proxy."""
        url = f"http://127.0.0.1:{self.port}{BASES['tasks']}/projects/{INPUTS['tasks_project']}/tasks"
        headers = {"authorization": f"Bearer {self.credentials['TOOL_TASKS_TOKEN']}"}
        return list(httpx.get(url, headers=headers, params={"opt_fields": "name,notes"}).json()["data"])


def _free_ports(count: int) -> int:
    """The first of `count` free ports in a row."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if first + count < 65536 and all(_is_free(first + n) for n in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for(url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise CommandError("TOOL_SERVER_NOT_READY", f"{url} does not answer")


def import_tools(api: Api, servers: ToolServers) -> None:
    """Makes the four tools from the documents that the servers publish."""
    for index, (tool, variable) in enumerate(VARIABLES.items()):
        document = httpx.get(f"http://127.0.0.1:{servers.port + index}/openapi").content
        body = {
            "toolId": tool,
            "openapi": base64.b64encode(document).decode(),
            "operations": OPERATIONS[tool],
            "credentialRef": f"env:{variable}",
        }
        api.post(f"{api.parent}/tools:import", body)


def start_agent(api: Api, request_id: str) -> str:
    body = {"task": TASK, "plan": "compliance-report", "model": f"{api.parent}/models/{MODEL}", "inputs": INPUTS}
    return str(api.post(f"{api.parent}/agentRuns", body, requestId=request_id)["name"])


def wait(api: Api, run: str, states: tuple[str, ...], timeout: float = 180.0) -> Json:
    """Waits until an agent run is in one of the states. Raises CommandError where it fails or takes too long."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        found = api.get(run)
        if found["state"] in states:
            return found
        if found["state"] == "FAILED":
            raise CommandError(found["failure"]["reason"], found["failure"].get("message", ""))
        time.sleep(0.3)
    raise CommandError("AGENT_NOT_DONE", f"{run} is still {found['state']} after {timeout:.0f} s")


def approve(api: Api, call: str) -> Json:
    """Grants a waiting write, for exactly the arguments that it holds now."""
    waiting = api.get(call)
    body = {"grant": True, "reason": "The follow-up is due.", "argumentsDigest": waiting["argumentsDigest"]}
    return api.post(f"{call}:decide", body)


def uncited(report: str) -> list[str]:
    """Statements of the report that end without a citation such as [3]."""
    body = report.split("## Not supported")[0]
    lines = [line.strip() for line in body.splitlines()]
    return [line for line in lines if line.startswith("- ") and not line.rstrip(".").endswith("]")]
