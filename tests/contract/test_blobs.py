"""What every object store must do. A local folder always; another where WHETSTONE_TEST_BLOBS names one by URL."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.blobs import BlobCorrupt, BlobNotFound, open_blobs

REMOTE = os.environ.get("WHETSTONE_TEST_BLOBS", "")


@pytest.fixture(
    params=["folder", pytest.param("remote", marks=pytest.mark.skipif(not REMOTE, reason="no object store"))]
)
def blobs(request, tmp_path):
    return open_blobs(REMOTE if request.param == "remote" else "", tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.binary(max_size=2000))
def test_bytes_come_back_under_their_hash(blobs, data):
    blob = blobs.put("acme", data)
    assert blobs.put("acme", data) == blob
    assert blobs.get("acme", blob) == data
    assert blob.size_bytes == len(data)


def test_a_tenant_cannot_name_another_tenants_blob(blobs):
    blob = blobs.put("acme", b"ours")
    with pytest.raises(BlobNotFound):
        blobs.get("other", blob)


def test_an_unknown_blob_is_not_found(blobs):
    with pytest.raises(BlobNotFound):
        blobs.get("acme", "0" * 64)


def test_a_changed_blob_is_noticed(tmp_path):
    blobs = open_blobs("", tmp_path)
    blob = blobs.put("acme", b"as it was")
    next((tmp_path / "blobs").rglob(blob.sha256)).write_bytes(b"as it is")
    with pytest.raises(BlobCorrupt):
        blobs.get("acme", blob)


def test_a_download_is_whole_or_absent(blobs, tmp_path):
    target = blobs.download("acme", blobs.put("acme", b"content"), tmp_path / "folder" / "file")
    assert target.read_bytes() == b"content"
    with pytest.raises(BlobNotFound):
        blobs.download("acme", "0" * 64, tmp_path / "folder" / "other")
    assert [p.name for p in (tmp_path / "folder").iterdir()] == ["file"]
