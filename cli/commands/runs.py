"""Runs: from documents to a live model, stage by stage."""

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.client import Api, Json
from cli.commands import documents
from cli.context import Context, of
from cli.errors import CommandError
from cli.progress import bar
from services.chassis import telemetry

app = typer.Typer()
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


@app.command()
def start(
    ctx: typer.Context,
    folder: Annotated[list[Path] | None, typer.Argument(help="Documents to ingest first.", exists=True)] = None,
    recipe: Annotated[str, typer.Option(help="build, curate or analyse.")] = "build",
    parameter: Annotated[list[str] | None, typer.Option(help="STAGE.KEY=VALUE, such as train.recipe=tiny.")] = None,
    licence: Annotated[str, typer.Option(help="Licence or consent of the documents.")] = "",
) -> None:
    """Ingest documents and start a run; follow it until it ends or waits for you."""
    context = of(ctx)
    telemetry.start("whet", state_dir=context.state_dir, log_level="WARNING")
    with telemetry.span("whet run"):
        api = context.api()
        if folder:
            documents.send(context, api, documents.files_of(folder), licence)
        run = create(api, recipe, dict(pair.split("=", 1) for pair in parameter or []))
        context.show(follow(context, api, run["name"]))


def create(api: Api, recipe: str, parameters: dict[str, str]) -> Json:
    return api.post(f"{api.parent}/runs", {"recipe": recipe, "parameters": parameters})


def raise_failure(run: Json) -> NoReturn:
    raise CommandError(run["failure"]["reason"], run["failure"].get("message", ""))


def name_of(api: Api, run: str) -> str:
    return run if run.startswith("projects/") else f"{api.parent}/runs/{run}"


def follow(
    context: Context,
    api: Api,
    name: str,
    until: tuple[str, ...] = ("SUCCEEDED", "CANCELLED", "WAITING"),
    pause_at: str = "",
) -> Json:
    """Shows a run's stages until it ends, waits, or enters `pause_at`. Raises CommandError where it fails."""
    with bar(context.console) as progress:
        task = progress.add_task("run", total=None)
        while True:
            run = api.get(name)
            stages = run.get("stages", [])
            done = sum(stage["state"] in ("SUCCEEDED", "SKIPPED") for stage in stages)
            current = next((s["id"] for s in stages if s["state"] in ("REQUESTED", "WAITING")), run["state"].lower())
            progress.update(task, description=f"run: {current}", completed=done, total=len(stages))
            if run["state"] == "FAILED" and "FAILED" not in until:
                raise_failure(run)
            if run["state"] in until or current == pause_at:
                return run
            time.sleep(0.3)


@app.command("list")
def list_runs(ctx: typer.Context) -> None:
    """List runs."""
    context = of(ctx)
    api = context.api()
    context.show(list(api.all(f"{api.parent}/runs", "runs")), ("name", "recipe", "state", "failure.reason", "traceId"))


@app.command("show")
def show_run(ctx: typer.Context, run: str) -> None:
    """Show a run's stages."""
    context = of(ctx)
    api = context.api()
    found = api.get(name_of(api, run))
    context.show(found if context.as_json else found["stages"], ("id", "state", "attempt", "outputs", "failure.reason"))


@app.command()
def watch(ctx: typer.Context, run: str) -> None:
    """Follow a run until it ends or waits for a person."""
    context = of(ctx)
    api = context.api()
    context.show(follow(context, api, name_of(api, run)))


def _act(ctx: typer.Context, run: str, verb: str) -> None:
    context = of(ctx)
    api = context.api()
    context.show(api.post(f"{name_of(api, run)}:{verb}"))


@app.command()
def resume(ctx: typer.Context, run: str) -> None:
    """Let a run go on that waits for its review."""
    _act(ctx, run, "resume")


@app.command()
def retry(ctx: typer.Context, run: str) -> None:
    """Start the failed stage again."""
    _act(ctx, run, "retry")


@app.command()
def cancel(ctx: typer.Context, run: str) -> None:
    """Cancel a run."""
    _act(ctx, run, "cancel")
