"""The tools service against the four example servers, over HTTP."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf import json_format, struct_pb2

from services.chassis import auth, testing
from services.chassis.errors import Denied, FailedPrecondition, Invalid, NotFound, ServiceError
from services.chassis.store import sqlite_path
from whetstone.tools.v1 import tools_pb2 as pb
from whetstone.tools.v1 import tools_pb2_grpc

PARENT = "projects/quantumforge"
PROJECT = "1208000000000101"
OTHER = auth.Caller("acme", "user:mallory@acme.example", frozenset({"admin"}))


def struct(value: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(value, struct_pb2.Struct())


def call(stub: tools_pb2_grpc.ToolServiceStub, operation: str, arguments: dict[str, Any], request_id: str = "") -> Any:
    asked = pb.ToolCall(operation=operation, arguments=struct(arguments))
    return stub.CreateToolCall(pb.CreateToolCallRequest(parent=PARENT, tool_call=asked, request_id=request_id))


def new_task(name: str) -> dict[str, Any]:
    return {"body": {"data": {"name": name, "projects": [PROJECT]}}}


def approve(stub: tools_pb2_grpc.ToolServiceStub, waiting: Any, **changes: Any) -> Any:
    decision = {"name": waiting.name, "grant": True, "reason": "agreed", "arguments_digest": waiting.arguments_digest}
    return stub.DecideToolCall(pb.DecideToolCallRequest(**(decision | changes)))


def execute(stub: tools_pb2_grpc.ToolServiceStub, waiting: Any, arguments: dict[str, Any]) -> Any:
    return stub.ExecuteToolCall(pb.ExecuteToolCallRequest(name=waiting.name, arguments=struct(arguments)))


def task_names(addresses: dict[str, Any]) -> list[str]:
    url = f"{addresses['tasks'].base_url}/projects/{PROJECT}/tasks"
    found = httpx.get(url, headers={"Authorization": "Bearer secret-of-tasks"}).json()["data"]
    return [task["name"] for task in found]


def test_reads_of_all_four_tools_are_made_at_once(stub: Any) -> None:
    tasks = call(stub, "tasks.getTasksForProject", {"project_gid": PROJECT, "opt_fields": ["name", "assignee.name"]})
    found = call(stub, "documents.findNodes", {"term": "anchor rods lot"})
    facility = call(stub, "regulator.GET /echo_rest_services.get_facility_info", {"p_fn": "Harbour Point"})
    material = call(stub, "materials.get_structures_structures_get", {"filter": '_qf_heat="AR-88"'})

    assert {c.state for c in (tasks, found, facility, material)} == {pb.ToolCall.SUCCEEDED}
    rows = json_format.MessageToDict(tasks.result)["data"]
    assert {"Coatings", "Quality"} <= {row["assignee"]["name"] for row in rows}
    names = [e["entry"]["name"] for e in json_format.MessageToDict(found.result)["list"]["entries"]]
    assert "TR-2024-047" in names
    assert json_format.MessageToDict(facility.result)["Results"]["QueryRows"] == "1"
    assert json_format.MessageToDict(material.result)["data"][0]["attributes"]["_qf_grade"] == "ASTM F1554 Grade 55"


def test_content_of_a_document_comes_as_text(stub: Any) -> None:
    found = json_format.MessageToDict(call(stub, "documents.findNodes", {"term": "TR-2024-047 pulled"}).result)
    node = found["list"]["entries"][0]["entry"]["id"]
    content = call(stub, "documents.getNodeContent", {"nodeId": node})
    assert "412 MPa" in content.result.string_value


@pytest.mark.parametrize(
    ("operation", "arguments", "path"),
    [
        ("tasks.getTasksForProject", {}, ""),
        ("tasks.getTasksForProject", {"project_gid": 7}, "/project_gid"),
        ("tasks.getTasksForProject", {"project_gid": "1", "nonsense": True}, ""),
        ("tasks.createTask", {"body": {"data": {"projects": "x"}}}, "/body/data/projects"),
        ("documents.getNodeContent", {"nodeId": ".."}, "/nodeId"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_their_path(
    stub: Any, service: Any, operation: str, arguments: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        call(stub, operation, arguments)
    assert refused.value.reason == "ARGUMENTS_INVALID"
    assert refused.value.metadata["path"] == path


def test_unknown_tools_and_operations_are_named(stub: Any) -> None:
    for operation, reason in (("nothing.get", "TOOL_NOT_FOUND"), ("tasks.deleteTask", "OPERATION_NOT_FOUND")):
        with pytest.raises(NotFound) as missing:
            call(stub, operation, {})
        assert missing.value.reason == reason


def test_a_write_waits_is_approved_and_made_once(stub: Any, addresses: Any, service: Any) -> None:
    arguments = new_task("Write down the grout test")
    waiting = call(stub, "tasks.createTask", arguments)
    assert waiting.state == pb.ToolCall.AWAITING_APPROVAL
    assert "Write down the grout test" not in task_names(addresses)

    with pytest.raises(FailedPrecondition, match="AWAITING_APPROVAL") as early:
        execute(stub, waiting, arguments)
    assert early.value.reason == "APPROVAL_MISSING"
    assert approve(stub, waiting).state == pb.ToolCall.APPROVED

    made = execute(stub, waiting, arguments)
    assert (made.state, made.http_status, made.approval.used) == (pb.ToolCall.SUCCEEDED, 201, True)
    with pytest.raises(FailedPrecondition) as again:
        execute(stub, waiting, arguments)
    assert again.value.reason == "APPROVAL_USED"
    assert task_names(addresses).count("Write down the grout test") == 1
    kinds = [message.DESCRIPTOR.name for _, message in testing.said(service.platform.store, "whetstone.tools.v1")]
    assert kinds == [
        "ToolCallAwaitingApproval",
        "ToolCallRefused",
        "ToolCallDecided",
        "ToolCallMade",
        "ToolCallRefused",
    ]


def test_a_grant_holds_for_its_very_arguments_and_caller_only(stub: Any, addresses: Any, service: Any) -> None:
    arguments = new_task("Order grout")
    waiting = call(stub, "tasks.createTask", arguments)
    approve(stub, waiting)
    with pytest.raises(Denied) as other_arguments:
        execute(stub, waiting, new_task("Order 1000 bags of grout"))
    assert other_arguments.value.reason == "APPROVAL_MISMATCH"
    assert other_arguments.value.metadata["fields"] == "arguments_digest"
    with auth.acting_as(OTHER), pytest.raises(Denied) as other_caller:
        execute(stub, waiting, arguments)
    assert other_caller.value.metadata["fields"] == "caller"
    assert not any("grout" in name and "Order" in name for name in task_names(addresses))
    assert execute(stub, waiting, arguments).state == pb.ToolCall.SUCCEEDED


def test_a_grant_does_not_outlive_the_tool_it_was_given_for(stub: Any, addresses: Any) -> None:
    arguments = new_task("Move the crane")
    waiting = call(stub, "tasks.createTask", arguments)
    approve(stub, waiting)
    document = httpx.get(f"{addresses['tasks'].root}/openapi").content
    stub.ImportTool(
        pb.ImportToolRequest(
            parent=PARENT, tool_id="tasks", openapi=document, operations=["createTask"], base_url="http://127.0.0.1:9/x"
        )
    )
    with pytest.raises(Denied) as moved:
        execute(stub, waiting, arguments)
    assert moved.value.metadata["fields"] == "tool_digest"


def test_a_decision_needs_the_role_the_digest_and_a_waiting_call(stub: Any) -> None:
    waiting = call(stub, "tasks.createTask", new_task("Paint the canopy"))
    with auth.acting_as(auth.Caller("acme", "user:m", frozenset({"member"}))), pytest.raises(Denied) as role:
        approve(stub, waiting)
    assert role.value.reason == "ROLE_MISSING"
    with pytest.raises(Denied) as unseen:
        approve(stub, waiting, arguments_digest="0" * 64)
    assert unseen.value.reason == "APPROVAL_MISMATCH"
    with pytest.raises(Invalid):
        approve(stub, waiting, reason=" ")
    assert approve(stub, waiting, grant=False).state == pb.ToolCall.DENIED
    with pytest.raises(FailedPrecondition) as late:
        approve(stub, waiting)
    assert late.value.reason == "CALL_NOT_WAITING"
    with pytest.raises(FailedPrecondition) as denied:
        execute(stub, waiting, new_task("Paint the canopy"))
    assert denied.value.reason == "APPROVAL_MISSING"


def test_another_tenant_sees_and_decides_nothing(stub: Any) -> None:
    waiting = call(stub, "tasks.createTask", new_task("Secret work"))
    with auth.acting_as(auth.Caller("rival", "user:r", frozenset({"admin"}))):
        for attempt in (
            lambda: stub.GetToolCall(pb.GetToolCallRequest(name=waiting.name)),
            lambda: approve(stub, waiting),
            lambda: execute(stub, waiting, new_task("Secret work")),
            lambda: call(stub, "tasks.getTasksForProject", {"project_gid": PROJECT}),
        ):
            with pytest.raises(NotFound):
                attempt()
        assert not stub.ListToolCalls(pb.ListToolCallsRequest(parent=PARENT)).tool_calls


def test_two_executions_at_once_make_one_request(stub: Any, addresses: Any, service: Any) -> None:
    arguments = new_task("Only once please")
    waiting = call(stub, "tasks.createTask", arguments)
    approve(stub, waiting)

    def attempt(_: int) -> str:
        with auth.acting_as(testing.CALLER):
            try:
                return pb.ToolCall.State.Name(execute(stub, waiting, arguments).state)
            except ServiceError as error:
                return error.reason

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, range(4)))
    assert outcomes == ["APPROVAL_USED"] * 3 + ["SUCCEEDED"]
    assert task_names(addresses).count("Only once please") == 1


def test_a_repeated_request_id_makes_no_second_call(stub: Any) -> None:
    first = call(stub, "tasks.createTask", new_task("Idempotent"), "r-1")
    assert call(stub, "tasks.createTask", new_task("Idempotent"), "r-1").name == first.name
    with pytest.raises(ServiceError) as reused:
        call(stub, "tasks.createTask", new_task("Something else"), "r-1")
    assert reused.value.reason == "REQUEST_ID_REUSED"


def test_a_wrong_credential_is_the_other_sides_answer(stub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOL_TASKS_TOKEN", "a wrong token")
    refused = call(stub, "tasks.getTasksForProject", {"project_gid": PROJECT})
    assert (refused.state, refused.http_status, refused.failure.reason) == (pb.ToolCall.FAILED, 401, "HTTP_ERROR")
    monkeypatch.delenv("TOOL_TASKS_TOKEN")
    with pytest.raises(FailedPrecondition) as missing:
        call(stub, "tasks.getTasksForProject", {"project_gid": PROJECT})
    assert missing.value.reason == "CREDENTIAL_MISSING"


def test_no_credential_is_stored_or_said(stub: Any, settings: Any, service: Any, secrets: list[str]) -> None:
    waiting = call(stub, "tasks.createTask", new_task("Look for secrets"))
    approve(stub, waiting)
    execute(stub, waiting, new_task("Look for secrets"))
    call(stub, "documents.findNodes", {"term": "anchor"})
    with sqlite3.connect(sqlite_path(settings.state_dir, "tools")) as database:
        dump = "\n".join(database.iterdump())
    assert "env:TOOL_TASKS_TOKEN" in dump
    assert not [secret for secret in secrets if secret in dump]


def test_lists_can_be_narrowed(stub: Any) -> None:
    waiting = call(stub, "tasks.createTask", new_task("Listed"))
    call(stub, "tasks.getTasksForProject", {"project_gid": PROJECT})
    request = pb.ListToolCallsRequest(parent=PARENT, state=pb.ToolCall.AWAITING_APPROVAL)
    assert [found.name for found in stub.ListToolCalls(request).tool_calls] == [waiting.name]
    request = pb.ListToolCallsRequest(parent=PARENT, agent_run=f"{PARENT}/agentRuns/none")
    assert not stub.ListToolCalls(request).tool_calls


def test_a_tool_can_be_read_by_any_client(channel: grpc.Channel, stub: Any) -> None:
    tool = stub.GetTool(pb.GetToolRequest(name=f"{PARENT}/tools/tasks"))
    assert {o.id: o.write for o in tool.operations} == {
        "tasks.getTasksForProject": False,
        "tasks.createTask": True,
        "tasks.getTask": False,
    }
    assert [t.name.rsplit("/", 1)[1] for t in stub.ListTools(pb.ListToolsRequest(parent=PARENT)).tools] == [
        "documents",
        "materials",
        "regulator",
        "tasks",
    ]
