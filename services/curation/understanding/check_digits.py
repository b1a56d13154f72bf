"""Check digits of numbers that name a person or an account: what passes is no accident of typing."""

from collections.abc import Sequence


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: payment cards."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if n % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban(written: str) -> bool:
    """ISO 13616: remainder 1 modulo 97 once the first four characters stand at the end."""
    text = "".join(written.split()).upper()
    if not (15 <= len(text) <= 34 and text.isalnum() and text[:2].isalpha() and text[2:4].isdigit()):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def bsn(digits: str) -> bool:
    """The Dutch eleven test, the last weight being -1."""
    return len(digits) == 9 and int(digits) > 0 and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def nhs(digits: str) -> bool:
    """The British NHS number: modulus 11 over nine digits."""
    check = 11 - _weighted(digits[:9], range(10, 1, -1)) % 11
    return len(digits) == 10 and check != 10 and check % 11 == int(digits[9])


def nir(written: str) -> bool:
    """The French social security number: 97 minus the number modulo 97."""
    return len(written) == 15 and written.isdigit() and 97 - int(written[:13]) % 97 == int(written[13:])


def dni(written: str) -> bool:
    """The Spanish identity number: a letter by the number modulo 23."""
    return (
        len(written) == 9
        and written[:8].isdigit()
        and "TRWAGMYFPDXBNJZSQVHLCKE"[int(written[:8]) % 23] == written[8].upper()
    )


def ssn(written: str) -> bool:
    """The shape of a United States social security or taxpayer number; neither has a check digit."""
    area, group, serial = written[:3], written[3:5], written[5:]
    return len(written) == 9 and area not in ("000", "666") and group != "00" and serial != "0000"


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
