"""One spelling of data as bytes, so that equal things have equal keys."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def to_json(data: Any) -> str:  # noqa: ANN401 - JSON data
    r"""Write JSON data in its one canonical spelling.

    Keys sorted, no spaces, ASCII only (so that a file name of broken UTF-8
    survives as its surrogate escapes), tuples as lists; NaN is refused.

    Examples
    --------
    >>> to_json({"b": (1, 2.5), "a": "é"})
    '{"a":"\\u00e9","b":[1,2.5]}'
    """
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def key_of(*parts: Any) -> str:  # noqa: ANN401 - JSON data
    """Return the SHA-256 of `parts` in canonical spelling: what identifies a piece of work.

    Examples
    --------
    >>> key_of("cutout", 1) == key_of("cutout", 1), key_of("cutout", 1) == key_of("cutout", 2)
    (True, False)
    """
    return hashlib.sha256(to_json(list(parts)).encode("ascii")).hexdigest()
