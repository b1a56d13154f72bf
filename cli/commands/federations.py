"""Federations: create one, see its rounds."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.client import Api
from cli.context import of

app = typer.Typer()


def name_of(api: Api, federation: str) -> str:
    return federation if federation.startswith("projects/") else f"{api.parent}/federations/{federation}"


@app.command()
def create(
    ctx: typer.Context,
    federation: Annotated[str, typer.Argument(help="Id of the new federation.")],
    roster: Annotated[Path, typer.Option(help='JSON file: [{"participant": "...", "publicKey": "..."}].', exists=True)],
    base: Annotated[str, typer.Option(help="Base model.")] = "embedded:smollm2-135m-instruct",
    rounds: Annotated[int, typer.Option(help="Rounds to run.", min=1)] = 1,
    training: Annotated[str, typer.Option(help="Settings of the local training, as JSON.")] = "{}",
) -> None:
    """Create a federation and wait for its roster."""
    context = of(ctx)
    api = context.api()
    body = {"roster": json.loads(roster.read_text()), "base": base, "rounds": rounds, "trainingJson": training}
    context.show(api.post(f"{api.parent}/federations", body, federationId=federation))


@app.command("list")
def list_all(ctx: typer.Context) -> None:
    """List federations."""
    context = of(ctx)
    api = context.api()
    found = list(api.all(f"{api.parent}/federations", "federations"))
    context.show(found, ("name", "state", "rounds", "completedRounds", "globalAdapterDigest"))


@app.command()
def rounds(ctx: typer.Context, federation: str) -> None:
    """List a federation's rounds with what each participant reported."""
    context = of(ctx)
    api = context.api()
    found = list(api.all(f"{name_of(api, federation)}/rounds", "rounds"))
    context.show(found, ("name", "state", "adapterDigest", "residual", "updates", "evaluations"))


@app.command()
def cancel(ctx: typer.Context, federation: str) -> None:
    """Stop a federation."""
    context = of(ctx)
    api = context.api()
    context.show(api.post(f"{name_of(api, federation)}:cancel"))
