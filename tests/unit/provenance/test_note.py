"""Signed notes against the example of golang.org/x/mod/sumdb/note, which C2SP's format is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import verify
from services.provenance.adapters.signer import FileSigner
from services.provenance.domain import note
from services.provenance.errors import SigningKeyInvalid

KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_example_key_and_note_verify():
    verifier = verify.Verifier.parse(KEY)
    stamp = base64.b64decode(SIGNED.rsplit(" ", 1)[1])
    assert stamp[:4] == verifier.id
    assert verifier.signed(TEXT.encode(), stamp[4:])


def test_keys_and_notes_are_written_in_the_examples_form():
    verifier = verify.Verifier.parse(KEY)
    public = verifier.key.public_bytes_raw()
    signature = base64.b64decode(SIGNED.rsplit(" ", 1)[1])[4:]
    assert note.verifier_key("PeterNeumann", note.ED25519, public) == KEY
    assert note.signed(TEXT, "PeterNeumann", note.ED25519, public, signature) == SIGNED


@given(tenant=st.text(min_size=1), project=st.text(min_size=1))
def test_an_origin_holds_nothing_that_a_key_name_may_not(tenant, project):
    name = note.origin("whetstone", tenant, project)
    assert not any(c.isspace() or c == "+" for c in name)
    assert name.count("/") == 2


def test_different_projects_have_different_origins():
    assert note.origin("w", "a/b", "c") != note.origin("w", "a", "b/c")


def test_a_checkpoint_is_read_back(tmp_path):
    signer = FileSigner(tmp_path / "key")
    text = note.body("w/a/p", 7, b"r" * 32)
    raw = note.signed(text, "w/a/p", 1, signer.public_key, signer.sign(text.encode()))
    verifier = verify.Verifier.parse(note.verifier_key("w/a/p", 1, signer.public_key))
    origin, size, root, signed, signature = verify.read_note(raw.encode(), verifier)
    assert (origin, size, root, signed) == ("w/a/p", 7, b"r" * 32, text.encode())
    assert verifier.signed(signed, signature)


@pytest.mark.parametrize(
    "edit",
    [
        lambda raw: raw.replace("\n7\n", "\n07\n"),
        lambda raw: raw.replace("— w/a/p", "— w/a/q"),
        lambda raw: raw + "\n",
        lambda raw: raw.replace("\n\n", "\nextension\n\n"),
        lambda raw: raw.replace("— w", "- w"),
    ],
)
def test_another_form_of_a_checkpoint_is_refused(tmp_path, edit):
    signer = FileSigner(tmp_path / "key")
    text = note.body("w/a/p", 7, b"r" * 32)
    raw = note.signed(text, "w/a/p", 1, signer.public_key, signer.sign(text.encode()))
    verifier = verify.Verifier.parse(note.verifier_key("w/a/p", 1, signer.public_key))
    with pytest.raises(ValueError, match=r"."):
        verify.read_note(edit(raw).encode(), verifier)


def test_a_key_is_made_once_and_half_a_key_is_refused(tmp_path):
    path = tmp_path / "keys" / "key"
    assert FileSigner(path).public_key == FileSigner(path).public_key
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]
    path.write_bytes(b"short")
    with pytest.raises(SigningKeyInvalid):
        FileSigner(path)
