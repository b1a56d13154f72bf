"""What every command shares: the options before the command's name, and how results are shown."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from cli import client
from services.chassis import telemetry


@dataclass
class Context:
    server: str
    token: str
    project: str
    state_dir: Path
    as_json: bool

    def api(self) -> client.Api:
        """A client whose calls belong to the current span, where there is one."""
        return client.connect(self.server, self.token, self.project, self.state_dir, telemetry.traceparent())

    @property
    def console(self) -> Console:
        # With --json, standard output holds JSON and nothing else.
        return Console(stderr=self.as_json)

    def show(self, value: Any, columns: Sequence[str] = (), title: str = "") -> None:
        """Prints a resource, or a table of some of its fields; with --json the whole value."""
        if self.as_json:
            typer.echo(json.dumps(value, indent=2))
        elif isinstance(value, list):
            self.console.print(table(value, columns, title))
        else:
            self.console.print_json(json.dumps(value))


def table(rows: Iterable[dict[str, Any]], columns: Sequence[str], title: str = "") -> Table:
    """A table of dotted paths such as `rejection.reason`; the heading is the last part of the path."""
    grid = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        grid.add_column(column.rsplit(".", 1)[-1], overflow="fold")
    for row in rows:
        grid.add_row(*(cell(row, column) for column in columns))
    return grid


def cell(row: dict[str, Any], path: str) -> str:
    value: Any = row
    for part in path.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    return (
        short(value) if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)
    )


def short(name: str) -> str:
    """A resource name without its project."""
    return name.split("/", 2)[2] if name.startswith("projects/") and name.count("/") > 1 else name


def of(ctx: typer.Context) -> Context:
    found = ctx.obj
    if not isinstance(found, Context):
        raise TypeError("the main callback sets the context")
    return found
