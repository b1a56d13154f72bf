"""Audit packs: make, fetch, check offline."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.client import Api, Json
from cli.commands.models import full
from cli.context import of
from cli.errors import CommandError

app = typer.Typer()


@app.command("create")
def create(
    ctx: typer.Context,
    version: Annotated[str, typer.Argument(help="Model version.")],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("audit-pack.zip"),
) -> None:
    """Make an audit pack for a model version and fetch it."""
    context = of(ctx)
    api = context.api()
    pack = build(api, full(api, "models", version))
    size = api.download(f"{pack['name']}:download", out)
    context.show(pack | {"file": str(out), "bytes": size})


def build(api: Api, version: str, timeout: float = 120.0) -> Json:
    """Asks for a pack and waits until it is ready. Raises CommandError."""
    pack = api.post(f"{api.parent}/auditPacks", {"modelVersion": version})
    end = time.monotonic() + timeout
    while pack.get("state") != "READY":
        if pack.get("state") == "FAILED":
            raise CommandError(pack["failure"]["reason"], pack["failure"].get("message", ""))
        if time.monotonic() > end:
            raise CommandError("AUDIT_PACK_NOT_READY", f"{pack['name']} is not ready after {timeout:.0f} s")
        time.sleep(0.2)
        pack = api.get(pack["name"])
    return pack


@app.command("list")
def list_packs(ctx: typer.Context) -> None:
    """List audit packs."""
    context = of(ctx)
    api = context.api()
    context.show(list(api.all(f"{api.parent}/auditPacks", "auditPacks")), ("name", "state", "modelVersion", "missing"))


def check(
    ctx: typer.Context,
    pack: Annotated[Path, typer.Argument(help="Audit pack.", exists=True)],
    key: Annotated[
        str, typer.Option(help="Verifier key that you trust; default: the pack's own, and it says so.")
    ] = "",
) -> None:
    """Verify an audit pack offline; name whatever does not hold."""
    from cli.verify import main as verify  # stands alone; the other commands do not need its cryptography

    arguments = [str(pack)] + (["--key", key] if key else []) + (["--json"] if of(ctx).as_json else [])
    raise typer.Exit(verify(arguments))
