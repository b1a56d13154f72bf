from hypothesis import example, given
from hypothesis import strategies as st

from services.serving.runtime.text import TextStream
from tests.unit.serving.fakes import ByteTokens

decode = ByteTokens().decode


def streamed(ids, stop=()):
    stream = TextStream(decode, stop)
    pieces = []
    for id_ in ids:
        pieces.append(stream.feed(id_))
        if stream.stopped:
            break
    return [*pieces, stream.close()], stream


@given(st.lists(st.integers(0, 255), max_size=40))
@example(list("380 MPa – €é😀".encode()))
@example([0xE2, 0x82, 0x41, 0xAC])
def test_joined_pieces_are_the_decoded_whole_whatever_the_bytes(ids):
    assert "".join(streamed(ids)[0]) == decode(ids)


@given(st.text(max_size=30))
def test_no_piece_breaks_a_character(text):
    pieces, _ = streamed(text.encode())
    assert "".join(pieces) == text
    assert all("�" not in piece for piece in pieces) or "�" in text


@given(st.text("ab<€", max_size=25), st.lists(st.text("ab<€", min_size=1, max_size=4), max_size=3))
def test_the_answer_ends_before_the_first_stop_string_and_gives_none_of_it(text, stops):
    pieces, stream = streamed(text.encode(), stops)
    ends = [at for at in (text.find(stop) for stop in stops) if at >= 0]
    assert stream.stopped == bool(ends)
    given_out = "".join(pieces)
    # A stop met token by token ends the answer at the first one that is complete.
    assert text.startswith(given_out)
    assert not any(stop in given_out for stop in stops)
    assert given_out == text if not ends else len(given_out) <= max(ends)


def test_a_held_back_beginning_of_a_stop_string_is_given_out_when_it_is_none():
    pieces, _ = streamed(b"abX", ["abc"])
    assert pieces == ["", "", "abX", ""]
