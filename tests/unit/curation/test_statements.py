"""Claims from sentences, list items and tables of other trades than the example corpus'."""

import pytest

from services.curation.understanding import claims, statements
from tests.unit.curation.making import source


@pytest.mark.parametrize(
    ("sentence", "subject", "prop", "value"),
    [
        (
            "The storage temperature of the vaccine shall be between 2 °C and 8 °C.",
            "vaccine",
            "storage temperature",
            (2, 8),
        ),
        ("Fire doors shall have a clear width of at least 32 inches.", "Fire doors", "clear width", (32, None)),
        (
            "Pressure vessels must be hydrostatically tested at a pressure of 1.5 MPa.",
            "Pressure vessels",
            "pressure",
            (1.5, None),
        ),
        (
            "Minimum yield strength for primary members is 50 ksi (345 MPa).",
            "primary members",
            "yield strength",
            (50, None),
        ),
        ("The grout pad shall be 40 mm thick.", "grout pad", "thickness", (40, None)),
        (
            "Records of each batch shall be retained for 5 years.",
            "Records of each batch",
            "retained duration",
            (5, None),
        ),
        (
            "The friction coefficient of the liner shall be at least 0.42.",
            "liner",
            "friction coefficient",
            (0.42, None),
        ),
        ("Torque wrenches shall be calibrated every 90 days.", "Torque wrenches", "calibrated interval", (90, None)),
        ("Exit corridors require a minimum width of 44 inches.", "Exit corridors", "width", (44, None)),
    ],
)
def test_a_sentence_gives_subject_property_and_value(sentence, subject, prop, value):
    (reading,) = statements.read(sentence)
    assert (reading.subject, reading.property) == (subject, prop)
    assert (reading.quantity.low, reading.quantity.high) == value


@pytest.mark.parametrize(
    ("sentence", "comparator", "negated"),
    [
        ("The slope of the ramp shall not exceed 8 %.", "AT_MOST", False),
        ("The cover of the rebar shall not be less than 40 mm.", "AT_LEAST", False),
        ("The payload of the drone must not be more than 5 kg.", "AT_MOST", False),
    ],
)
def test_a_negation_that_binds_the_value_is_spent(sentence, comparator, negated):
    (reading,) = statements.read(sentence)
    assert (reading.quantity.comparator.value, reading.negated) == (comparator, negated)


def test_conditions_before_in_and_behind_a_statement_are_kept():
    (lead,) = statements.read("For plates over 50 mm, the preheat of the joint shall be at least 110 °C.")
    (inside,) = statements.read("Butt welds thicker than 30 mm shall be examined no sooner than 48 h after welding.")
    (behind,) = statements.read("The energy of the plate shall be at least 34 J at -20 °C.")
    assert lead.conditions == ("For plates over 50 mm",)
    assert inside.conditions == ("thicker than 30 mm", "after welding")
    assert behind.conditions == ("at -20 °C",)


def test_two_values_with_a_condition_each_are_two_readings():
    first, second = statements.read(
        "Exit travel distance shall not exceed 200 feet in unsprinklered buildings "
        "and 250 feet in sprinklered buildings."
    )
    assert (first.quantity.low, first.conditions) == (200, ("in unsprinklered buildings",))
    assert (second.quantity.low, second.conditions) == (250, ("in sprinklered buildings",))
    assert second.quantity.comparator.value == "AT_MOST"


@pytest.mark.parametrize(
    ("sentence", "prop", "value", "negated"),
    [
        ("Valves shall be painted with coating system CS-4.", "coating system", "CS-4", False),
        ("The corrosivity category of the site is C5.", "corrosivity category", "C5", False),
        ("Lithium cells shall not be stored near solvents.", "stored", "be stored near solvents", True),
        ("Welding shall follow procedure WP-12.", "procedure", "WP-12", False),
    ],
)
def test_a_requirement_without_a_quantity_is_worded(sentence, prop, value, negated):
    (reading,) = statements.read(sentence)
    assert (reading.property, reading.value_text, reading.negated) == (prop, value, negated)


@pytest.mark.parametrize(
    "sentence",
    [
        "The weather was fine.",
        "Date: 4 May 2019",
        "It shall be 5 mm thick.",
        "We thank you for the letter.",
        "The quay is owned by the port.",
        "",
    ],
)
def test_what_states_nothing_checkable_gives_nothing(sentence):
    assert statements.read(sentence) == []


def test_a_measurement_is_no_requirement():
    (reading,) = statements.read("The measured density of batch 7 was 7.8 kg/m3.")
    assert reading.modality == "was"


def test_every_claim_quotes_exactly_what_stands_at_its_offsets():
    text = "1.1 Scope of this.\n\n4.2 The span of the beam shall not\nexceed 32 m. Beams shall have a camber of 12 mm."
    document = source("beam", "Intro without claims.", text)
    whole = "Intro without claims.\n\n" + text
    found = claims.read(document)
    assert [claim.quantity.low for claim in found] == [32, 12]
    for claim in found:
        place = claim.quote.place
        assert " ".join(whole[place.char_start : place.char_end].split()) == claim.quote.text


def test_long_wide_and_measured_tables_are_read():
    long = {
        "header": ["Item", "Property", "Value", "Unit"],
        "rows": [["Pump P-1", "Maximum flow", "40", "L/min"], ["Pump P-1", "Seal grade", "8", "-"]],
    }
    wide = {"header": ["Alloy", "Density (kg/m³)", "Elongation, %"], "rows": [["AlMg3", "2660", "≥ 12"]]}
    tested = {"header": ["Specimen", "Measured strength (MPa)"], "rows": [["Core sample A", "41.5"]]}
    found = {(c.subject, c.property): c for c in claims.read(source("t", long, wide, tested))}
    assert found["Pump P-1", "flow"].quantity.comparator.value == "AT_MOST"
    assert found["Pump P-1", "Seal grade"].value_text == "8"
    assert found["AlMg3", "Density"].quantity.unit == "kg/m³"
    assert found["AlMg3", "Elongation"].quantity.comparator.value == "AT_LEAST"
    assert found["Core sample A", "strength"].modality == "was"


def test_rows_that_differ_by_another_column_get_it_as_a_condition():
    table = {
        "header": ["Material", "Thickness range (mm)", "Property", "Value", "Unit"],
        "rows": [
            ["Steel S-1", "up to 16", "Yield strength", "355", "MPa"],
            ["Steel S-1", "16 to 40", "Yield strength", "345", "MPa"],
        ],
    }
    first, second = claims.read(source("t", table))
    assert first.conditions != second.conditions


def test_contact_tables_state_nothing():
    table = {"header": ["Supplier", "Contact", "Phone"], "rows": [["Mill A", "Ada Byron", "555-0100"]]}
    assert claims.read(source("t", table)) == []


def test_definitions_are_claims():
    document = source("d", ("3 Definitions", 'In this code "ramp" means a walking surface steeper than 5 %.'))
    (claim,) = claims.read(document)
    assert (claim.subject, claim.property, claim.modality) == ("ramp", "definition", "means")
