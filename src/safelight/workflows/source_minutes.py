"""What a studio says that disorder in a shoot costs its people: ``[intake.minutes]`` of a style guide (R39)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from safelight.workflows.toml import Table

MOST_MINUTES = 240.0
# What the report's page on source discipline counts, and tells in these words.
SOURCE_FAULTS = (
    "unreadable", "unfit_name", "unknown_category", "no_time", "no_camera", "clock", "mixed_light", "split_light",
    "busy_background", "outside_group", "same_bytes", "surplus", "rejected", "cant_tell",
)  # fmt: skip


def read_source_minutes(table: Table) -> Mapping[str, float]:
    """Read ``[intake.minutes]``: minutes a person takes for one frame with a fault; what is left out keeps ours.

    Raises
    ------
    DeclarationError
        If a fault is none of `SOURCE_FAULTS`, or its minutes are not from 0 to 240; with the line.
    """
    table.allow(*SOURCE_FAULTS)
    return MappingProxyType({name: table.number(name, least=0, most=MOST_MINUTES, unit="min") for name in table.values})
