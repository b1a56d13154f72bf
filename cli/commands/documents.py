"""Documents: send them in, see what became of them, withdraw one."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Api, Json
from cli.context import Context, of
from cli.errors import CommandError
from cli.progress import bar
from services.chassis import telemetry

PENDING = "PENDING"


def ingest(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders to take every file of.", exists=True)],
    licence: Annotated[str, typer.Option(help="Licence or consent under which the text may be used.")] = "",
    strict: Annotated[bool, typer.Option(help="Fail if a document is rejected.")] = False,
) -> None:
    """Send documents and wait until each is parsed or rejected."""
    context = of(ctx)
    telemetry.start("whet", state_dir=context.state_dir, log_level="WARNING")
    with telemetry.span("whet ingest"):
        documents = send(context, context.api(), files_of(paths), licence)
    rejected = [d for d in documents if d["state"] == "REJECTED"]
    context.show(documents, ("name", "filename", "state", "rejection.reason", "rejection.message"))
    context.console.print(f"{len(documents) - len(rejected)} parsed, {len(rejected)} rejected")
    if strict and rejected:
        raise CommandError("DOCUMENTS_REJECTED", f"{len(rejected)} documents were rejected")


def files_of(paths: list[Path]) -> list[Path]:
    """Every file named or inside a named folder. Raises CommandError where there is none."""
    found = [f for path in paths for f in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    files = [f for f in found if f.is_file() and not f.name.startswith(".")]
    if not files:
        raise CommandError("NOTHING_TO_INGEST", f"no files in {', '.join(map(str, paths))}")
    return files


def send(context: Context, api: Api, files: list[Path], licence: str) -> list[Json]:
    """Uploads files and waits for their parse, with a progress bar."""
    with bar(context.console) as progress:
        task = progress.add_task("upload", total=len(files))
        sent = []
        for path in files:
            sent.append(api.upload(path, licence))
            progress.advance(task)
        task = progress.add_task("parse", total=len(files))
        names = [document["name"] for document in sent]
        while True:
            documents = by_name(api, names)
            progress.update(task, completed=sum(d["state"] != PENDING for d in documents))
            if all(d["state"] != PENDING for d in documents):
                return documents
            time.sleep(0.2)


def by_name(api: Api, names: list[str]) -> list[Json]:
    known: dict[str, Any] = {d["name"]: d for d in api.all(f"{api.parent}/documents", "documents")}
    return [known[name] for name in dict.fromkeys(names)]


def show(
    ctx: typer.Context, state: Annotated[str, typer.Option(help="Only documents in this state, such as REJECTED.")] = ""
) -> None:
    """List documents with their state."""
    context = of(ctx)
    api = context.api()
    query = {"state": state.upper()} if state else {}
    documents = list(api.all(f"{api.parent}/documents", "documents", **query))
    context.show(documents, ("name", "filename", "title", "state", "rejection.reason"))


def withdraw(
    ctx: typer.Context,
    document: Annotated[str, typer.Argument(help="Resource name, id, or file name.")],
    reason: Annotated[str, typer.Option(help="Why it may no longer be used.")],
) -> None:
    """Withdraw a document, and list what was built from it."""
    context = of(ctx)
    api = context.api()
    name = find(api, document)
    api.post(f"{name}:withdraw", {"reason": reason})
    reached = downstream(api, name)
    context.show(reached, ("kind", "name", "label", "marks"), title=f"built from {document}")


def find(api: Api, document: str) -> str:
    """The resource name of a document given by name, id or file name. Raises CommandError."""
    if document.startswith("projects/"):
        return document
    for known in api.all(f"{api.parent}/documents", "documents"):
        if document in (known["filename"], known["name"].rsplit("/", 1)[-1]):
            return str(known["name"])
    raise CommandError("DOCUMENT_NOT_FOUND", f"no document {document!r} in {api.parent}")


def downstream(api: Api, name: str) -> list[Json]:
    """What was made from a resource, the resource itself left out."""
    lineage = api.get(f"{api.parent}/lineage", resource=name, direction="downstream")
    return [node for node in lineage.get("nodes", []) if node["name"] != name]
