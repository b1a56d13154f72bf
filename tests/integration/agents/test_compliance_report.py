"""The plan compliance-report with the real tools service over HTTP."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from services.chassis import testing
from services.chassis.lifecycle import Service
from whetstone.agents.v1 import agents_pb2 as pb
from whetstone.agents.v1 import agents_pb2_grpc
from whetstone.tools.v1 import tools_pb2

PARENT = "projects/quantumforge"
INPUTS = {
    "design": "QF-203",
    "project": "Harbour Point",
    "tasks_project": "1208000000000101",
    "materials_filter": '_qf_part CONTAINS "QF-203"',
}
FOLLOW_UP = "Close 1 points of the compliance report on QF-203, Harbour Point"


def start(stub: Any, **inputs: str) -> Any:
    run = pb.AgentRun(task="Write the report", model=f"{PARENT}/models/m", inputs=INPUTS | inputs)
    return stub.CreateAgentRun(pb.CreateAgentRunRequest(parent=PARENT, agent_run=run))


def until(stub: Any, name: str, *states: Any, seconds: float = 20.0) -> Any:
    end = time.monotonic() + seconds
    while True:
        run = stub.GetAgentRun(pb.GetAgentRunRequest(name=name))
        if run.state in states:
            return run
        assert time.monotonic() < end, pb.AgentRun.State.Name(run.state)
        assert run.state != pb.AgentRun.FAILED, run.failure
        time.sleep(0.05)


def decide(tool_stub: Any, name: str, grant: bool = True) -> Any:
    digest = tool_stub.GetToolCall(tools_pb2.GetToolCallRequest(name=name)).arguments_digest
    request = tools_pb2.DecideToolCallRequest(name=name, grant=grant, reason="agreed", arguments_digest=digest)
    return tool_stub.DecideToolCall(request)


def calls(tool_stub: Any, run: Any) -> Sequence[Any]:
    request = tools_pb2.ListToolCallsRequest(parent=PARENT, agent_run=run.name, page_size=1000)
    return tool_stub.ListToolCalls(request).tool_calls


def test_report_waits_for_its_write_and_cites_every_statement(
    make_agents: Callable[..., Service], tool_stub: Any, task_names: Callable[[], list[str]]
) -> None:
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        waiting = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
        assert FOLLOW_UP not in task_names()
        decide(tool_stub, waiting.pending_tool_call)
        run = until(stub, waiting.name, pb.AgentRun.SUCCEEDED)

    assert task_names().count(FOLLOW_UP) == 1
    assert "yield strength, Anchor rods for QF-203 frames: met" in run.report
    assert "slip factor, QF-203 splice faces: met" in run.report
    assert "deflection, QF-203 frames: open" in run.report
    assert "The follow-up task was made." in run.report
    body = run.report.split("## Not supported")[0]
    statements = [line for line in body.splitlines() if line.startswith("- ")]
    assert len(statements) > 10
    assert all(re.search(r"(\[\d+\] ?)+$", line) for line in statements)
    known = {citation.number for citation in run.citations}
    assert {int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", run.report)} <= known
    assert "35 mm" in run.report.split("## Not supported")[1].split("## Sources")[0]
    (_, finished) = testing.said(make_agents().platform.store, "whetstone.agents.v1")[0]
    assert finished.state == pb.AgentRun.SUCCEEDED
    assert waiting.pending_tool_call in finished.tool_calls
    assert finished.completions


def test_steps_say_who_decided(make_agents: Callable[..., Service], tool_stub: Any) -> None:
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        run = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
    by_kind = {(step.kind, step.decided_by) for step in run.steps}
    assert by_kind == {
        ("tool", "HARNESS"),
        ("tool", "MODEL"),
        ("model", "MODEL"),
        ("retrieve", "HARNESS"),
        ("check", "HARNESS"),
    }
    assert all(step.completion for step in run.steps if step.kind == "model")
    assert [step.index for step in run.steps] == list(range(len(run.steps)))
    searches = [step for step in run.steps if step.title == "Search the documents"]
    assert {step.decided_by for step in searches} == {"MODEL"}


def test_a_model_that_writes_no_valid_call_picks_by_number(
    make_agents: Callable[..., Service], tool_stub: Any, clumsy_model: Any
) -> None:
    with testing.served(make_agents(clumsy_model)) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        run = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
    chosen = [step for step in run.steps if step.title.startswith("Choose ")]
    picked = [step for step in run.steps if step.title.startswith("Pick ")]
    assert {step.failure.reason for step in chosen} == {"CHOICE_INVALID"}
    assert len(picked) == len(chosen)
    assert {step.decided_by for step in run.steps if step.title == "Search the documents"} == {"MODEL"}


def test_a_denied_write_is_not_made(
    make_agents: Callable[..., Service], tool_stub: Any, task_names: Callable[[], list[str]]
) -> None:
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        waiting = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
        decide(tool_stub, waiting.pending_tool_call, grant=False)
        run = until(stub, waiting.name, pb.AgentRun.SUCCEEDED)
    assert "The follow-up task was not made" in run.report
    assert FOLLOW_UP not in task_names()


def test_a_hostile_model_and_document_cause_no_call_but_the_plans(
    make_agents: Callable[..., Service],
    tool_stub: Any,
    task_names: Callable[[], list[str]],
    hostile_model: Any,
    hostile_evidence: Any,
) -> None:
    before = task_names()
    with testing.served(make_agents(hostile_model, hostile_evidence)) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        run = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
    made = calls(tool_stub, run)
    writes = [call for call in made if call.operation == "tasks.createTask"]
    assert [call.name for call in writes] == [run.pending_tool_call]
    assert not re.search("Saltgate|Ignore all|tool_call", str(writes[0].arguments))
    assert writes[0].state == tools_pb2.ToolCall.AWAITING_APPROVAL
    assert task_names() == before
    reasons = {step.failure.reason for step in run.steps if step.kind == "model"}
    assert reasons == {"TOOL_CALL_REFUSED", "CHOICE_INVALID"}
    assert {step.decided_by for step in run.steps if step.kind == "tool"} == {"HARNESS"}


def test_a_run_goes_on_after_its_service_died(
    make_agents: Callable[..., Service], tool_stub: Any, task_names: Callable[[], list[str]], dying_model: Any
) -> None:
    """Each completion ends the first service's life at another step; nothing is called twice."""
    name = ""
    for _ in range(3):
        service = make_agents(dying_model)
        with testing.served(service) as channel:
            stub = agents_pb2_grpc.AgentServiceStub(channel)
            name = name or start(stub).name
            time.sleep(0.5)
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        waiting = until(stub, name, pb.AgentRun.AWAITING_APPROVAL)
        decide(tool_stub, waiting.pending_tool_call)
        run = until(stub, name, pb.AgentRun.SUCCEEDED)
    made = [call.operation for call in calls(tool_stub, run)]
    assert made.count("tasks.createTask") == 1
    assert made.count("tasks.getTasksForProject") == 1
    assert task_names().count(FOLLOW_UP) == 1


def test_a_decision_while_the_service_is_down_is_not_lost(
    make_agents: Callable[..., Service], tool_stub: Any, task_names: Callable[[], list[str]]
) -> None:
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        waiting = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
    decide(tool_stub, waiting.pending_tool_call)
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        until(stub, waiting.name, pb.AgentRun.SUCCEEDED)
    assert task_names().count(FOLLOW_UP) == 1


def test_a_write_whose_outcome_was_not_seen_is_not_repeated(
    make_agents: Callable[..., Service], tool_stub: Any, task_names: Callable[[], list[str]]
) -> None:
    """The agent died between sending the write and writing down that it did."""
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        waiting = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
    decide(tool_stub, waiting.pending_tool_call)
    call = tool_stub.GetToolCall(tools_pb2.GetToolCallRequest(name=waiting.pending_tool_call))
    tool_stub.ExecuteToolCall(tools_pb2.ExecuteToolCallRequest(name=call.name, arguments=call.arguments))
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        run = until(stub, waiting.name, pb.AgentRun.SUCCEEDED)
    assert "The follow-up task was made." in run.report
    assert task_names().count(FOLLOW_UP) == 1


def test_a_cancelled_run_takes_no_further_step(make_agents: Callable[..., Service], tool_stub: Any) -> None:
    with testing.served(make_agents()) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        waiting = until(stub, start(stub).name, pb.AgentRun.AWAITING_APPROVAL)
        steps = len(waiting.steps)
        cancelled = stub.CancelAgentRun(pb.CancelAgentRunRequest(name=waiting.name))
        assert cancelled.state == pb.AgentRun.CANCELLED
        decide(tool_stub, waiting.pending_tool_call)
        time.sleep(0.4)
        again = stub.GetAgentRun(pb.GetAgentRunRequest(name=waiting.name))
    assert (again.state, len(again.steps)) == (pb.AgentRun.CANCELLED, steps)


def test_a_quote_that_is_not_in_its_chunk_is_left_out(
    make_agents: Callable[..., Service], tool_stub: Any, forged_evidence: Any
) -> None:
    with testing.served(make_agents(None, forged_evidence)) as channel:
        stub = agents_pb2_grpc.AgentServiceStub(channel)
        run = until(stub, start(stub).name, pb.AgentRun.SUCCEEDED)
    assert "### 1." not in run.report
    assert "the quote is not in the chunk" in run.report
