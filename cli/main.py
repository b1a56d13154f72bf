"""`whet`: a client of the gateway, and the supervisor of `whet dev`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.commands import act, audit, documents, evidence, federations, findings, models, runs
from cli.context import Context, of
from cli.errors import CommandError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turns a company's documents into a small specialist model, and proves where every answer came from.",
)
GROUPS = {
    "conflicts": (findings.app, "What the documents contradict, repeat, outdate or reveal, and what experts decided."),
    "dataset": (models.datasets, "Dataset versions: what is in, what is held out, what was discarded and why."),
    "train": (models.training, "Training jobs."),
    "gate": (models.gate, "The gate: reports, promotion, roll-back."),
    "audit": (audit.app, "Audit packs."),
    "federation": (federations.app, "Federations of firms."),
    "events": (evidence.events, "The transparency log of everything that happened."),
    "run": (runs.app, "Runs: from documents to a live model."),
    "agent": (act.agents, "Agents that work with tools."),
    "tools": (act.tools, "Tools, their calls and the approvals of writes."),
}
for _name, (_group, _help) in GROUPS.items():
    app.add_typer(_group, name=_name, help=_help, no_args_is_help=True)
app.command("ingest")(documents.ingest)
app.command("documents")(documents.show)
app.command("withdraw")(documents.withdraw)
app.command("chat")(models.chat)
app.command("trace")(evidence.trace)
app.command("lineage")(evidence.lineage)
app.command("verify")(audit.check)


@app.callback()
def options(
    ctx: typer.Context,
    server: Annotated[str, typer.Option(envvar="WHET_SERVER", help="Gateway; default: the running `whet dev`.")] = "",
    token: Annotated[str, typer.Option(envvar="WHET_TOKEN", help="Token; default: the running `whet dev`'s.")] = "",
    project: Annotated[str, typer.Option(envvar="WHET_PROJECT", help="Project to work in.")] = "default",
    state_dir: Annotated[Path, typer.Option(envvar="WHETSTONE_STATE_DIR", help="Folder of `whet dev`.")] = Path(
        ".whetstone"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    ctx.obj = Context(server, token, project, state_dir, as_json)


@app.command()
def dev(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(help="Port of the gateway; 0 takes a free one.")] = 8080,
    base: Annotated[
        str, typer.Option(envvar="WHETSTONE_BASE_MODEL", help="Base model: embedded:NAME, a folder or an id.")
    ] = ("embedded:smollm2-135m-instruct"),
    timeout: Annotated[float, typer.Option(help="Seconds to wait until everything is ready.")] = 180.0,
    only: Annotated[str, typer.Option(help="Start only these parts, with commas between; default: all.")] = "",
) -> None:
    """Start the whole system on this machine, and keep it running until Ctrl-C."""
    from cli import dev as supervisor  # its imports are what the services need, not what a command needs

    context = of(ctx)
    supervisor.run(context.state_dir, port, base, timeout, supervisor.chosen(only), context.console)


def main() -> None:
    """Runs the command; an error is one line with its reason on standard error, and exit code 1."""
    # --json is welcome before and after the command's name.
    if "--json" in sys.argv[1:]:
        sys.argv = [sys.argv[0], "--json", *(word for word in sys.argv[1:] if word != "--json")]
    try:
        app()
    except CommandError as error:
        if "--json" in sys.argv:
            typer.echo(json.dumps({"error": {"reason": error.reason, "message": error.message}}), err=True)
        else:
            Console(stderr=True).print(f"[bold red]{error.reason}[/]: {error.message}", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
