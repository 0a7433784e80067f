"""Every setting of safelight in one table: name, default, unit, meaning.

A setting is read once, at the top, from the environment variable
``SAFELIGHT_<NAME>``; nothing below `studio` reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from safelight.errors import ParameterError


def _setting(default: Any, unit: str, meaning: str) -> Any:  # noqa: ANN401 - a dataclass field is of its default's type
    return field(default=default, metadata={"unit": unit, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """The values in force; `Settings()` are the defaults.

    Examples
    --------
    >>> Settings().max_pixels
    300000000
    >>> from_environment({"SAFELIGHT_WORKERS": "3"}).workers
    3
    """

    max_pixels: int = _setting(300_000_000, "px", "largest picture; larger ones are refused from the header")
    max_side_px: int = _setting(65_500, "px", "longest side of a picture")
    max_file_bytes: int = _setting(2_147_483_648, "B", "largest file read as an original")
    decode_memory_bytes: int = _setting(2_147_483_648, "B", "address space of a decode worker, before 24 B a pixel")
    decode_cpu_s: int = _setting(60, "s", "processor time of one decode")
    work_timeout_s: int = _setting(300, "s", "wall time of one piece of work before its worker is ended")
    work_attempts: int = _setting(3, "", "tries before a file is quarantined")
    worker_lifetime: int = _setting(200, "", "pictures a worker handles before it is replaced by a fresh process")
    workers: int = _setting(0, "", "worker processes; 0 is one a core")
    work_nice: int = _setting(0, "", "how far work stands back behind other programs, 0 to 19; the service takes 19")
    work_side_px: int = _setting(1_600, "px", "long side of the picture that steps look at when they propose")
    proof_side_px: int = _setting(1_600, "px", "long side of a proof")
    thumbnail_side_px: int = _setting(320, "px", "long side of a thumbnail")
    sample_share: float = _setting(0.1, "", "random share of a batch that a release must look at")
    escape_level: float = _setting(0.01, "", "escapes ÷ all files that a stratum may have before it loses `auto`")
    business_zone: str = _setting("UTC", "", "time zone of business hours, like Europe/Berlin")
    business_start_h: float = _setting(9.0, "h", "when business hours begin, local time")
    business_end_h: float = _setting(18.0, "h", "when business hours end, local time")
    sample_least: int = _setting(5, "", "files that a release must look at, at least")
    screen_cache_bytes: int = _setting(4_294_967_296, "B", "room for pictures made for screens; the oldest go first")
    lease_s: float = _setting(300.0, "s", "how long a claim holds unless its browser renews it")
    session_idle_s: float = _setting(43_200.0, "s", "a session ends after so long without a request")
    session_s: float = _setting(604_800.0, "s", "a session ends after so long, whatever happens")
    request_bytes: int = _setting(8_388_608, "B", "largest body of a request to the service")
    account_day_bytes: int = _setting(
        2_147_483_648, "B", "what one account may send to the service in a day; 0 for no limit"
    )
    request_s: float = _setting(30.0, "s", "how long a request's body may take to arrive")
    upload_s: float = _setting(900.0, "s", "the same for a file that comes back from a retoucher")


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `Settings` from ``SAFELIGHT_*`` variables; unset ones keep their default.

    Raises
    ------
    ParameterError
        If a value is not a number.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for each in fields(Settings):
        name = f"SAFELIGHT_{each.name.upper()}"
        if name not in environment:
            continue
        if isinstance(each.default, str):
            values[each.name] = environment[name]
            continue
        kind = float if isinstance(each.default, float) else int
        try:
            values[each.name] = kind(environment[name])
        except ValueError:
            unit = f" in {each.metadata['unit']}" if each.metadata["unit"] else ""
            raise ParameterError(
                f"{name} is {environment[name]!r}; it takes a number{unit} (default {each.default})"
            ) from None
    return Settings(**values)
