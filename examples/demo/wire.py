"""What leaves the firms: a recorder between participants and coordinator, and the check on what it heard."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PART = 64 * 1024
# Shorter pieces of text, such as a unit, stand in any byte stream by chance.
MIN_CHARACTERS = 16


class Recorder:
    """Passes TCP connections on to an address and keeps every byte that goes there."""

    def __init__(self, target: str) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._parts: list[bytes] = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def sent(self) -> bytes:
        return b"".join(self._parts)

    @contextmanager
    def running(self) -> Iterator["Recorder"]:
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inside, _ = self._listener.accept()
            except OSError:
                return  # closed with the block
            outside = socket.create_connection(self._target)
            for source, sink, keep in ((inside, outside, True), (outside, inside, False)):
                threading.Thread(target=self._pass_on, args=(source, sink, keep), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, keep: bool) -> None:
        try:
            while data := source.recv(PART):
                if keep:
                    self._parts.append(data)
                sink.sendall(data)
        except OSError:
            pass  # either side went away; the other learns it by the shutdown
        finally:
            for end in (source, sink):
                _shut(end)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        end.close()


def leaked(sent: bytes, datasets: Sequence[Path]) -> list[str]:
    """Texts of the firms' chunks and examples that stand in the bytes that were sent."""
    return sorted(text for path in datasets for text in _texts(path) if text.encode() in sent)


def _texts(folder: Path) -> set[str]:
    texts = set()
    for line in (folder / "chunks.jsonl").read_text(encoding="utf-8").splitlines():
        texts |= set(json.loads(line)["text"].split("\n"))
    for name in ("train.jsonl", "heldout_wordings.jsonl"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            texts |= {str(message["content"]) for message in json.loads(line)["messages"]}
    return {text.strip() for text in texts if len(text.strip()) >= MIN_CHARACTERS}
