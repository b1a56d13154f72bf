"""Quantities and units as documents write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.curation.domain.claims import Comparator
from services.curation.understanding.quantities import find, read_cell
from services.curation.understanding.units import find_unit


@pytest.mark.parametrize(
    ("text", "comparator", "low", "high", "unit"),
    [
        ("at least 34 J", "AT_LEAST", 34, None, "J"),
        ("shall not exceed 200 feet", "AT_MOST", 200, None, "feet"),
        ("not less than 25 mm of cover", "AT_LEAST", 25, None, "mm"),
        ("no later than 30 days", "AT_MOST", 30, None, "days"),
        ("between 2 and 8 °C", "BETWEEN", 2, 8, "°C"),
        ("from -15 °C to 65 °C", "BETWEEN", -15, 65, "°C"),
        ("80-100 mg/L", "BETWEEN", 80, 100, "mg/L"),
        ("a slab 2 in thick", "EQUAL", 2, None, "in"),
        ("1 1/2 in. max", "AT_MOST", 1.5, None, "in."),
        ("3-hour rating", "EQUAL", 3, None, "hour"),
        ("1 450 mm", "EQUAL", 1450, None, "mm"),
        ("17,5 mm", "EQUAL", 17.5, None, "mm"),
        ("2,200 lbs/month", "EQUAL", 2200, None, "lbs/month"),
        ("five days", "EQUAL", 5, None, "days"),
        ("approximately 40 kN", "ABOUT", 40, None, "kN"),
        ("150 micrograms per cubic meter", "EQUAL", 150, None, "micrograms per cubic meter"),
    ],
)
def test_a_quantity_is_read_with_what_binds_it(text, comparator, low, high, unit):
    (found,) = find(text)
    quantity = found.quantity
    assert (quantity.comparator.value, quantity.low, quantity.high, quantity.unit) == (comparator, low, high, unit)


@pytest.mark.parametrize(
    "text",
    [
        "as clause 3.1.2 of QF-SPEC-101 says",
        "tested in 2 in the shop",
        "on 2024-06-11 and 12.03.2021",
        "ASTM A992/A992M-22 and M24",
        "room 101 in the annex",
    ],
)
def test_dates_clauses_and_designations_are_no_quantities(text):
    assert find(text) == []


def test_a_value_restated_in_brackets_is_one_value():
    (found,) = find("a yield strength of 50 ksi (345 MPa) for plates")
    assert found.quantity.unit == "ksi"


@pytest.mark.parametrize(
    ("text", "tolerance"), [("±4 mm", 4), ("12 mm ± 0.5 mm", 0.5), ("plus or minus 3/8 inch", 0.375)]
)
def test_a_tolerance_is_its_half_width(text, tolerance):
    (found,) = find(text)
    assert found.quantity.tolerance == pytest.approx(tolerance)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("50 ksi", "344.7379 MPa"),
        ("200 °F", "93.3333 °C"),
        ("1 kN/m2", "1000 Pa"),
        ("1 ft-lb", "1.3558179 N·m"),
        ("40 %", "0.4 m/m"),
    ],
)
def test_the_same_value_in_two_units_is_one_in_si(a, b):
    (one,), (other,) = find(a), find(b)
    assert one.quantity.si_low == pytest.approx(other.quantity.si_low, rel=1e-5)
    assert one.quantity.dimension == other.quantity.dimension


UNITS = st.sampled_from(
    ["mm", "ksi", "MPa", "°C", "°F", "kN·m", "lb", "gpm", "µm", "kJ/mm", "m/s", "mph", "HV", "years"]
)


@given(st.decimals(min_value=0, max_value=99_999, places=2, allow_nan=False), UNITS)
def test_si_and_back_is_the_value_written(number, unit):
    (found,) = find(f"a value of {number} {unit}.")
    known = find_unit(unit)
    back = (found.quantity.si_low - known.offset) / known.factor
    assert back == pytest.approx(float(number), rel=1e-9, abs=1e-6)


@given(st.text(max_size=80))
def test_any_text_can_be_read_and_spans_stay_inside(text):
    for found in find(text, unitless=True):
        assert 0 <= found.start <= found.value_start < found.end <= len(text)


@pytest.mark.parametrize(
    ("cell", "unit", "low"), [("≥ 30 mm", "", 30), ("345", "MPa", 345), ("8.8", "-", 8.8), ("1.2 to 2.1", "kJ/mm", 1.2)]
)
def test_a_cell_that_is_a_value_takes_its_columns_unit(cell, unit, low):
    assert read_cell(cell, unit).low == low


@pytest.mark.parametrize("cell", ["S355J2", "see note 3", "Rev 2", ""])
def test_a_cell_that_holds_more_than_a_value_is_none(cell):
    assert read_cell(cell, "mm") is None


def test_a_unit_that_is_none_is_refused():
    assert find_unit("°C/°C·blorp") is None
    assert find("5 blorps") == []


def test_every_comparator_is_reached():
    texts = ["at least 1 m", "at most 1 m", "about 1 m", "1 m", "1 to 2 m"]
    assert {find(text)[0].quantity.comparator for text in texts} == set(Comparator)
