"""Passwords: hashed with Argon2id, refused where they would be guessed, checked in the same time for anybody."""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.errors import ParameterError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST = 8, 256
# A keyboard's rows and the counting row: a password that walks along one is among the first that are tried.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "1234567890", "abcdefghijklmnopqrstuvwxyz")
_LEET = str.maketrans("013457$@!", "oieastsai")


# Each hash takes 64 MiB while it is made: a few at once, the others wait.
_AT_ONCE = threading.BoundedSemaphore(4)


@cache
def _hasher() -> PasswordHasher:
    """Argon2id at the library's defaults (RFC 9106, low memory: 64 MiB, 3 passes, 4 lanes)."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _words() -> frozenset[str]:
    """What is tried first: the words that lists of stolen passwords have in common, and our own."""
    return frozenset(Path(__file__).with_name("common.txt").read_text("utf-8").split())


@cache
def _nobody() -> str:
    """A hash that no password has, so that an unknown login costs what a known one does."""
    import secrets

    return _hasher().hash(secrets.token_hex(32))


def hash_password(password: str, *about: str) -> str:
    """Return the Argon2id hash of a password that is good enough.

    Parameters
    ----------
    password : str
        8 to 256 characters of any kind; no composition rules.
    about : str
        Login and name: a password that is one of them is refused.

    Raises
    ------
    ParameterError
        Saying what it takes; never repeating the password.
    """
    if not LEAST <= len(password) <= MOST:
        raise ParameterError(
            f"the password has {len(password)} characters; it takes {LEAST} to {MOST} (15 or more are advised)"
        )
    if is_guessable(password, *about):
        raise ParameterError(
            "the password is one of the first that would be tried; take several unrelated words, or let a password "
            "manager make one"
        )
    with _AT_ONCE:
        return _hasher().hash(password)


def is_right(hashed: str, password: str) -> bool:
    """Say whether a password is the one of a hash; takes its time also where there is no hash."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > MOST:
        password = ""
    try:
        with _AT_ONCE:
            return _hasher().verify(hashed or _nobody(), password) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


def is_guessable(password: str, *about: str) -> bool:
    """Say whether a password is a common word, a walk on the keyboard, a date or a repeat, with a few signs around.

    Examples
    --------
    >>> is_guessable("Password1!"), is_guessable("qwertzuiop"), is_guessable("aaaaaaaa"), is_guessable("19841224")
    (True, True, True, True)
    >>> is_guessable("moss teapot canyon")
    False
    """
    low = password.casefold().strip()
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)
    plain = re.sub(r"[\W_]+", "", low.translate(_LEET))
    if len(set(low)) <= 3 or re.fullmatch(r"[\d\W_]{0,12}", low) or not bare:
        return True
    own = {each for name in about for each in (name.casefold(), *re.split(r"\W+", name.casefold())) if len(each) > 2}
    candidates = {low, bare, plain, re.sub(r"\d+$", "", plain)}
    if candidates & (_words() | own):
        return True
    if any(_is_walk(each) for each in candidates):
        return True
    half = len(low) // 2
    return len(low) % 2 == 0 and low[:half] == low[half:] and _is_short_word(low[:half])


def _is_walk(text: str) -> bool:
    return len(text) >= 4 and any(text in row or text in row[::-1] for row in _ROWS)


def _is_short_word(text: str) -> bool:
    return text in _words() or _is_walk(text) or len(set(text)) <= 4
