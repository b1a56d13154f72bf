"""A provenance service with a firm's history told to it."""

import pytest

from services.chassis import testing
from tests.integration.provenance.world import FakeCompletions, World, make_service
from whetstone.provenance.v1 import provenance_pb2_grpc


@pytest.fixture
def completions():
    return FakeCompletions()


@pytest.fixture
def world(tmp_path, completions):
    return World(make_service(tmp_path, completions), tmp_path)


@pytest.fixture
def stub(world):
    with testing.served(world.service) as channel:
        yield provenance_pb2_grpc.ProvenanceServiceStub(channel)
