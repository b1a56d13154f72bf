"""Where things came from: traces of runs, traces of answers, lineage, the log."""

from typing import Annotated

import typer
from rich.tree import Tree

from cli.client import Json
from cli.context import Context, of, short, table

events = typer.Typer()


def trace(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A run (its span tree), or a completion (what the answer came from).")],
) -> None:
    """Trace a run through every service, or an answer to the examples and pages that it came from."""
    context = of(ctx)
    api = context.api()
    if "/completions/" in name or name.startswith("cmpl") or name.startswith("chatcmpl"):
        full = name if name.startswith("projects/") else f"{api.parent}/completions/{name}"
        found = api.get(f"{full}/influences")
        context.show(found) if context.as_json else show_answer(context, found)
        return
    full = name if name.startswith("projects/") else f"{api.parent}/runs/{name}"
    spans = api.get(f"{full}/trace")
    context.show(spans) if context.as_json else context.console.print(tree_of(spans))


def tree_of(trace_: Json) -> Tree:
    """The spans of a trace as a tree; a span whose parent is not there hangs from the root."""
    spans = trace_.get("spans", [])
    root = Tree(f"[bold]trace {trace_.get('traceId', '')}[/] {len(spans)} spans")
    nodes: dict[str, Tree] = {}
    known = {span["spanId"] for span in spans}
    children: dict[str, list[Json]] = {}
    for span in spans:
        parent = span.get("parentId", "")
        children.setdefault(parent if parent in known else "", []).append(span)

    def hang(parent_id: str, branch: Tree) -> None:
        for span in children.get(parent_id, []):
            nodes[span["spanId"]] = branch.add(line_of(span))
            hang(span["spanId"], nodes[span["spanId"]])

    hang("", root)
    return root


def line_of(span: Json) -> str:
    milliseconds = (int(span["endUnixNano"]) - int(span["startUnixNano"])) / 1e6
    bad = " [red]ERROR[/]" if span.get("status") == "ERROR" else ""
    return f"[cyan]{span.get('service', '')}[/] {span['name']} [dim]{milliseconds:.1f} ms[/]{bad}"


def place(quote: Json) -> str:
    location = quote.get("location", {})
    parts = [quote.get("documentTitle") or short(location.get("document", ""))]
    parts += [f"{key} {location[key]}" for key in ("page", "clause", "cells") if location.get(key)]
    return ", ".join(str(part) for part in parts)


def show_answer(context: Context, found: Json) -> None:
    """Three columns of evidence, each in a table of its own: they answer different questions."""
    influences = [
        {"score": f"{row.get('score', 0):.3f}", "example": f"{row.get('prompt', '')} → {row.get('completion', '')}",
         "source": "; ".join(map(place, row.get("sources", [])))}
        for row in found.get("influences", [])
    ]  # fmt: skip
    verbatim = [
        {
            "text": row.get("text", ""),
            "tokens": row.get("tokens", 0),
            "source": "; ".join(map(place, row.get("sources", []))),
        }
        for row in found.get("verbatim", [])
    ]
    evidence = [
        {"score": f"{row.get('score', 0):.2f}", "passage": row["source"]["text"], "source": place(row["source"])}
        for row in found.get("evidence", [])
    ]
    console = context.console
    console.print(table(influences, ("score", "example", "source"), "influence: what moved the model"))
    console.print(table(verbatim, ("text", "tokens", "source"), "verbatim: what it repeats"))
    console.print(table(evidence, ("score", "passage", "source"), "evidence: where it is stated"))
    learnt = found.get("learnt", 0)
    console.print(
        f"learnt from your data: {learnt:+.2f} nats per token (near 0: not learnt from it); "
        f"influence fidelity: {found.get('fidelity', '')}; {found.get('seconds', 0):.2f} s"
    )


def lineage(
    ctx: typer.Context,
    resource: Annotated[str, typer.Argument(help="Resource name.")],
    direction: Annotated[str, typer.Option(help="upstream, downstream or both.")] = "both",
) -> None:
    """Show what a resource was made from and what was made from it."""
    context = of(ctx)
    api = context.api()
    found = api.get(f"{api.parent}/lineage", resource=resource, direction=direction)
    context.show(found if context.as_json else found.get("edges", []), ("from", "kind", "to"))


@events.command("list")
def list_events(
    ctx: typer.Context, subject: Annotated[str, typer.Option(help="Only events about this resource.")] = ""
) -> None:
    """List the log's entries."""
    context = of(ctx)
    api = context.api()
    query = {"subject": subject} if subject else {}
    entries = list(api.all(f"{api.parent}/logEntries", "entries", **query))
    context.show(entries, ("index", "time", "eventType", "subject", "actor"))


@events.command()
def checkpoint(ctx: typer.Context) -> None:
    """Show the newest signed checkpoint of the log."""
    context = of(ctx)
    api = context.api()
    context.show(api.get(f"{api.parent}/checkpoint"))
