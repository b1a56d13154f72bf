"""Agents and tools."""

import base64
from pathlib import Path
from typing import Annotated

import typer

from cli.client import Api
from cli.context import of

agents = typer.Typer()
tools = typer.Typer()


def agent_name(api: Api, run: str) -> str:
    return run if run.startswith("projects/") else f"{api.parent}/agentRuns/{run}"


@agents.command("start")
def start(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(help="What is to be done, in words.")],
    plan: Annotated[str, typer.Option(help="Plan of the agent.")] = "compliance-report",
    model: Annotated[str, typer.Option(help="Model to use.")] = "specialist",
    put: Annotated[list[str] | None, typer.Option("--input", help="KEY=VALUE that the plan asks for.")] = None,
) -> None:
    """Start an agent."""
    context = of(ctx)
    api = context.api()
    inputs = dict(pair.split("=", 1) for pair in put or [])
    body = {"task": task, "plan": plan, "model": f"{api.parent}/models/{model}", "inputs": inputs}
    context.show(api.post(f"{api.parent}/agentRuns", body))


@agents.command("show")
def show(ctx: typer.Context, run: str) -> None:
    """Show an agent's steps and report."""
    context = of(ctx)
    api = context.api()
    found = api.get(agent_name(api, run))
    if context.as_json:
        context.show(found)
        return
    context.show(found.get("steps", []), ("index", "kind", "title", "decidedBy", "toolCall", "failure.reason"))
    context.console.print(found.get("report") or f"[dim]{found['state']}: no report yet[/]")


@agents.command("list")
def list_runs(ctx: typer.Context) -> None:
    """List agent runs."""
    context = of(ctx)
    api = context.api()
    context.show(list(api.all(f"{api.parent}/agentRuns", "agentRuns")), ("name", "state", "task", "pendingToolCall"))


@tools.command("import")
def import_tool(
    ctx: typer.Context,
    tool: Annotated[str, typer.Argument(help="Id of the tool.")],
    openapi: Annotated[Path, typer.Argument(help="OpenAPI document, JSON or YAML.", exists=True)],
    operation: Annotated[list[str], typer.Option(help="operationId, or `GET /path`.")],
    base_url: Annotated[str, typer.Option(help="Where the API is; default: the document's server.")] = "",
    credential: Annotated[
        str, typer.Option(help="Where the proxy finds the credential, such as env:ASANA_TOKEN.")
    ] = "",
) -> None:
    """Make a tool from an OpenAPI document."""
    context = of(ctx)
    api = context.api()
    body = {
        "toolId": tool,
        "openapi": base64.b64encode(openapi.read_bytes()).decode(),
        "operations": operation,
        "baseUrl": base_url,
        "credentialRef": credential,
    }
    context.show(api.post(f"{api.parent}/tools:import", body))


@tools.command("list")
def list_tools(ctx: typer.Context) -> None:
    """List tools."""
    context = of(ctx)
    api = context.api()
    context.show(list(api.all(f"{api.parent}/tools", "tools")), ("name", "baseUrl", "operations"))


@tools.command()
def calls(ctx: typer.Context, state: Annotated[str, typer.Option(help="Such as AWAITING_APPROVAL.")] = "") -> None:
    """List tool calls."""
    context = of(ctx)
    api = context.api()
    query = {"state": state.upper()} if state else {}
    found = list(api.all(f"{api.parent}/toolCalls", "toolCalls", **query))
    context.show(found, ("name", "operation", "state", "caller", "arguments", "failure.reason"))


@tools.command()
def decide(
    ctx: typer.Context,
    call: Annotated[str, typer.Argument(help="Call that waits.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    grant: Annotated[bool, typer.Option("--grant/--deny", help="Grant or deny.")] = False,
) -> None:
    """Grant or deny a waiting write; the grant holds for exactly the arguments shown."""
    context = of(ctx)
    api = context.api()
    name = call if call.startswith("projects/") else f"{api.parent}/toolCalls/{call}"
    digest = api.get(name)["argumentsDigest"]
    body = {"grant": grant, "reason": reason, "argumentsDigest": digest}
    context.show(api.post(f"{name}:decide", body))
