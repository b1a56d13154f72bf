"""Resource names that the service takes."""

import re

_ID = r"[^/]+"
_PATTERNS = {
    "project": re.compile(rf"projects/({_ID})"),
    "checkpoint": re.compile(rf"projects/({_ID})/checkpoint"),
    "logEntry": re.compile(rf"projects/({_ID})/logEntries/(\d{{1,15}})"),
    "completion": re.compile(rf"projects/({_ID})/completions/({_ID})"),
    "auditPack": re.compile(rf"projects/({_ID})/auditPacks/({_ID})"),
    "modelVersion": re.compile(rf"projects/({_ID})/models/{_ID}/versions/({_ID})"),
}


def parse(kind: str, name: str) -> tuple[str, ...] | None:
    """The ids in a name of this kind, the project's first; None where it is no such name."""
    found = _PATTERNS[kind].fullmatch(name)
    return found.groups() if found else None
