"""Names of one thing, and topics of a corpus."""

from services.curation.domain.taxonomy import Topic, cycle
from services.curation.understanding import taxonomy, terms
from services.curation.understanding.definitions import expansion
from services.curation.understanding.wording import Variants, american, stem, stems, topic_bag
from tests.unit.curation.making import source


def found(*texts):
    every = terms.find([source(f"d{n}", text) for n, text in enumerate(texts)])
    return {term.preferred.lower(): {v.lower() for v in term.variants} for term in every if term.is_inconsistent}


def test_spellings_hyphens_and_joined_words_are_variants():
    assert found("The coating is galvanised.", "Galvanized parts.")["galvanized"] == {"galvanized", "galvanised"}
    assert found("A handrail is fixed.", "The hand rail is loose.", "Each handrail.")["handrail"] == {
        "handrail",
        "hand rail",
    }
    assert found("A nonslip floor.", "The non-slip tread.")["non-slip"] == {"non-slip", "nonslip"}
    assert "non-shrink grout" in found("Nonshrink grout is used.", "Mix non-shrink grout.")


def test_a_glossary_and_a_definition_name_variants_that_are_in_use():
    glossary = {
        "header": ["Term", "Also written", "Meaning"],
        "rows": [["Dye penetrant test", "PT, liquid penetrant test", "Finds cracks"]],
    }
    got = found(glossary, "Dye penetrant test of welds.", "PT of the nozzle is done. PT again.")
    assert got["dye penetrant test"] == {"dye penetrant test", "pt"} | (
        {"liquid penetrant test"} & got["dye penetrant test"]
    )
    said = found(
        'In this code "guard rail" means a barrier, also called a safety rail.',
        "The safety rail is yellow. A guard rail.",
    )
    assert said["guard rail"] == {"guard rail", "safety rail"}


def test_an_abbreviation_introduced_in_brackets_is_known_but_no_finding():
    every = terms.find(
        [source("d", "Use ultrasonic testing (UT) of welds. Then UT is repeated by ultrasonic testing.")]
    )
    assert [(t.preferred, t.is_inconsistent) for t in every] == [("ultrasonic testing", False)]


def test_words_that_merely_stand_together_are_no_variants():
    assert (
        found("Set the basePath. The base path is long.", "They perform as per form 7.", "Any one. Anyone may.") == {}
    )
    assert found("The plate is above ground level.", "A base of steel and plates of wood stand there.") == {}


def test_acronyms_expand_by_their_letters():
    assert expansion("UT", ["the", "method", "of", "ultrasonic", "testing"]) == "ultrasonic testing"
    assert expansion("XYZ", ["nothing", "of", "the", "sort"]) == ""


def test_wording_folds_spelling_inflection_and_order():
    assert american("galvanising") == "galvanizing"
    assert american("exercise") == "exercise"
    assert stem("thickness") == stem("thick")
    assert stems("The hot-dip galvanized columns of P-7") == ["hot", "dip", "galvaniz", "column", "p-7"]
    assert topic_bag(["zinc coating of P-7 columns", "mean thickness"]) == topic_bag(
        ["columns of P-7", "zinc coating mean thickness"]
    )
    assert Variants({"anchor bolt": "anchor rod"}).fold(stems("anchor bolts")) == stems("anchor rod")


def test_topics_come_from_the_corpus_and_texts_find_theirs():
    texts = {
        "pumps": "The pump seal of the cooling pump leaks. Pump seal wear is checked.",
        "seals": "A pump seal is replaced each year. The pump seal kit is stored.",
        "roofs": "The roof membrane is laid in summer. A roof membrane needs a primer.",
        "drains": "Each roof membrane has a drain. The roof membrane is sloped.",
    }
    sources = [source(name, text, text.upper().lower()) for name, text in texts.items()]
    topics = taxonomy.propose(sources)
    ids = {topic.id for topic in topics}
    assert {"pump-seal", "roof-membrane"} <= ids
    assert topics == taxonomy.propose(list(reversed(sources)))
    assert taxonomy.assign("Check the pump seals.", topics)[0][0] == "pump-seal"
    assert taxonomy.assign("Nothing of the kind.", topics) == []


def test_a_cycle_of_topics_is_named():
    assert cycle([Topic("a", "A", "b"), Topic("b", "B", "a")]) == ["a", "b"]
    assert cycle([Topic("a", "A"), Topic("b", "B", "a")]) == []
