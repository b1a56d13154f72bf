"""Which pairs of statements contradict each other, and which only look like it."""

from datetime import date
from itertools import permutations

import pytest

from services.curation.understanding import claims, conflicts
from services.curation.understanding.conflicts import Context
from services.curation.understanding.wording import Variants
from tests.unit.curation.making import source


def between(*texts, variants=None):
    sources = [source(f"doc{n}", text) for n, text in enumerate(texts)]
    found = [claim for one in sources for claim in claims.read(one)]
    contexts = {one.document: Context(one.document, date(2020 + n, 1, 1)) for n, one in enumerate(sources)}
    return conflicts.find(found, contexts, Variants(variants or {}))


TRUE = [
    (
        ("Indoor parts", "The dry film of coats shall be 120 µm thick."),
        ("General", "The dry film of coats shall be 200 µm thick."),
    ),
    (
        "Anchor bolts for P-7 masts shall have a minimum yield strength of 380 MPa.",
        "Anchor bolts for P-7 masts shall have a minimum yield strength of 50 ksi.",
    ),
    (
        "The measles vaccine shall be stored at a temperature between 2 °C and 8 °C.",
        "The measles vaccine shall be stored at a temperature of 50 °F to 59 °F.",
    ),
    ("Audit records of suppliers shall be kept for 10 years.", "Audit records of suppliers shall be kept for 7 years."),
    ("Oxygen hoses shall not be lubricated.", "Oxygen hoses shall be lubricated before assembly."),
    (
        "Handrails of ST-3 towers shall be painted with paint system PS-4.",
        "Handrails of ST-3 towers shall be painted with paint system PS-6.",
    ),
    (
        "Bolts of RT-2 joints shall be tightened to a torque between 600 N·m and 680 N·m.",
        "Bolts of RT-2 joints shall be tightened to a torque of 720 N·m.",
    ),
    (
        "Exit doors of wards shall have a width of at least 1.2 m.",
        "Exit doors of wards shall have a width of at most 1 m.",
    ),
]
FALSE = [
    (
        "Plates for P-7 masts shall have a minimum yield strength of 65 ksi.",
        "Plates for P-7 masts shall have a minimum yield strength of 450 MPa.",
    ),
    (
        ("Indoor parts", "The dry film of coats shall be 120 µm thick."),
        ("Outdoor parts", "The dry film of coats shall be 200 µm thick."),
    ),
    (
        "For sprinklered wards, the exit distance of wards shall be at most 75 m.",
        "For unsprinklered wards, the exit distance of wards shall be at most 60 m.",
    ),
    (
        "Plates for P-7 masts shall have a minimum yield strength of 50 ksi.",
        "Plates for P-7 masts shall have a minimum yield strength of 345 MPa.",
    ),
    (
        "Hot-finished sections for masts shall have a wall thickness of 5 mm.",
        "Cold-formed sections for masts shall have a wall thickness of 6 mm.",
    ),
    (
        "Indoor steelwork parts shall have a film thickness of 120 µm.",
        "Outdoor steelwork parts shall have a film thickness of 200 µm.",
    ),
    (
        "Base plates of masts shall have a thickness of at least 30 mm.",
        "Base plates of masts shall have a thickness of at most 60 mm.",
    ),
    (
        "The energy of P-7 plates shall be at least 34 J at -20 °C.",
        "The energy of P-7 plates shall be at least 27 J at -40 °C.",
    ),
    (
        "Joint J-1 shall have a preheat temperature of 75 °C for plate thinner than 20 mm.",
        "Joint J-1 shall have a preheat temperature of 110 °C for plate thicker than 38 mm.",
    ),
    (
        "P-7 masts shall be designed for a wind speed of 51 m/s.",
        "Lifting of P-7 masts shall stop at a wind speed of 9 m/s.",
    ),
    (
        "Anchor rods of P-7 masts shall have a yield strength of 380 MPa.",
        "The measured yield strength of anchor rods of P-7 masts was 412 MPa.",
    ),
    ("Welds of P-7 masts shall conform to ASTM A500.", "Welds of P-7 masts shall conform to ASTM A992."),
    ("The cover shall have a thickness of 3 mm.", "The cover shall have a thickness of 5 mm."),
    (
        "Spare cells of UPS-1 should be held at a charge of 60 %.",
        "Spare cells of UPS-1 shall be held at a charge of at least 40 %.",
    ),
]


@pytest.mark.parametrize("pair", TRUE)
def test_a_contradiction_is_found_whatever_comes_first(pair):
    assert [len(between(*order)) for order in permutations(pair)] == [1, 1]


@pytest.mark.parametrize("pair", FALSE)
def test_what_only_looks_like_one_is_not(pair):
    assert [between(*order) for order in permutations(pair)] == [[], []]


def test_the_first_side_is_of_the_older_document_and_equal_claims_are_one_side():
    seven = "Audit records of suppliers shall be kept for 7 years."
    (found,) = between(seven, "Audit records of suppliers shall be kept for 10 years.", seven)
    assert [claim.document[-4:] for claim in found.first] == ["doc0", "doc2"]
    assert [claim.document[-4:] for claim in found.second] == ["doc1"]
    assert found.second_is_newer
    assert "7 years" in found.why


def test_variants_of_a_term_are_one_subject():
    texts = (
        "Anchor bolts of P-7 masts shall have a diameter of 36 mm.",
        "Anchor rods of P-7 masts shall have a diameter of 30 mm.",
    )
    assert between(*texts) == []
    assert len(between(*texts, variants={"anchor bolt": "anchor rod"})) == 1


def test_a_table_row_contradicts_a_sentence():
    table = {
        "header": ["Design", "Property", "Value", "Unit"],
        "rows": [["PB-4 bridges", "Design wind speed", "49", "m/s"]],
    }
    assert len(between("PB-4 bridges shall be designed for a wind speed of 47 m/s.", table)) == 1


def test_claims_that_are_not_in_force_contradict_nothing():
    from dataclasses import replace

    sources = [source(f"doc{n}", text) for n, text in enumerate(TRUE[0])]
    found = [claim for one in sources for claim in claims.read(one)]
    assert conflicts.find([found[0], replace(found[1], in_force=False)], {}) == []


def test_blocks_keep_unrelated_statements_apart():
    many = [f"Valve V-{n} shall have a leak rate of {n + 1} mL/min." for n in range(300)]
    assert between(*many) == []
