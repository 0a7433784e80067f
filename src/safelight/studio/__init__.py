"""The studio: every verb of safelight, a subject a module, each asking once who may, and wiring what does it."""

from __future__ import annotations

from safelight.studio.alone import (
    apply_step,
    bake_look,
    check_file,
    examine,
    fix_file,
    inspect_look,
    list_backups,
    list_models,
    list_packs,
    match_look,
    new_pack,
    plan_run,
    pull_models,
    read_credentials,
    restore_store,
    return_reasons,
    verify_models,
    write_outline,
)
from safelight.studio.decisions import DecisionVerbs
from safelight.studio.deliveries import DeliveryVerbs
from safelight.studio.guides import check_guide, describe_guide, guide_of, guide_questions, load, new_guide
from safelight.studio.handoffs import HandoffVerbs
from safelight.studio.memory import MemoryVerbs
from safelight.studio.said import OWNER, Asked, Done, Numbers
from safelight.studio.sidecars import SidecarVerbs
from safelight.studio.versions import VersionVerbs

__all__ = [
    "OWNER",
    "Asked",
    "Done",
    "Numbers",
    "Studio",
    "apply_step",
    "bake_look",
    "check_file",
    "check_guide",
    "describe_guide",
    "examine",
    "fix_file",
    "guide_of",
    "guide_questions",
    "inspect_look",
    "list_backups",
    "list_models",
    "list_packs",
    "load",
    "match_look",
    "new_guide",
    "new_pack",
    "plan_run",
    "pull_models",
    "read_credentials",
    "restore_store",
    "return_reasons",
    "verify_models",
    "write_outline",
]


class Studio(HandoffVerbs, DeliveryVerbs, DecisionVerbs, SidecarVerbs, VersionVerbs, MemoryVerbs):
    """The verbs that work on a store."""
