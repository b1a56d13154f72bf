"""The error tables are complete, and no reason is lost on the way."""

import importlib
import pkgutil

import grpc
import pytest

import gateway
import services
from services.chassis import errors
from services.chassis.errors import GRPC_STATUS, HTTP_STATUS, ServiceError, category, from_status, grpc_status


def subclasses(cls):
    return {s for direct in cls.__subclasses__() for s in {direct, *subclasses(direct)}}


@pytest.fixture(scope="module")
def every_error():
    for package in (services, gateway):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rsplit(".", 1)[-1] == "errors":
                importlib.import_module(module.name)
    return subclasses(ServiceError)


def test_every_category_has_a_grpc_status_of_its_own():
    direct = {c for c in ServiceError.__subclasses__() if c.__module__ == errors.__name__}
    assert direct == set(GRPC_STATUS)
    assert len(set(GRPC_STATUS.values())) == len(GRPC_STATUS)


def test_every_grpc_status_has_an_http_status():
    assert set(HTTP_STATUS) == set(grpc.StatusCode)


def test_every_error_of_every_service_has_a_category_and_a_stable_reason(every_error):
    for error in every_error:
        assert category(error.__new__(error)) in GRPC_STATUS, error
        assert error.reason.isidentifier(), error
        assert error.reason == error.reason.upper(), error


def test_a_category_survives_the_wire():
    for kind, status in GRPC_STATUS.items():
        assert from_status(status) is kind
        assert grpc_status(kind("x")) is status


def test_an_unknown_status_is_internal():
    assert from_status(grpc.StatusCode.UNKNOWN) is errors.Internal
