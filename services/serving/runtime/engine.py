"""The engine: one thread that owns the model and gives each answer in hand one token in turn.

Answers with different adapters interleave, and adapters come and go between two tokens, so that no stream stops for a
promotion. An adapter leaves only when no answer needs it any more.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from services.serving.runtime.domain import Choice, Finish, Generation, Piece
from services.serving.runtime.errors import EngineOverloaded, EngineStopped
from services.serving.runtime.ports import Cursor, LanguageModel, Tokens
from services.serving.runtime.text import TextStream

T = TypeVar("T")


class Sequence:
    """An answer in the making. Its reader iterates over pieces; `cancel` ends it at the next token."""

    def __init__(self, work: Generation, tokens: Tokens) -> None:
        self.work = work
        self._ends = tokens.end_ids
        self._text = TextStream(tokens.decode, work.stop)
        self._count = 0
        self._cursor: Cursor | None = None
        self._cancelled = threading.Event()
        self._pieces: SimpleQueue[Piece | BaseException] = SimpleQueue()

    def cancel(self) -> None:
        self._cancelled.set()

    def __iter__(self) -> Iterator[Piece]:
        """Pieces until the last, which has `finish`. Raises what the model raised."""
        while True:
            piece = self._pieces.get()
            if isinstance(piece, BaseException):
                raise piece
            yield piece
            if piece.finish is not None:
                return

    def fail(self, error: BaseException) -> None:
        self._pieces.put(error)

    def step(self, model: LanguageModel) -> bool:
        """One token further; returns whether the answer has ended."""
        if self._cancelled.is_set():
            return self._end(Finish.CANCELLED)
        if self._cursor is None:
            work = self.work
            self._cursor = model.begin(work.adapter, work.prompt_ids, work.sampling, work.forced_ids)
        choice = self._cursor.next()
        if choice.id in self._ends:
            return self._end(Finish.STOP)
        self._count += 1
        text = self._text.feed(choice.id)
        if self._text.stopped:
            return self._end(Finish.STOP, text, choice)
        if self._count >= self.work.max_tokens:
            return self._end(Finish.LENGTH, text, choice)
        self._pieces.put(Piece(text, (choice,)))
        return False

    def _end(self, finish: Finish, text: str = "", *last: Choice) -> bool:
        rest = self._text.close()
        self._pieces.put(Piece(text + rest, last, Finish.STOP if self._text.stopped else finish))
        return True


class Engine:
    """Owns the model's thread. `max_sequences` answers are made at once, `queue` more may wait."""

    def __init__(self, model: LanguageModel, tokens: Tokens, max_sequences: int = 8, queue: int = 64) -> None:
        self._model, self._tokens = model, tokens
        self._max_sequences, self._queue = max_sequences, queue
        self._changed = threading.Condition()
        self._calls: deque[Callable[[], None]] = deque()
        self._waiting: deque[Sequence] = deque()
        self._active: list[Sequence] = []
        self._leaving: set[str] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; answers in hand fail with EngineStopped."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def submit(self, work: Generation) -> Sequence:
        """Puts an answer in line. Raises EngineOverloaded, EngineStopped."""
        sequence = Sequence(work, self._tokens)
        with self._changed:
            self._check()
            if len(self._waiting) >= self._queue:
                raise EngineOverloaded("too many answers wait in line")
            self._waiting.append(sequence)
            self._changed.notify()
        return sequence

    def call(self, function: Callable[[LanguageModel], T]) -> T:
        """Runs `function` on the model between two tokens and returns or raises what it does."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function(self._model))
            except BaseException as error:  # noqa: BLE001 it is raised again where the answer is waited for
                future.set_exception(error)

        with self._changed:
            self._check()
            self._calls.append(run)
            self._changed.notify()
        return future.result()

    def load(self, digest: str, folder: Path) -> None:
        """Puts an adapter on the model, or keeps one that was about to leave."""

        def load(model: LanguageModel) -> None:
            self._leaving.discard(digest)
            if digest not in model.loaded():
                model.load(digest, folder)

        self.call(load)

    def retire(self, digest: str) -> None:
        """Takes an adapter off once no answer needs it."""
        self.call(lambda _: self._leaving.add(digest))

    def loaded(self) -> frozenset[str]:
        """Digests on the model that are not about to leave."""
        return self.call(lambda model: model.loaded() - self._leaving)

    def _check(self) -> None:
        if self._stopping or not self._thread.is_alive():
            raise EngineStopped("the engine does not run")

    def _run(self) -> None:
        try:
            while self._take_turn():
                for sequence in list(self._active):
                    self._step(sequence)
                self._release()
        finally:
            self._abandon()

    def _take_turn(self) -> bool:
        """Waits for work, does the calls, lets waiting answers in; returns False at the end."""
        with self._changed:
            while not (self._calls or self._waiting or self._active or self._stopping):
                self._changed.wait()
            calls = list(self._calls)
            self._calls.clear()
            while self._waiting and len(self._active) < self._max_sequences:
                self._active.append(self._waiting.popleft())
        for run in calls:
            run()
        return not self._stopping

    def _step(self, sequence: Sequence) -> None:
        try:
            ended = sequence.step(self._model)
        except Exception as error:  # noqa: BLE001 it is raised again where the answer is read
            sequence.fail(error)
            ended = True
        if ended:
            self._active.remove(sequence)

    def _release(self) -> None:
        if not self._leaving:
            return
        with self._changed:
            needed = {sequence.work.adapter for sequence in (*self._active, *self._waiting)}
        for digest in self._leaving - needed:
            self._leaving.discard(digest)
            if digest in self._model.loaded():
                self._model.unload(digest)

    def _abandon(self) -> None:
        with self._changed:
            self._stopping = True
            left = [*self._active, *self._waiting]
            calls = list(self._calls)
        for sequence in left:
            sequence.fail(EngineStopped("the server is stopping"))
        for run in calls:
            run()
