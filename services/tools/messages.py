"""The events that this service says. They hold digests, never arguments or results."""

from services.chassis.rpc import timestamp
from services.tools.domain import Approval, Call, Failure
from whetstone.tools.v1 import events_pb2 as events
from whetstone.tools.v1 import tools_pb2 as pb
from whetstone.type.v1 import location_pb2


def made(call: Call) -> events.ToolCallMade:
    return events.ToolCallMade(
        tool_call=call.name,
        operation=call.operation,
        caller=call.caller,
        arguments_digest=call.arguments_digest,
        result_digest=call.result_digest,
        state=call.state.value,
        agent_run=call.agent_run,
    )


def refused(name: str, operation: str, caller: str, failure: Failure, agent_run: str) -> events.ToolCallRefused:
    return events.ToolCallRefused(
        tool_call=name, operation=operation, caller=caller, failure=to_failure(failure), agent_run=agent_run
    )


def awaiting(call: Call) -> events.ToolCallAwaitingApproval:
    return events.ToolCallAwaitingApproval(
        tool_call=call.name,
        operation=call.operation,
        caller=call.caller,
        arguments_digest=call.arguments_digest,
        agent_run=call.agent_run,
    )


def decision(call: Call) -> events.ToolCallDecided:
    return events.ToolCallDecided(tool_call=call.name, approval=to_approval(call.approval), agent_run=call.agent_run)


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None


def to_approval(approval: Approval | None) -> pb.Approval | None:
    if approval is None:
        return None
    return pb.Approval(
        approver=approval.approver,
        granted=approval.granted,
        reason=approval.reason,
        caller=approval.caller,
        operation=approval.operation,
        arguments_digest=approval.arguments_digest,
        expire_time=timestamp(approval.expire_time),
        nonce=approval.nonce,
        used=approval.used,
        policy_version=approval.policy_version,
    )
