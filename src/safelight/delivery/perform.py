"""Derive one approved master's channel files, in a worker: decoded once, each file checked as delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from safelight.core.canonical import key_of
from safelight.core.edit import Edit
from safelight.core.step import Stage
from safelight.delivery.derive import Derived, Master, derive
from safelight.delivery.dress import Dress, Wear, dress_version
from safelight.delivery.packs import Pack, load_pack
from safelight.delivery.verify import RuleResult, refused_by, verify_file
from safelight.errors import CredentialError, GateClosedError
from safelight.media.credentials import media_type
from safelight.media.density import state_dpi
from safelight.plugins import step_named

# Beside a saturated edge a JPEG of quality 95 rings by up to 2.1 ΔE00, of 98 by 0.9: white asks for 2.
FINEST_QUALITY = 98
_BESIDE = frozenset({"near_offset", "near_delta_e"})


@dataclass(frozen=True)
class DeriveTask:
    """What a worker needs: the frozen master and its matte as blobs, the edit, and (channel, name) wanted.

    `wear` is what the files say beside their pixels.
    """

    version: str
    master: str
    matte: str
    edit: Mapping[str, Any]
    background: str
    wanted: tuple[tuple[str, str], ...]
    wear: Wear
    own_packs: Mapping[str, str]
    store_root: str


def derive_key(task: DeriveTask, channel: str, name: str) -> str:
    """Return what identifies a channel's file: master, matte, sharpening, background, the pack as it was read."""
    pack = load_pack(channel, own=task.own_packs)
    sharpened = [each.painted() for each in _sharpeners(Edit.from_data(task.edit))]
    rules = [[r.id, r.limit, r.severity] for r in pack.rules]
    look = [pack.id, str(pack.read), vars(pack.output), dict(pack.expect), rules]
    return key_of("derive", 3, task.master, task.matte, sharpened, task.background, look, name, task.wear.key())


def derive_all(task: DeriveTask) -> dict[str, Any]:
    """Make every wanted file and return its facts by channel: a blob where it may leave, a sentence where not."""
    import cv2

    from safelight.store.blobs import open_blobs

    cv2.setNumThreads(1)
    kept = open_blobs(task.store_root)
    master = _master(task, kept.get)
    edit = Edit.from_data(task.edit)
    sharpen, dress = _painter(edit), dress_version(edit, task.wear, step_named)
    return {
        channel: _derived(master, load_pack(channel, own=task.own_packs), name, sharpen, dress, kept.put)
        for channel, name in task.wanted
    }


def _master(task: DeriveTask, get: Callable[[str], bytes]) -> Master:
    import cv2
    import numpy as np

    from safelight.media.encode import decode_own

    image = decode_own(get(task.master))
    alpha = None
    if task.matte:
        gray = cv2.imdecode(np.frombuffer(get(task.matte), np.uint8), cv2.IMREAD_UNCHANGED)
        if gray is None:
            raise GateClosedError("the master's matte can't be read back: verify the store with --read-data")
        alpha = gray.astype(np.float32) / np.float32(255 if gray.dtype == np.uint8 else 65535)
    return Master(image, alpha, task.background)


def _derived(
    master: Master,
    pack: Pack,
    name: str,
    sharpen: Callable[[Any, float], Any] | None,
    dress: Dress,
    put: Callable[[bytes], str],
) -> dict[str, Any]:
    try:
        made, plain, data, rules = _made(master, pack, name, sharpen, dress)
        if pack.output.format == "jpeg" and made.quality == pack.output.quality and _is_ringing(refused_by(rules)):
            finer = replace(pack, output=replace(pack.output, quality=FINEST_QUALITY))
            again = _made(master, finer, name, sharpen, dress)
            if not refused_by(again[-1]):
                made, plain, data, rules = again
    except (GateClosedError, CredentialError) as error:
        return {"name": name, "refused": str(error), "rules": []}
    broken = refused_by(rules)
    found = {
        "name": name,
        "rules": [each.to_data() | {"source": each.source, "why": each.why} for each in rules],
        "width": made.width,
        "height": made.height,
        "quality": made.quality,
        "bytes": len(data),
        "pack_read": str(pack.read),
        "provenance": dress.to_data(),
        "content": dress.content(plain, name),
    }
    if broken:
        return found | {"refused": "; ".join(each.told() for each in broken)}
    return found | {"sha256": put(data), "refused": ""}


def _made(
    master: Master, pack: Pack, name: str, sharpen: Callable[[Any, float], Any] | None, dress: Dress
) -> tuple[Derived, bytes, bytes, tuple[RuleResult, ...]]:
    """A channel's file, without and with what it says, and what its rules say of it."""
    made = derive(master, _with_room(pack, dress.room()), sharpen=sharpen, metadata=dress.metadata)
    plain = made.data if pack.output.dpi is None else state_dpi(made.data, pack.output.dpi)
    data = dress.finish(plain, name, media_type(pack.output.format), (made.width, made.height))
    known = {"background": master.background, "source_type": dress.provenance.source_type}
    return made, plain, data, verify_file(data, name, pack, alpha=made.alpha, known=known)


def _is_ringing(broken: Sequence[RuleResult]) -> bool:
    """Whether all that is broken is white a few pixels beside the subject, which a JPEG's own ringing may break."""
    return bool(broken) and all(each.check == "background_white" and each.measure in _BESIDE for each in broken)


def _with_room(pack: Pack, room: int) -> Pack:
    """Return the pack with room left for credentials below the channel's limit of bytes."""
    most = pack.output.max_bytes
    return pack if most is None else replace(pack, output=replace(pack.output, max_bytes=max(1, most - room)))


def _sharpeners(edit: Edit) -> list[Any]:
    return [each for each in edit.steps if step_named(each.step).stage == Stage.SHARPEN]


def _painter(edit: Edit) -> Callable[[Any, float], Any] | None:
    """Return the edit's output sharpening as a function of picture and scale, or None.

    A radius is in pixels of what is looked at: of the delivered file, whatever the master's size.
    """
    used = _sharpeners(edit)
    if not used:
        return None
    step = step_named(used[-1].step)
    params = step.upgraded(used[-1].version, used[-1].params)
    paint = step.paint
    return None if paint is None else lambda rgb, _: paint(rgb, params, 1.0)
