"""Findings: contradictions, superseded editions, terms, near-duplicates, personal data."""

from typing import Annotated

import typer

from cli.client import Api, Json
from cli.context import of

app = typer.Typer()
Name = Annotated[str, typer.Argument(help="Resource name or id of the finding.")]


def full(api: Api, finding: str) -> str:
    return finding if finding.startswith("projects/") else f"{api.parent}/findings/{finding}"


def rows(api: Api, kind: str, state: str) -> list[Json]:
    """Findings of a kind and state; empty means any."""
    query = {"kind": kind.upper(), "state": state.upper()}
    return list(api.all(f"{api.parent}/findings", "findings", **{k: v for k, v in query.items() if v}))


@app.command("list")
def show_all(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Option(
            help="CONFLICT, SUPERSEDED, TERM, NEAR_DUPLICATE, PERSONAL_DATA, INJECTION or STALE_REFERENCE; ALL."
        ),
    ] = "CONFLICT",
    state: Annotated[str, typer.Option(help="OPEN or SETTLED; empty for both.")] = "",
) -> None:
    """List findings; contradictions unless --kind says otherwise."""
    context = of(ctx)
    found = rows(context.api(), "" if kind.upper() == "ALL" else kind, state)
    context.show(found, ("name", "kind", "topic", "state", "explanation", "suggestedOutcome", "decision.outcome"))


@app.command("show")
def show_one(ctx: typer.Context, finding: Name) -> None:
    """Show one finding with its passages, side by side."""
    context = of(ctx)
    api = context.api()
    found = api.get(full(api, finding))
    if context.as_json:
        context.show(found)
        return
    context.console.print(f"[bold]{found['kind']}[/] {found.get('topic', '')}: {found.get('explanation', '')}")
    for quote in found.get("quotes", []):
        place = quote.get("location", {})
        where = ", ".join(f"{key} {place[key]}" for key in ("clause", "page", "cells") if place.get(key))
        context.console.print(
            f"  [cyan]{quote.get('documentTitle', place.get('document', ''))}[/] {where}\n    {quote['text']}"
        )
    context.console.print(
        f"  outcomes: {', '.join(found.get('outcomes', []))} (suggested: {found.get('suggestedOutcome')})"
    )


@app.command()
def settle(
    ctx: typer.Context,
    finding: Name,
    outcome: Annotated[str, typer.Option(help="One of the finding's outcomes, such as KEEP_SECOND.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the decision.")],
    note: Annotated[str, typer.Option(help="What the outcome needs besides, such as the preferred term.")] = "",
) -> None:
    """Decide a finding."""
    context = of(ctx)
    api = context.api()
    name = full(api, finding)
    etag = api.get(name).get("etag", "")
    body = {"outcome": outcome.upper(), "reason": reason, "note": note, "etag": etag}
    context.show(api.post(f"{name}:settle", body))


@app.command()
def reopen(ctx: typer.Context, finding: Name, reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Take a decision back; the history keeps it."""
    context = of(ctx)
    api = context.api()
    context.show(api.post(f"{full(api, finding)}:reopen", {"reason": reason}))
