"""Normal form of text: one spelling of spaces, no invisible characters, NFC."""

import re
import unicodedata

_KEPT_FORMAT = {0x200C, 0x200D}  # joiners change how Persian and Indic words read
_BREAKS = dict.fromkeys((0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n")
_BULLETS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "▸", 0xF0FC: "✓"}  # Word's symbol fonts, in the private area
_LIGATURES = range(0xFB00, 0xFB07)


class _Fold(dict[int, str]):
    """What each character becomes, found when it is first met."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, _folded(code))


def _folded(code: int) -> str:
    category = unicodedata.category(chr(code))
    if category == "Zs" or code == 0x09:
        return " "
    if category == "Cs":
        return "\ufffd"  # half a character, which UTF-8 can't hold
    if category in ("Cc", "Cf") and code not in _KEPT_FORMAT:
        return ""
    return unicodedata.normalize("NFKC", chr(code)) if code in _LIGATURES else chr(code)


_FOLD = _Fold(_BREAKS | _BULLETS)


def clean(text: str) -> str:
    """Normalises a block's text. Line breaks stay, everything else that is blank becomes one space. Idempotent."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_FOLD))
    text = re.sub(r" +", " ", text)
    return re.sub(r" ?\n[ \n]*", "\n", text).strip()


def one_line(text: str) -> str:
    return clean(text).replace("\n", " ")
