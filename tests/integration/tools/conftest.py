import os
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from examples.tools.__main__ import VARIABLES
from examples.tools.background import Address, running
from services.chassis import testing
from services.chassis.lifecycle import Service
from services.tools.bootstrap import bootstrap
from services.tools.settings import Settings
from whetstone.tools.v1 import tools_pb2 as pb
from whetstone.tools.v1 import tools_pb2_grpc

PARENT = "projects/quantumforge"
CREDENTIALS = {
    "tasks": "secret-of-tasks",
    "documents": "whetstone:secret-of-documents",
    "regulator": "secret-of-regulator",
    "materials": "secret-of-materials",
}
OPERATIONS = {
    "tasks": ["getTasksForProject", "createTask", "getTask"],
    "documents": ["findNodes", "getNodeContent"],
    "regulator": ["GET /echo_rest_services.get_facility_info"],
    "materials": ["get_structures_structures_get"],
}


@pytest.fixture(scope="session")
def addresses() -> Iterator[dict[str, Address]]:
    with running(CREDENTIALS) as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for tool, variable in VARIABLES.items():
        monkeypatch.setenv(variable, CREDENTIALS[tool])
    return testing.settings(Settings, tmp_path, tool_private_hosts=("127.0.0.1",), tool_timeout_seconds=5.0)


@pytest.fixture
def service(settings: Settings) -> Service:
    return bootstrap(settings)


@pytest.fixture
def channel(service: Service) -> Iterator[grpc.Channel]:
    with testing.served(service) as found:
        yield found


@pytest.fixture
def stub(channel: grpc.Channel, addresses: dict[str, Address]) -> tools_pb2_grpc.ToolServiceStub:
    """A tools service that has the four tools."""
    stub = tools_pb2_grpc.ToolServiceStub(channel)
    for tool, address in addresses.items():
        stub.ImportTool(import_request(tool, address))
    return stub


def import_request(tool: str, address: Address) -> pb.ImportToolRequest:
    return pb.ImportToolRequest(
        parent=PARENT,
        tool_id=tool,
        openapi=httpx.get(f"{address.root}/openapi").content,
        operations=OPERATIONS[tool],
        credential_ref=f"env:{VARIABLES[tool]}",
    )


@pytest.fixture
def secrets() -> list[str]:
    assert all(variable in os.environ for variable in VARIABLES.values())
    return [part for value in CREDENTIALS.values() for part in value.split(":")[-1:]]
