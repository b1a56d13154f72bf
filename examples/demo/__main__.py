"""`make demo`: the main job once, from a firm's documents to a traced answer, on this machine."""

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console

from cli.dev import greet
from cli.errors import CommandError
from examples.demo import thread
from examples.demo.report import PeakMemory
from services.chassis import telemetry

DEFAULT_BASE = "embedded:smollm2-135m-instruct"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=Path(".whetstone") / "demo", help="folder that it works in")
    parser.add_argument("--reports", type=Path, default=Path("reports"), help="folder for demo.json")
    parser.add_argument("--base", default=DEFAULT_BASE, help="base model")
    parser.add_argument("--recipe", default="fact-tuning", help="recipe of the training")
    parser.add_argument("--keep", action="store_true", help="leave the system running at the end, until Ctrl-C")
    return parser.parse_args()


def main() -> int:
    given, console = arguments(), Console()
    settings = thread.Settings(given.state_dir, given.base, given.recipe)
    telemetry.start("demo", state_dir=given.state_dir, log_level="WARNING")
    begin = time.monotonic()
    demo = thread.Demo(settings, console)
    try:
        with PeakMemory() as memory:
            demo.run()
        demo.report.add(
            "time, whole", time.monotonic() - begin, "s", "≤ 600", time.monotonic() - begin <= thread.MAX_SECONDS
        )
        demo.report.add("peak memory, all processes", memory.mib, "MiB")
        demo.report.show(console)
        console.print(f"written: {demo.report.write(given.reports)}")
        if given.keep:
            greet(console, demo.system.running, demo.system.ready_seconds)
            console.print("Ctrl-C ends it")
            demo.system.process.wait()  # type: ignore[union-attr]
        return 0 if demo.report.is_met else 1
    except CommandError as error:
        console.print(f"[bold red]{error.reason}[/]: {error.message}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("\nstopped; the next `make demo` goes on from here")
        return 130
    finally:
        demo.stop()


if __name__ == "__main__":
    sys.exit(main())
