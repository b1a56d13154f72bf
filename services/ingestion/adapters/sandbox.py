"""Parses in processes of their own, with limits; see `services.ingestion.parse_child` for their side."""

import json
import queue
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from services.chassis.errors import Unavailable
from services.ingestion.domain.chunks import Parsed
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

# The child's own clock stops a parse; this is for a child that doesn't answer at all.
GRACE_SECONDS = 10
_ROOT = Path(__file__).resolve().parents[3]


class Sandbox:
    """A Parser over `slots` child processes, each parsing one file at a time. They start at the first parse."""

    def __init__(self, limits: Limits, slots: int) -> None:
        self._limits = limits
        self._closed = threading.Event()
        self._codec = TypeAdapter(Parsed)
        self._free: queue.LifoQueue[_Child] = queue.LifoQueue()
        self._children = [_Child() for _ in range(slots)]
        for child in self._children:
            self._free.put(child)

    def parse(self, filename: str, content: bytes) -> Parsed:
        child = self._free.get()
        try:
            # A process that was lost once may have been ended from outside; a second time it is the file.
            answer = child.ask(filename, content, self._limits) or child.ask(filename, content, self._limits)
        finally:
            self._free.put(child)
        if self._closed.is_set():
            raise Unavailable("the sandbox is closed; the file waits for the next start")
        if answer is None:
            raise Rejected(Reason.PARSER_CRASHED, "the parser's process was lost twice")
        head, body = answer
        if reason := head.get("reason"):
            raise Rejected(Reason(reason), head["message"])
        return self._checked(body)

    def _checked(self, body: bytes) -> Parsed:
        """What the child says is believed only as far as it fits together: a hostile file may have taken it over."""
        try:
            parsed = self._codec.validate_json(body)
        except ValidationError as error:
            raise Rejected(Reason.PARSER_CRASHED, "the parser's answer can't be read") from error
        spans = [(piece.start, piece.end) for piece in parsed.pieces]
        spans += [(row.start, row.end) for piece in parsed.pieces for row in piece.rows]
        if not all(0 <= start <= end <= len(parsed.text) for start, end in spans):
            raise Rejected(Reason.PARSER_CRASHED, "the parser's answer points outside of its text")
        return parsed

    def close(self) -> None:
        self._closed.set()
        for child in self._children:
            child.end()


class _Child:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, filename: str, content: bytes, limits: Limits) -> tuple[dict[str, Any], bytes] | None:
        """The answer's head and body. None where the child is lost or late: it is ended, the next file gets another."""
        process = self._process = self._running()
        head = json.dumps({"filename": filename, "size": len(content), "limits": asdict(limits)}).encode()
        late = threading.Timer(limits.seconds + GRACE_SECONDS, process.kill)
        late.start()
        try:
            _pipe(process.stdin).write(head + b"\n" + content)
            _pipe(process.stdin).flush()
            answer = json.loads(_pipe(process.stdout).readline() or b"null")
            body = _pipe(process.stdout).read(answer["size"]) if answer else b""
        except BrokenPipeError:
            answer, body = None, b""
        finally:
            late.cancel()
        if not answer or len(body) != answer["size"]:
            self.end()
            return None
        return answer, body

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        # No environment of ours: a file that takes the parser over finds no key.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "services.ingestion.parse_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("the child is started with pipes")
    return stream
