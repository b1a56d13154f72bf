"""Personal data of several countries, and numbers that only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.curation.understanding import check_digits, personal
from tests.unit.curation.making import source


def kinds(text):
    return {(one.kind, one.text) for one in personal.find(source("d", text))}


@pytest.mark.parametrize(
    ("text", "kind", "item"),
    [
        ("Write to maria.keller@example.org today.", "email", "maria.keller@example.org"),
        ("Phone: (212) 555-0187", "phone", "(212) 555-0187"),
        ("Please call our duty officer, Mr Otto Brandt, on 555-0119.", "phone", "555-0119"),
        ("Reach him on +44 20 7946 0958 after six.", "phone", "+44 20 7946 0958"),
        ("The card 5555 5555 5555 4444 was charged.", "card_number", "5555 5555 5555 4444"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "iban", "DE89 3704 0044 0532 0130 00"),
        ("SSN 219-09-9999", "national_id", "219-09-9999"),
        ("NHS number 943 476 5919", "national_id", "943 476 5919"),
        ("BSN 111222333", "national_id", "111222333"),
        ("DNI 12345678Z", "national_id", "12345678Z"),
        ("She lives at 12 Harrow Lane, Leeds.", "postal_address", "12 Harrow Lane, Leeds"),
        ("Er wohnt Lindenstraße 14, 10969 Berlin", "postal_address", "Lindenstraße 14, 10969 Berlin"),
        ("Name: Tomás Moreno\nAddress: x", "person", "Tomás Moreno"),
        ("First aid: Benedikt Osei, phone 555-0163.", "person", "Benedikt Osei"),
        ("token ghp_" + "a1B2" * 9, "secret", "ghp_" + "a1B2" * 9),
        ("api_key = 9f8e7d6c5b4a39281706", "secret", "9f8e7d6c5b4a39281706"),
    ],
)
def test_an_item_is_found(text, kind, item):
    found = kinds(text)
    assert (kind, item) in found


@pytest.mark.parametrize(
    "text",
    [
        "Write to sales@example.org or info@example.org.",
        "The card 5555 5555 5555 4445 fails its check digit.",
        "IBAN DE88 3704 0044 0532 0130 00",
        "Part 111222333 of the order",
        "Tested 1200 1300 1400 cycles at 600 N·m; drawing 2024-06-03 of 2023.",
        "Approved: H. Lindqvist, Chief Engineer.",
        "Anchor Rods shall be cast into the foundation.",
        "Lot 943 476 5918 of bolts",
        "address: $ref '#/definitions/2'",
        "The contact of an object. Contact: Contact Object",
    ],
)
def test_what_only_looks_like_one_is_not(text):
    assert kinds(text) == set()


def test_a_name_that_a_contact_gave_away_is_found_again():
    document = source(
        "d", "Contact: Odile Marchand, e-mail odile.marchand@example.org", "Odile Marchand signed the sheet."
    )
    places = [one.quote.place.chunk[-3:] for one in personal.find(document) if one.kind == "person"]
    assert places == ["000", "001"]


def test_cells_under_telling_titles_are_found():
    table = {
        "header": ["Firm", "Contact", "Phone", "E-mail"],
        "rows": [["Mill", "Ada Byron", "555-0142", "a.byron@example.org"]],
    }
    assert {one.kind for one in personal.find(source("t", table))} == {"person", "phone", "email"}


def test_quotes_stand_at_their_offsets():
    text = "Dear all,\nplease phone 555-0119 or write to jo@example.org."
    for one in personal.find(source("d", text)):
        place = one.quote.place
        assert text[place.char_start : place.char_end] == one.text


@given(st.text("0123456789", min_size=12, max_size=18), st.integers(0, 11))
def test_luhn_knows_a_changed_digit(digits, at):
    check = next(d for d in "0123456789" if check_digits.luhn(digits + d))
    whole = digits + check
    changed = whole[:at] + str((int(whole[at]) + 1) % 10) + whole[at + 1 :]
    assert check_digits.luhn(whole)
    assert not check_digits.luhn(changed)


@given(st.text("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=11, max_size=30))
def test_iban_knows_its_check_digits(account):
    as_number = int("".join(str(int(c, 36)) for c in account + "NL00"))
    check = 98 - as_number % 97
    assert check_digits.iban(f"NL{check:02d}{account}")
    assert not check_digits.iban(f"NL{(check + 1) % 97 + 2:02d}{account}") or (check + 1) % 97 + 2 == check
