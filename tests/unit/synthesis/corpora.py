"""Small corpora of firms that do not exist, for the tests of synthesis."""

from services.synthesis.domain.corpus import Chunk, Claim, Comparator, Corpus, Quantity, Term

ROWS = (
    # document, subject, property, quantity or value, conditions, sentence
    ("a", "Mooring lines of LK-7 barges", "breaking load", (Comparator.AT_LEAST, 310.0, "kN", "310 kN"), (),
     "Mooring lines of LK-7 barges shall have a breaking load of at least 310 kN."),
    ("a", "LK-7 barges", "draught", (Comparator.AT_MOST, 1.4, "m", "1.4 m"), ("when loaded",),
     "The draught of LK-7 barges shall not exceed 1.4 m when loaded."),
    ("a", "LK-7 barges", "draught", (Comparator.AT_MOST, 0.6, "m", "0.6 m"), ("when empty",),
     "The draught of LK-7 barges shall not exceed 0.6 m when empty."),
    ("b", "Hull paint", "film thickness", (Comparator.BETWEEN, 180.0, "µm", "between 180 µm and 240 µm", 240.0), (),
     "Hull paint shall have a film thickness between 180 µm and 240 µm."),
    ("b", "Deck plates", "steel grade", "S235JR", (), "Deck plates shall be made of steel grade S235JR."),
    ("b", "Deck plates", "galvanized", None, (), "Deck plates shall not be galvanized."),
    ("c", "Bilge pump BP-3", "flow rate", (Comparator.EQUAL, 42.0, "l/min", "42 l/min"), (),
     "The flow rate of bilge pump BP-3 is 42 l/min."),
    ("c", "Bilge pump BP-3", "suction height", (Comparator.EQUAL, 5.5, "m", "5.5 m"), (),
     "The suction height of bilge pump BP-3 is 5.5 m."),
    ("d", "Cabin doors", "fire rating", "EI 30", (), "Cabin doors have the fire rating EI 30."),
    ("e", "Life rafts", "service interval", (Comparator.AT_MOST, 12.0, "months", "12 months"), (),
     "Life rafts are serviced at an interval of 12 months at most."),
)  # fmt: skip
TERMS = (Term("mooring line", ("hawser", "berthing line")),)


def claim(n: int = 0, **changes: object) -> Claim:
    document, subject, name, told, conditions, sentence = ROWS[n]
    quantity = Quantity(*told) if isinstance(told, tuple) else None
    values: dict[str, object] = {
        "name": f"projects/p/claims/c{n}",
        "subject": subject,
        "property": name,
        "chunk": f"projects/p/documents/{document}/revisions/1/chunks/{n}",
        "document": f"projects/p/documents/{document}",
        "quote": sentence,
        "quantity": quantity,
        "value_text": told if isinstance(told, str) else "",
        "conditions": conditions,
        "negated": told is None,
    }
    return Claim(**(values | changes))  # type: ignore[arg-type]


def corpus(*extra: Claim, rows: range = range(len(ROWS)), without: str = "") -> Corpus:
    claims = [claim(n) for n in rows] + list(extra)
    chunks = {c.chunk: Chunk(c.chunk, f"General. {c.quote} See the annex.", c.document, c.document) for c in claims}
    return Corpus(claims, {k: v for k, v in chunks.items() if k != without}, TERMS)
