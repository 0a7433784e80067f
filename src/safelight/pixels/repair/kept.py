"""The repairs that an edit carries, as the renderer asks for them; light to import, so that steps are declared fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safelight.pixels.repair.record import Repair


def kept_repairs(artifacts: Mapping[str, bytes]) -> tuple[Repair, ...]:
    """Return the repairs as they were kept under ``repairs``; none where nothing was repaired."""
    from safelight.pixels.repair.record import unpack_repairs

    return unpack_repairs(artifacts["repairs"]) if "repairs" in artifacts else ()
