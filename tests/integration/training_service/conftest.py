import pytest

from services.chassis import testing
from tests.integration.training_service import worlds
from whetstone.training.v1 import training_pb2_grpc


@pytest.fixture
def datasets(tmp_path):
    return worlds.FakeDatasets(tmp_path)


@pytest.fixture
def server():
    return worlds.FakeServer()


@pytest.fixture
def service(tmp_path, datasets, server):
    return worlds.open_service(tmp_path, datasets, server)


@pytest.fixture
def stub(service):
    with testing.served(service) as channel:
        yield training_pb2_grpc.TrainingServiceStub(channel)
