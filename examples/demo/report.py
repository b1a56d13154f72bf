"""The demo's figures: a table for people, `reports/demo.json` for machines."""

import json
import subprocess
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

MIB = 1024 * 1024


@dataclass
class Row:
    """A figure; `goal` and `met` are None where the row is only information."""

    name: str
    value: float | str
    unit: str = ""
    peer: str | None = None
    peer_value: float | None = None
    goal: str | None = None
    met: bool | None = None


@dataclass
class Report:
    target: str
    rows: list[Row] = field(default_factory=list)

    def add(self, name: str, value: float | str, unit: str = "", goal: str | None = None, met: bool | None = None,
            peer: str | None = None, peer_value: float | None = None) -> None:  # fmt: skip
        self.rows.append(Row(name, value, unit, peer, peer_value, goal, met))

    @property
    def is_met(self) -> bool:
        return all(row.met is not False for row in self.rows)

    def write(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.target}.json"
        body = {"target": self.target, "commit": commit(), "rows": [asdict(row) for row in self.rows]}
        path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def show(self, console: Console) -> None:
        table = Table(title=self.target, title_justify="left", header_style="bold")
        for heading in ("what", "value", "unit", "peer", "goal", "met"):
            table.add_column(heading, overflow="fold")
        for row in self.rows:
            peer = f"{row.peer}: {number(row.peer_value)}" if row.peer is not None else ""
            met = {None: "", True: "[green]yes[/]", False: "[bold red]NO[/]"}[row.met]
            table.add_row(row.name, number(row.value), row.unit, peer, row.goal or "", met)
        console.print(table)


def number(value: float | str | None) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def commit() -> str:
    """The commit of the working tree, marked where it differs from it."""
    root = Path(__file__).parents[2]
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 git of the user
    return found.stdout.strip() or "unknown"


class PeakMemory:
    """The largest memory of this process and all below it, in MiB: proportional shares, so that forks count once."""

    def __init__(self, interval: float = 5.0) -> None:
        self.mib = 0.0
        self._stop, self._interval = threading.Event(), interval
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(self._interval):
            total = sum(share(process) for process in [me, *me.children(recursive=True)])
            self.mib = max(self.mib, total / MIB)


def share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it ended meanwhile
