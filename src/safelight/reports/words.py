"""Numbers and states in words: one spelling for the page, the terminal and the table."""

from __future__ import annotations

import math
import unicodedata

from safelight.core.check import Direction, VerdictWord
from safelight.reports.model import MeasureLine, RuleLine

STANDING_WORDS = {
    "delivered": "Delivered",
    "approved": "Approved",
    "waiting": "Waits",
    "sent_back": "Sent back",
    "working": "In work",
    "left_out": "Left out at culling",
    "refused": "Refused",
}
ROUTE_WORDS = {
    "auto": "Auto, in the release's sample",
    "spot_check": "Spot check at release",
    "review": "Review",
    "specialist": "Specialist",
    "hold": "Hold",
}
CULL_WORDS = {"pick": "Pick", "alternate": "Alternate", "reject": "Reject", "cant_tell": "Can't tell"}
_UNKNOWN = "not known"


def route(name: str) -> str:
    """Return a route in a word or two.

    Examples
    --------
    >>> route("spot_check"), route("hold"), route("")
    ('Spot check at release', 'Hold', 'Not routed')
    """
    return ROUTE_WORDS.get(name, spoken(name) or "Not routed").split(",")[0]


def plain(text: object) -> str:
    r"""Return text in which nothing hides: controls, overrides and broken UTF-8 spelled as escapes.

    Line breaks and tabs become spaces, so that a value stays on its line.

    Examples
    --------
    >>> plain("a\u202egpj.exe"), plain("two\nlines"), plain("\x1b[31m")
    ('a\\u202egpj.exe', 'two lines', '\\x1b[31m')
    """
    said = str(text)
    return said if said.isprintable() else "".join(_shown(each) for each in said)


def _shown(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    point = ord(character)
    if 0xDC80 <= point <= 0xDCFF:  # a byte that was no UTF-8
        return f"\\x{point - 0xDC00:02x}"
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def spoken(name: str) -> str:
    """Return an identifier as words, its first letter large.

    Examples
    --------
    >>> spoken("off_center_x"), spoken("near_delta_e")
    ('Off center x', 'Near ΔE')
    """
    words = plain(name).replace("delta_e", "ΔE").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def sentence(text: str) -> str:
    """Return text with a large first letter.

    Examples
    --------
    >>> sentence("white reads 251"), sentence("ΔE of 3")
    ('White reads 251', 'ΔE of 3')
    """
    return text[:1].upper() + text[1:]


def number(value: float, unit: str = "") -> str:
    """Return a number with its unit, to about three digits.

    Examples
    --------
    >>> number(0.01234, "%"), number(84.62, "%"), number(1901.0, "px"), number(4.0, "px")
    ('0.012 %', '84.6 %', '1,901 px', '4 px')
    """
    if not math.isfinite(value):
        return _UNKNOWN
    size = abs(value)
    if value == round(value) or size >= 100:
        text = f"{value:,.0f}"
    elif size >= 10:
        text = f"{value:.1f}"
    elif size >= 0.1:
        text = f"{value:.2f}"
    else:
        text = f"{value:.2g}"
    return f"{text} {plain(unit)}".strip()


def measured(line: MeasureLine | RuleLine) -> str:
    """Return the value in words; claims without a unit are yes or no."""
    if line.value is None:
        return _UNKNOWN
    return ("yes" if line.value else "no") if _is_claim(line) else number(line.value, line.unit)


def limit(line: MeasureLine | RuleLine) -> str:
    """Return the limit in words, or "" for none.

    Examples
    --------
    >>> limit(MeasureLine("blur", 1.2, "px", 1.5)), limit(MeasureLine("fill", 84.0, "%", 80.0, "at_least"))
    ('≤ 1.50 px', '≥ 80 %')
    """
    if line.limit is None:
        return ""
    return "asked: yes" if _is_claim(line) else f"{_sign(line.direction)} {number(line.limit, line.unit)}"


def state(word: VerdictWord, *, known: bool = True, direction: Direction = "at_most") -> str:
    """Return a verdict in words; what could not be measured is not known.

    Examples
    --------
    >>> state("pass"), state("fail", direction="at_least"), state("warn", known=False)
    ('pass', 'under the limit', 'not known')
    """
    if not known:
        return _UNKNOWN
    over = "over the limit" if direction == "at_most" else "under the limit"
    return {"pass": "pass", "warn": "near the limit", "fail": over}[word]


def duration(seconds: float | None) -> str:
    """Return a duration in words.

    Examples
    --------
    >>> duration(0.042), duration(3.21), duration(75.0), duration(7322.0)
    ('42 ms', '3.2 s', '1 min 15 s', '2 h 2 min')
    """
    if seconds is None or not math.isfinite(seconds):
        return _UNKNOWN
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds) // 60
    return f"{minutes} min {round(seconds) % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def many(count: int, one: str, more: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> many(1, "file"), many(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def sure(confidence: float | None) -> str:
    """Return a confidence as two decimals, or that there is none."""
    return "no number" if confidence is None else f"{confidence:.2f}"


def _is_claim(line: MeasureLine | RuleLine) -> bool:
    return not line.unit and line.limit == 1 and line.direction == "at_least" and line.value in (0, 1, None)


def _sign(direction: Direction) -> str:
    return "≤" if direction == "at_most" else "≥"
