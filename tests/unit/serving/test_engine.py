import threading

import pytest

from services.serving.runtime.domain import Finish, Generation
from services.serving.runtime.engine import Engine
from services.serving.runtime.errors import AdapterNotLoaded, EngineOverloaded, EngineStopped
from tests.unit.serving.fakes import END, ByteTokens, ScriptedModel


@pytest.fixture
def started():
    engines = []

    def start(model, **options):
        engines.append(Engine(model, ByteTokens(), **options))
        return engines[-1]

    yield start
    for engine in engines:
        engine.stop()


def work(adapter="", max_tokens=50, stop=()):
    return Generation(adapter, (1, 2), max_tokens, stop=stop)


def text_of(running):
    pieces = list(running)
    return "".join(piece.text for piece in pieces), pieces[-1].finish


def test_an_answer_ends_at_the_end_token_which_is_not_part_of_it(started):
    engine = started(ScriptedModel({"": [*b"yes", END, *b"no"]}))
    running = engine.submit(work())
    pieces = list(running)
    assert "".join(piece.text for piece in pieces) == "yes"
    assert [token.id for piece in pieces for token in piece.tokens] == list(b"yes")
    assert pieces[-1].finish is Finish.STOP


def test_an_answer_ends_at_its_length_or_a_stop_string(started):
    engine = started(ScriptedModel({"": [*b"one two three", END]}))
    assert text_of(engine.submit(work(max_tokens=5))) == ("one t", Finish.LENGTH)
    assert text_of(engine.submit(work(stop=("two",)))) == ("one ", Finish.STOP)


def test_answers_take_turns(started):
    gate = threading.Semaphore(0)
    engine = started(ScriptedModel({"": [*b"aaaa", END], "d1": [*b"bb", END]}, gate, on={"d1"}))
    long, short = engine.submit(work()), engine.submit(work("d1"))
    gate.release(6)  # three tokens each, were they to take turns
    assert text_of(short) == ("bb", Finish.STOP)
    gate.release(2)
    assert text_of(long) == ("aaaa", Finish.STOP)


def test_an_adapter_leaves_only_after_the_answer_that_needs_it(started):
    may_end = threading.Event()
    model = ScriptedModel(may_end=may_end, on={"d1"})
    engine = started(model)
    running = engine.submit(work("d1", max_tokens=10_000))
    engine.retire("d1")
    engine.load("d2", None)
    assert engine.loaded() == {"d2"}
    assert model.on == {"d1", "d2"}
    may_end.set()
    assert text_of(running)[1] is Finish.STOP
    engine.call(lambda _: None)
    assert model.history == ["load d2", "unload d1"]


def test_an_adapter_that_comes_back_does_not_leave(started):
    may_end = threading.Event()
    model = ScriptedModel(may_end=may_end, on={"d1"})
    engine = started(model)
    running = engine.submit(work("d1", max_tokens=10_000))
    engine.retire("d1")
    engine.load("d1", None)
    may_end.set()
    text_of(running)
    assert engine.loaded() == {"d1"}
    assert model.history == []


def test_a_broken_answer_fails_alone(started):
    engine = started(ScriptedModel({"": [*b"ok", END], "d1": [7]}, on={"d1"}))
    broken = engine.submit(work("d1"))
    with pytest.raises(RuntimeError, match="the model broke"):
        list(broken)
    with pytest.raises(AdapterNotLoaded):
        list(engine.submit(work("gone")))
    assert text_of(engine.submit(work())) == ("ok", Finish.STOP)


def test_a_cancelled_answer_ends_and_makes_room(started):
    gate = threading.Semaphore(0)
    engine = started(ScriptedModel({"": [*b"abcdef", END]}, gate), max_sequences=1)
    first, second = engine.submit(work()), engine.submit(work())
    first.cancel()
    gate.release(8)
    assert text_of(first)[1] is Finish.CANCELLED
    assert text_of(second) == ("abcdef", Finish.STOP)


def test_a_line_that_is_full_refuses(started):
    gate = threading.Semaphore(0)
    engine = started(ScriptedModel({"": [END]}, gate), max_sequences=1, queue=1)
    kept = [engine.submit(work()), engine.submit(work())]
    with pytest.raises(EngineOverloaded):
        engine.submit(work())
    gate.release(9)
    assert [text_of(one)[1] for one in kept] == [Finish.STOP, Finish.STOP]


def test_answers_in_hand_fail_when_the_engine_stops():
    engine = Engine(ScriptedModel(may_end=threading.Event()), ByteTokens(), max_sequences=1)
    active, waiting = engine.submit(work(max_tokens=100_000)), engine.submit(work())
    engine.stop()
    for running in (active, waiting):
        with pytest.raises(EngineStopped):
            list(running)
    with pytest.raises(EngineStopped):
        engine.submit(work())
