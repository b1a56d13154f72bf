"""The process in which files are parsed: `python -m services.ingestion.parse_child`.

It loads the parsers once and then forks for each file, so that whatever a file does ends with that fork. It talks over
standard input and output; each message is a line of JSON and the number of bytes that the line names in `size`. It has
neither the service's environment nor its open files.
"""

import json
import os
import resource
import select
import signal
import sys
import traceback
from dataclasses import asdict
from typing import Any, BinaryIO

from services.ingestion.adapters.parsers.files import parse
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import Limits

_BLOCK = 1 << 16
_SIGNALS = {
    signal.SIGALRM: (Reason.PARSE_TIMEOUT, "the parse took too long"),
    signal.SIGXCPU: (Reason.PARSE_TIMEOUT, "the parse took too much processor time"),
    signal.SIGKILL: (Reason.PARSE_MEMORY, "the parse was killed, most likely for its memory"),
}


def main() -> None:
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while line := source.readline():
        request = json.loads(line)
        content = source.read(request["size"])
        answer, body = _in_fork(request["filename"], content, Limits(**request["limits"]))
        _send(sink, answer | {"size": len(body)}, body)


def _send(sink: BinaryIO, head: dict[str, Any], body: bytes) -> None:
    sink.write(json.dumps(head).encode() + b"\n" + body)
    sink.flush()


def _in_fork(filename: str, content: bytes, limits: Limits) -> tuple[dict[str, Any], bytes]:
    """The answer's head and body: a parsed file, or the reason why there is none."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(writer, filename, content, limits)
        os._exit(0)
    os.close(writer)
    body, is_whole = _collect(reader, limits.output_bytes)
    os.close(reader)
    if not is_whole:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not is_whole:
        return _refusal(Reason.TOO_LARGE, f"the file's text is larger than {limits.output_bytes} bytes"), b""
    if os.WIFSIGNALED(status):
        return _refusal(*_of_signal(os.WTERMSIG(status))), b""
    if os.WEXITSTATUS(status) != 0:
        sys.stderr.buffer.write(body)
        sys.stderr.flush()
        return _refusal(Reason.PARSER_CRASHED, "the parser failed; the log of the service says more"), b""
    head, _, rest = body.partition(b"\n")
    return json.loads(head), rest


def _work(writer: int, filename: str, content: bytes, limits: Limits) -> None:
    """In the fork. What goes wrong beyond a rejection ends the process, its traceback as the last words."""
    _confine(limits)
    sys.excepthook = lambda *error: _last_words(writer, "".join(traceback.format_exception(*error)))
    try:
        parsed = json.dumps(asdict(parse(filename, content, limits)), ensure_ascii=False).encode()
        head: dict[str, Any] = {}
    except Rejected as rejection:
        head, parsed = _refusal(rejection.reason, rejection.message), b""
    except MemoryError:
        head, parsed = _refusal(Reason.PARSE_MEMORY, "the parse needs too much memory"), b""
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(json.dumps(head).encode() + b"\n" + parsed)


def _last_words(writer: int, text: str) -> None:
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(text.encode())


def _confine(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (value, value))
    # The soft limit's signal says what happened; the hard one a second later can't be caught.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.seconds)
    # The channel to the service belongs to the parent process.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)


def _collect(reader: int, most: int) -> tuple[bytes, bool]:
    """What the fork says, and whether that was all of it. Ends this process where the service is gone."""
    watch = select.poll()
    watch.register(reader, select.POLLIN)
    watch.register(0, select.POLLHUP)
    parts: list[bytes] = []
    size = 0
    while size <= most:
        ready = dict(watch.poll())
        if 0 in ready and ready[0] & (select.POLLHUP | select.POLLERR):
            os.killpg(0, signal.SIGKILL)
        if reader not in ready:
            continue
        part = os.read(reader, _BLOCK)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        size += len(part)
    return b"", False


def _refusal(reason: Reason, message: str) -> dict[str, Any]:
    return {"reason": reason.value, "message": message}


def _of_signal(number: int) -> tuple[Reason, str]:
    if number in _SIGNALS:
        return _SIGNALS[signal.Signals(number)]
    return Reason.PARSER_CRASHED, f"the parser was ended by {signal.Signals(number).name}"


if __name__ == "__main__":
    main()
