"""Tokens into text, one at a time, so that what was streamed is what would have been answered at once."""

from collections.abc import Callable, Sequence

REPLACEMENT = "�"


class TextStream:
    """Gives out text as soon as no later token can change it.

    A token may hold part of a character, and a stop string may begin in one token and end in another; such text is
    held back. The pieces given out, joined, are the answer, whatever the tokens were.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = ()) -> None:
        self._decode, self._stop = decode, stop
        self._ids: list[int] = []
        self._given = ""
        self.stopped = False

    def feed(self, id_: int) -> str:
        """Adds a token and returns the text that is certain now; sets `stopped` where a stop string was met."""
        self._ids.append(id_)
        text = self._decode(self._ids).rstrip(REPLACEMENT)
        if not text.startswith(self._given):
            return ""
        end = _first(text, self._stop)
        if end is not None:
            self.stopped = True
            return self._give(text[:end])
        return self._give(text[: len(text) - _held(text, self._stop)])

    def close(self) -> str:
        """The rest, at the end of the answer."""
        if self.stopped:
            return ""
        text = self._decode(self._ids)
        end = _first(text, self._stop)
        self.stopped = end is not None
        return self._give(text if end is None else text[:end])

    def _give(self, text: str) -> str:
        piece = text[len(self._given) :]
        self._given += piece
        return piece


def _first(text: str, stops: Sequence[str]) -> int | None:
    """Where the earliest stop string begins."""
    found = [at for at in (text.find(stop) for stop in stops) if at >= 0]
    return min(found, default=None)


def _held(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end may be the beginning of a stop string."""
    sizes = (
        size for stop in stops for size in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:size])
    )
    return max(sizes, default=0)
