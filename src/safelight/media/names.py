"""File names as people may safely read them, and as files may safely be called."""

from __future__ import annotations

import os
import unicodedata

# Cc control, Cf format (RTL override, zero width), Cs lone surrogates, Co private, Cn unassigned, Zl/Zp line breaks.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LONGEST_NAME = 200


def display_name(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    r"""Return a path as text that is safe to print, log and show.

    Parameters
    ----------
    path : str, bytes or path-like
        Any path, with bytes that are not UTF-8 as bytes or as surrogate escapes.

    Returns
    -------
    str
        Printable Unicode in NFC. What could hide or forge text (control characters, line breaks,
        right-to-left overrides, zero-width characters, broken UTF-8) is spelled as an escape, and
        a leading dash gets ``./`` in front, so that the text can be pasted into a command.

    Notes
    -----
    Two different broken names stay different; the result is for people, never for opening a file.

    Examples
    --------
    >>> display_name("shoot/a\nb.jpg")
    'shoot/a\\nb.jpg'
    >>> display_name(b"caf\xe9.jpg")
    'caf\\xe9.jpg'
    >>> display_name("-rf.jpg")
    './-rf.jpg'
    """
    text = unicodedata.normalize("NFC", os.fsdecode(path))
    shown = "".join(_show(each) for each in text)
    return f"./{shown}" if shown.startswith("-") else shown


def slug(name: str | bytes | os.PathLike[str], *, fallback: str = "picture") -> str:
    r"""Return `name` as a stem that every file system, shell and shop accepts.

    Parameters
    ----------
    name : str, bytes or path-like
        A file name or title; an extension is kept as part of the text.
    fallback : str
        What to say when nothing printable is left.

    Returns
    -------
    str
        ASCII letters, digits, ``.``, ``_`` and ``-`` only, not starting or ending with a dot or dash, at most
        200 characters, and never a device name of Windows.

    Examples
    --------
    >>> slug("Crème brûlée №1.jpg")
    'Creme-brulee-No1.jpg'
    >>> slug("../../etc/passwd"), slug("\u202egpj.exe"), slug("   ")
    ('etc-passwd', 'gpj.exe', 'picture')
    """
    text = unicodedata.normalize("NFKD", os.fsdecode(name))
    kept = "".join(_plain(each) for each in text)
    parts = [part.strip(".-") for part in kept.split("-")]
    stem = "-".join(part for part in parts if part)[:_LONGEST_NAME].strip(".-")
    return f"{stem}-file" if stem.split(".")[0].upper() in _DEVICES else stem or fallback


_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT") for number in range(1, 10))}


def _show(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    if unicodedata.category(character) in _UNSAFE:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def _plain(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() or character in "._" else "-"
    return "" if unicodedata.category(character)[0] in "MC" else "-"
