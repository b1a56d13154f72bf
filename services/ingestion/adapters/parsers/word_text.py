"""The text of a DOCX paragraph as it reads with all changes accepted."""

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

# Deleted and moved-away text; the second form of what is drawn twice; what floats beside the text.
_LEFT_OUT = frozenset(
    [qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), qn("w:pPr"), qn("w:instrText"), qn("w:footnoteReference")]
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SAID = {
    qn("w:tab"): " ",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}


def paragraph_text(element: Any) -> str:
    return "".join(_parts(element))


def _parts(element: Any) -> Iterator[str]:
    for child in element.iterchildren():
        tag = child.tag
        if tag in (qn("w:t"), _MATH_TEXT):
            yield child.text or ""
        elif tag in _SAID:
            yield _SAID[tag]
        elif tag == qn("w:sym"):
            yield chr(int(child.get(qn("w:char")), 16))
        elif tag not in _LEFT_OUT and tag != _FALLBACK and not _is_hidden(child):
            yield from _parts(child)


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") if run.tag == qn("w:r") else None
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false")


def is_bold(element: Any) -> bool:
    """Whether every run with text is set in bold by itself."""
    runs = [run for run in element.iter(qn("w:r")) if (run.findtext(qn("w:t")) or "").strip()]
    return bool(runs) and all(_has_bold(run) for run in runs)


def _has_bold(run: Any) -> bool:
    mark = run.find(f"{qn('w:rPr')}/{qn('w:b')}")
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false")
