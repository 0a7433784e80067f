"""Verbs that need no store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from safelight.access import embedded_role, require
from safelight.studio.guides import (
    check_guide,
    load,
)
from safelight.studio.said import OWNER


def return_reasons() -> list[dict[str, Any]]:
    """Return the list that a reviewer marks from, in its order."""
    from safelight.routing.reasons import return_reasons as listed

    return [vars(each) for each in listed().values()]


def plan_run(shoot: Path, guide: Path | None, category: str) -> list[dict[str, Any]]:
    """Return what ``run`` would do with each file, by name and guide alone."""
    from safelight.runs.foresee import foresee
    from safelight.runs.shoot import list_shoot, shots_of

    check_guide(guide, category)
    found, chosen = list_shoot(str(shoot)), load(guide)
    return foresee(found, chosen, shots_of(found, chosen), category)


def apply_step(name: str, picture: Path, out: Path, settings: Iterable[str]) -> dict[str, Any]:
    """Apply one step to one picture."""
    from safelight.runs import single

    return single.apply_step(name, picture, out, settings)


def write_outline(picture: Path, out: Path, settings: Iterable[str]) -> dict[str, Any]:
    """Write a picture with its clipping path."""
    from safelight.runs import outline

    return outline.write_outline(picture, out, settings)


def check_file(picture: Path, against: Path | None, channel: str, mask: Path | None = None) -> list[dict[str, Any]]:
    """Judge any file by the checks, and by a channel's rules where one is named."""
    from safelight.delivery.foreign import judge_file
    from safelight.runs.inspect import inspect

    return judge_file(picture, channel) if channel else inspect(picture, against, mask)


def restore_store(folder: Path, root: Path, name: str, *, accept_losses: bool, database: str = "") -> dict[str, Any]:
    """Put a snapshot in a store's place; the store that was there is kept beside it."""
    from safelight.store.backup_lines import restore_line

    require(OWNER, embedded_role(OWNER), "restore")
    return restore_line(folder, root, name, accept_losses=accept_losses, database=database)


def list_backups(folder: Path, *, read_data: bool) -> list[dict[str, Any]]:
    """Say which snapshots a folder holds, and with `read_data` whether each is whole."""
    from safelight.store.backup_lines import backup_lines

    return backup_lines(folder, read_data=read_data)


def fix_file(picture: Path, channel: str, out: Path | None) -> dict[str, Any]:
    """Propose the edit that would make any file pass a channel, and write its result where one asks for it."""
    from safelight.delivery import fix
    from safelight.runs.single import paint_steps

    return fix.fix_file(picture, channel, out, paint_steps)


def new_pack(path: Path) -> None:
    """Write the template of a rule pack of one's own."""
    from safelight.delivery import packs

    packs.new_pack(path)


def list_packs() -> list[dict[str, Any]]:
    """Say which channels there are, when each was read and whether that is long ago."""
    from safelight.delivery.packs import pack_lines

    return pack_lines()


def read_credentials(picture: Path, anchors: Path | None) -> dict[str, Any]:
    """Say what a file's content credentials claim, who signed them, and whether they hold; nothing is fetched."""
    from safelight.delivery.credentials import credentials_line

    return credentials_line(picture, anchors)


def examine(root: Path) -> list[dict[str, Any]]:
    """Say what this machine can do."""
    from safelight.runs.examine import examine as look

    return look(root)


def list_models(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the models of the registry and whether they are installed, by size."""
    from safelight.models.lines import model_lines

    return model_lines(names, by_hash=False)


def verify_models(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the models of the registry and whether they are installed, by hash."""
    from safelight.models.lines import model_lines

    return model_lines(names, by_hash=True)


def pull_models(names: Iterable[str], given: Path | None, *, accept_noncommercial: bool) -> list[dict[str, Any]]:
    """Install models, verified."""
    from safelight.models.lines import pull_lines

    return pull_lines(names, given, accept_noncommercial=accept_noncommercial)


def inspect_look(look: Path, category: str) -> dict[str, Any]:
    """Say what a look needs from its source."""
    from safelight.runs import looks

    return looks.inspect_look(look, load, category=category)


def bake_look(source: Path, out: Path, category: str, side: int, space: str) -> dict[str, Any]:
    """Write the grade of a guide or an edit as one table or transform file."""
    from safelight.runs import looks

    return looks.bake_look(source, out, load, category=category, side=side, space=space)


def match_look(reference: Path, pictures: Sequence[Path], out: Path, strength: float, method: str) -> dict[str, Any]:
    """Take the look of a reference for pictures."""
    from safelight.runs import looks

    return looks.match_look(reference, pictures, out, strength=strength, method=looks.method_named(method))
