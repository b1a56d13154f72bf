"""The engine: one thread that owns the model and gives each answer in hand one token in turn.

Answers with different adapters interleave, and adapters come and go between two tokens, so that no stream stops for a
promotion. An adapter leaves only when no answer needs it any more.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from services.serving.runtime.domain import Choice, Finish, Generation, Piece
from services.serving.runtime.errors import EngineOverloaded, EngineStopped
from services.serving.runtime.ports import Cursor, LanguageModel, Tokens
from services.serving.runtime.text import TextStream

T = TypeVar("T")


class Running:
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
            return self._end(Finish.STOP, end=choice)
        self._count += 1
        text = self._text.feed(choice.id)
        if self._text.stopped:
            return self._end(Finish.STOP, text, choice)
        if self._count >= self.work.max_tokens:
            return self._end(Finish.LENGTH, text, choice)
        self._pieces.put(Piece(text, (choice,)))
        return False

    def _end(self, finish: Finish, text: str = "", *last: Choice, end: Choice | None = None) -> bool:
        rest = self._text.close()
        self._pieces.put(Piece(text + rest, last, Finish.STOP if self._text.stopped else finish, end))
        return True


class Engine:
    """Owns the model's thread. `max_sequences` answers are made at once, `queue` more may wait.

    A step of an answer is a task of the one thread, and puts the next step behind the tasks that wait: that is what
    makes answers take turns, and lets a load or a score in between.
    """

    def __init__(self, model: LanguageModel, tokens: Tokens, max_sequences: int = 8, queue: int = 64) -> None:
        self._model, self._tokens = model, tokens
        self._max_sequences, self._queue = max_sequences, queue
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._lock = threading.Lock()
        self._waiting: deque[Running] = deque()
        self._active: list[Running] = []
        self._leaving: set[str] = set()
        self.alive = True

    def stop(self) -> None:
        """Ends the thread; answers in hand fail with EngineStopped."""
        with self._lock:
            self.alive = False
        self._thread.shutdown(wait=True, cancel_futures=True)
        for running in (*self._active, *self._waiting):
            running.fail(_stopped())

    def submit(self, work: Generation) -> Running:
        """Puts an answer in line. Raises EngineOverloaded, EngineStopped."""
        running = Running(work, self._tokens)
        with self._lock:
            self._check()
            if len(self._waiting) >= self._queue:
                raise EngineOverloaded("too many answers wait in line")
            self._waiting.append(running)
        self._admit()
        return running

    def call(self, function: Callable[[LanguageModel], T]) -> T:
        """Runs `function` on the model between two tokens and returns or raises what it does."""
        with self._lock:
            self._check()
            future = self._thread.submit(function, self._model)
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

        def retire(model: LanguageModel) -> None:
            self._leaving.add(digest)
            self._release(model)

        self.call(retire)

    def loaded(self) -> frozenset[str]:
        """Digests on the model that are not about to leave."""
        return self.call(lambda model: model.loaded() - self._leaving)

    def _check(self) -> None:
        if not self.alive:
            raise _stopped()

    def _admit(self) -> None:
        """Lets waiting answers in."""
        with self._lock:
            while self.alive and self._waiting and len(self._active) < self._max_sequences:
                running = self._waiting.popleft()
                self._active.append(running)
                self._thread.submit(self._turn, running)

    def _turn(self, running: Running) -> None:
        """One step of one answer, and what follows it. In the engine's thread."""
        try:
            ended = running.step(self._model)
        except BaseException as error:
            running.fail(error)  # it is the reader's; raising it here only ends the task
            self._leave(running)
            raise
        if ended:
            self._leave(running)
            return
        with self._lock:
            if self.alive:
                self._thread.submit(self._turn, running)

    def _leave(self, running: Running) -> None:
        with self._lock:
            self._active.remove(running)
        self._release(self._model)
        self._admit()

    def _release(self, model: LanguageModel) -> None:
        """Unloads what is about to leave and no answer needs."""
        with self._lock:
            needed = {running.work.adapter for running in (*self._active, *self._waiting)}
        for digest in self._leaving - needed:
            self._leaving.discard(digest)
            if digest in model.loaded():
                model.unload(digest)


def _stopped() -> EngineStopped:
    return EngineStopped("the server is stopping")
