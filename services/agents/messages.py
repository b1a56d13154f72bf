"""Runs as protobuf: what the service answers and says."""

import json
from collections.abc import Sequence
from typing import Any

from services.agents.domain.evidence import Quote
from services.agents.domain.runs import Citation, Failure, Run, Step
from services.chassis.rpc import timestamp
from whetstone.agents.v1 import agents_pb2 as pb
from whetstone.agents.v1 import events_pb2 as events
from whetstone.type.v1 import location_pb2


def finished(run: Run, steps: Sequence[Step], report_digest: str) -> events.AgentRunFinished:
    done = [step.done for step in steps if step.done]
    return events.AgentRunFinished(
        agent_run=run.name,
        state=run.state.value,
        report_digest=report_digest,
        tool_calls=dict.fromkeys(d.tool_call for d in done if d.tool_call),
        completions=dict.fromkeys(d.completion for d in done if d.completion),
    )


def to_run(run: Run, steps: Sequence[Step] = ()) -> pb.AgentRun:
    return pb.AgentRun(
        name=run.name,
        state=run.state.value,
        task=run.task,
        model=run.model,
        plan=run.plan,
        inputs=run.inputs,
        steps=[to_step(step) for step in steps],
        report=run.report,
        citations=[to_citation(citation) for citation in run.citations],
        failure=to_failure(run.failure),
        create_time=timestamp(run.create_time),
        update_time=timestamp(run.update_time),
        pending_tool_call=run.pending_tool_call,
        caller=run.caller,
    )


def to_step(step: Step) -> pb.AgentStep:
    done = step.done
    return pb.AgentStep(
        index=step.index,
        kind=step.kind.value,
        title=step.title,
        decided_by=step.decided_by.value,
        completion=done.completion if done else "",
        tool_call=done.tool_call if done else "",
        input=step.input,
        output=_text(done.output) if done else "",
        failure=to_failure(done.failure) if done else None,
        time=timestamp(step.time),
    )


def to_citation(citation: Citation) -> pb.Citation:
    return pb.Citation(
        number=citation.number,
        quote=to_quote(citation.quote) if citation.quote else None,
        tool_call=citation.tool_call,
        completion=citation.completion,
    )


def to_quote(quote: Quote) -> location_pb2.Quote:
    place = location_pb2.Location(
        document=quote.document, revision=quote.revision, chunk=quote.chunk, clause=quote.clause
    )
    if quote.page:
        place.page = quote.page
    return location_pb2.Quote(text=quote.text, location=place, document_title=quote.title)


def to_failure(failure: Failure | None) -> location_pb2.Failure | None:
    return location_pb2.Failure(reason=failure.reason, message=failure.message) if failure else None


def _text(output: Any) -> str:
    """What a step came to, as text: words as they are, anything else as JSON."""
    if output is None:
        return ""
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
