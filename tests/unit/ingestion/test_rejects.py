"""Each reason for a rejection, by a file that earns it; the parser's processes included."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from services.ingestion.adapters.parsers.files import parse
from services.ingestion.adapters.sandbox import Sandbox
from services.ingestion.domain.documents import Reason, Rejected
from services.ingestion.domain.limits import MIB, Limits
from tests.unit.ingestion.conftest import Pdf, archive, repacked, word

DOCX = word(lambda document: document.add_paragraph("Text."))
PDF = Pdf().text(50, 100, "Text of a page.").bytes()
ENTITIES = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "b">]><html><body>&a;</body></html>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
FILES = [
    ("a.txt", b"", Reason.EMPTY),
    ("a.md", b" \n\t ", Reason.EMPTY),
    ("a.pdf", PDF[: len(PDF) // 2], Reason.CORRUPT),
    ("a.pdf", b"%PDF-1.7\nnothing of the kind\n%%EOF", Reason.CORRUPT),
    ("a.docx", DOCX[: len(DOCX) // 2], Reason.CORRUPT),
    ("a.docx", repacked(DOCX, **{"word/document.xml": b"<w:document"}), Reason.CORRUPT),
    ("a.pdf", b"plain words", Reason.CORRUPT),
    ("a.pdf", Pdf("secret").text(50, 100, "Sealed.").bytes(), Reason.ENCRYPTED),
    ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), Reason.ENCRYPTED),
    ("a.doc", OLE, Reason.UNSUPPORTED_TYPE),
    ("a.png", b"\x89PNG\r\n\x1a\n", Reason.UNSUPPORTED_TYPE),
    ("a.zip", archive(**{"a.txt": b"text"}), Reason.UNSUPPORTED_TYPE),
    ("a.dat", b"text of a kind that has no name", Reason.UNSUPPORTED_TYPE),
    ("a.bin", b"\x01\x00\x02binary", Reason.UNSUPPORTED_TYPE),
    ("a.docx", archive(**{"word/document.xml": bytes(32 * MIB)}), Reason.ARCHIVE_BOMB),
    ("a.html", ENTITIES.encode(), Reason.ENTITY_EXPANSION),
    ("a.html", ENTITIES.encode("utf-16"), Reason.ENTITY_EXPANSION),
    ("a.docx", repacked(DOCX, **{"word/document.xml": ENTITIES.encode("utf-16")}), Reason.ENTITY_EXPANSION),
    ("a.pdf", Pdf().page().bytes(), Reason.NO_TEXT),
    ("a.html", b"<html><body><script>x()</script></body></html>", Reason.NO_TEXT),
]


@pytest.mark.parametrize(("filename", "content", "reason"), FILES)
def test_a_file_is_rejected_with_its_reason(filename, content, reason):
    with pytest.raises(Rejected) as error:
        parse(filename, content, Limits())
    assert error.value.reason is reason


def test_too_many_pages_are_too_large():
    content = Pdf().text(9, 99, "1").page().text(9, 99, "2").page().bytes()
    with pytest.raises(Rejected) as error:
        parse("a.pdf", content, Limits(pages=1))
    assert error.value.reason is Reason.TOO_LARGE


def test_many_small_members_that_unpack_to_too_much_are_a_bomb():
    members = {f"word/{n}.xml": os.urandom(1000) * 100 for n in range(20)} | {"word/document.xml": b"<a/>"}
    with pytest.raises(Rejected) as error:
        parse("a.docx", archive(**members), Limits(unpacked_bytes=MIB))
    assert error.value.reason is Reason.ARCHIVE_BOMB


SLOW = b"*a [b](c)* `d` " * 300_000


def refused(limits, content=SLOW):
    sandbox = Sandbox(limits, 1)
    try:
        with pytest.raises(Rejected) as error:
            sandbox.parse("a.md", content)
        # The next file is parsed as if nothing had been.
        assert sandbox.parse("b.md", b"# Next\n\nText.").title == "Next"
        return error.value.reason
    finally:
        sandbox.close()


def test_a_parse_that_takes_too_long_is_ended():
    begun = time.monotonic()
    assert refused(Limits(seconds=1)) is Reason.PARSE_TIMEOUT
    assert time.monotonic() - begun < 15


def test_a_parse_that_takes_too_much_memory_is_ended():
    assert refused(Limits(memory_bytes=400 * MIB), b"x\n\n" * 1_000_000) is Reason.PARSE_MEMORY


def test_a_result_that_is_too_large_is_refused():
    assert refused(Limits(output_bytes=2000), b"word " * 1000) is Reason.TOO_LARGE


def test_a_parser_that_crashes_takes_nothing_along():
    """A crash deep in a C library, as the kernel reports it."""
    sandbox = Sandbox(Limits(), 1)
    sandbox.parse("a.md", b"warm")
    found = []

    def parse_slowly():
        with pytest.raises(Rejected) as error:
            sandbox.parse("a.md", SLOW)
        found.append(error.value.reason)

    thread = threading.Thread(target=parse_slowly)
    thread.start()
    os.kill(fork_of(sandbox._children[0]._process.pid), signal.SIGSEGV)
    thread.join(20)
    assert found == [Reason.PARSER_CRASHED]
    assert sandbox.parse("b.md", b"# Next\n\nText.").title == "Next"
    sandbox.close()


def fork_of(pid):
    """The process that a parser process forked for the file in hand."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(children[0])
        time.sleep(0.005)
    raise AssertionError("no file is being parsed")


def test_a_lost_process_is_replaced_without_a_word():
    sandbox = Sandbox(Limits(), 1)
    sandbox.parse("a.md", b"warm")
    sandbox._children[0]._process.kill()
    assert sandbox.parse("b.md", b"# Next\n\nText.").title == "Next"
    sandbox.close()


def test_the_parser_process_has_none_of_the_services_secrets(monkeypatch):
    monkeypatch.setenv("WHETSTONE_INTERNAL_KEY", "hush")
    sandbox = Sandbox(Limits(), 1)
    sandbox.parse("a.md", b"warm")
    environment = Path(f"/proc/{sandbox._children[0]._process.pid}/environ").read_bytes()
    sandbox.close()
    assert b"hush" not in environment
    assert b"WHETSTONE" not in environment


def test_nesting_ends_no_parse():
    def deep(document):
        cell = document.add_table(1, 1).cell(0, 0)
        for _ in range(40):
            cell = cell.add_table(1, 1).cell(0, 0)
        cell.text = "innermost"

    assert "innermost" in parse("a.docx", word(deep), Limits()).text
    with pytest.raises(Rejected) as error:
        parse("a.html", b"<html><body>" + b"<div>" * 5000 + b"x", Limits())
    assert error.value.reason is Reason.CORRUPT
    assert parse("a.md", b"words\n\n" + b">" * 300 + b" x", Limits()).warnings


def test_a_damaged_archive_is_corrupt_whatever_byte_is_hit():
    for at in range(100, len(DOCX) - 100, len(DOCX) // 40):
        damaged = bytearray(DOCX)
        damaged[at : at + 20] = bytes(20)
        assert reason_of("a.docx", bytes(damaged)) in (None, Reason.CORRUPT, Reason.UNSUPPORTED_TYPE)


def reason_of(filename, content):
    try:
        parse(filename, content, Limits())
    except Rejected as rejection:
        return rejection.reason
    return None
