"""From outbox to effect: nothing lost, nothing twice, in order, whatever dies or is delivered again."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis import auth, events, outbox
from services.chassis.errors import Invalid, Unavailable
from services.chassis.events import Consumer, EmbeddedLog
from services.chassis.outbox import Outbox, event_tables
from services.chassis.store import open_store
from services.chassis.testing import CALLER
from whetstone.pipelines.v1 import events_pb2 as pipelines
from whetstone.type.v1 import location_pb2

TOPIC = "whetstone.pipelines.v1"


class Rejected(Invalid):
    reason = "REJECTED"


class World:
    """A producer's and a consumer's database, and what the consumer did."""

    def __init__(self, folder):
        self.producer = self.open(folder, "pipelines")
        self.consumer_store = self.open(folder, "curation")
        self.log = EmbeddedLog(folder)
        self.outbox = Outbox("pipelines")
        self.effects = sa.Table("effects", sa.MetaData(), sa.Column("seq", sa.Integer, primary_key=True),
                                sa.Column("run", sa.String(100)))  # fmt: skip
        with self.consumer_store.begin() as tx:
            self.effects.create(tx)
        self.consumer = self.new_consumer()
        self.refuse = {}

    @staticmethod
    def open(folder, service):
        store = open_store("", folder, service)
        metadata = sa.MetaData()
        event_tables(metadata)
        with store.begin() as tx:
            metadata.create_all(tx)
        return store

    def new_consumer(self):
        return Consumer("curation", self.consumer_store, self.log, {pipelines.StageRequested: self.handle})

    def handle(self, tx, event, message):
        tx.execute(sa.insert(self.effects).values(run=message.stage.run))
        if error := self.refuse.get(message.stage.run):
            raise error

    def say(self, run):
        with auth.acting_as(CALLER), self.producer.begin() as tx:
            message = pipelines.StageRequested(stage=location_pb2.StageRef(run=run))
            return self.outbox.add(tx, "acme", f"projects/p/runs/{run}", message)

    def done(self):
        with self.consumer_store.read() as tx:
            return [row.run for row in tx.execute(sa.select(self.effects).order_by(self.effects.c.seq))]

    def dead(self):
        with self.consumer_store.read() as tx:
            return [(row.reason, row.subject) for row in events.dead_letters(tx)]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_an_event_of_a_rolled_back_change_is_never_heard(world):
    with pytest.raises(RuntimeError), world.producer.begin() as tx:
        world.outbox.add(tx, "acme", "projects/p/runs/r", pipelines.StageRequested())
        raise RuntimeError
    world.consumer.drain()
    assert world.done() == []


def test_events_arrive_once_and_in_order_across_restarts(world):
    for n in range(250):
        world.say(str(n))
    world.consumer.drain()
    world.new_consumer().drain()
    world.say("250")
    world.new_consumer().drain()
    assert world.done() == [str(n) for n in range(251)]


def test_a_second_delivery_changes_nothing(world):
    world.say("a")
    world.consumer.drain()
    with world.consumer_store.begin() as tx:
        outbox.advance(tx, TOPIC, 0)
    assert world.new_consumer().drain() == 1
    assert world.done() == ["a"]


def test_a_quiet_topic_is_not_read_again_until_it_grows(world):
    world.say("a")
    world.consumer.drain()
    reads = []
    read = world.log.read
    world.log.read = lambda *given: reads.append(given) or read(*given)
    for _ in range(20):
        world.consumer.drain()
    assert len(reads) <= 2  # the signature changes by itself now and then
    world.say("b")
    world.consumer.drain()
    assert world.done() == ["a", "b"]


def test_an_unavailable_effect_is_tried_again_and_keeps_its_place(world):
    world.say("a")
    world.say("b")
    world.refuse["a"] = Unavailable("the disk is away")
    world.consumer.drain()
    assert (world.done(), world.dead()) == ([], [])
    world.refuse.clear()
    world.consumer.drain()
    assert world.done() == ["a", "b"]


@pytest.mark.parametrize(("error", "reason"), [(Rejected("no"), "REJECTED"), (ValueError("a bug"), "INTERNAL")])
def test_poison_is_buried_with_its_reason_and_the_rest_goes_on(world, error, reason):
    for run in ("a", "b", "c"):
        world.say(run)
    world.refuse["b"] = error
    world.consumer.drain()
    assert world.done() == ["a", "c"]
    assert world.dead() == [(reason, "projects/p/runs/b")]


@pytest.mark.parametrize("broken", [{"type": "whetstone.pipelines.v1.Unheard"}, {"data": b"\xff\xff\xff"}])
def test_an_unreadable_event_is_buried_whole(world, broken):
    world.say("a")
    with world.producer.begin() as tx:
        tx.execute(sa.update(outbox.TABLES["outbox"]).values(broken))
    everything = Consumer("curation", world.consumer_store, world.log, {}, everything=lambda *_: None, topics=[TOPIC])
    everything.drain()
    assert world.dead() == [("EVENT_UNREADABLE", "projects/p/runs/a")]


def test_the_effect_acts_for_the_tenant_and_keeps_the_trace(world):
    seen = []
    world.say("a")
    consumer = Consumer(
        "curation", world.consumer_store, world.log,
        {pipelines.StageRequested: lambda tx, event, message: seen.append((auth.caller(), event.actor))},
    )  # fmt: skip
    consumer.drain()
    who, actor = seen[0]
    assert (who.tenant, who.subject, actor) == ("acme", "service:curation", CALLER.subject)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["say", "drain", "crash", "rewind", "restart"]), min_size=5, max_size=30))
def test_whatever_the_order_of_crashes_each_effect_happens_once_in_order(tmp_path_factory, steps):
    world = World(tmp_path_factory.mktemp("world"))
    said = 0
    for step in [*steps, "restart", "drain"]:
        if step == "say":
            world.say(str(said))
            said += 1
        elif step == "crash":  # the effect's transaction does not commit
            world.refuse[str(max(said - 1, 0))] = Unavailable("crash before commit")
            world.consumer.drain()
            world.refuse.clear()
        elif step == "rewind":  # the transport delivers everything again
            with world.consumer_store.begin() as tx:
                outbox.advance(tx, TOPIC, 0)
            world.consumer = world.new_consumer()
        elif step == "restart":
            world.consumer = world.new_consumer()
        else:
            world.consumer.drain()
    assert world.done() == [str(n) for n in range(said)]
    assert world.dead() == []
