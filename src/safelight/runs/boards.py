"""Pictures of a reference board: any format in, one small sRGB JPEG out, by way of the sandbox."""

from __future__ import annotations

from pathlib import Path

from safelight.core.step import Picture
from safelight.runs.bench import LentTools
from safelight.runs.intake import encode_small, first_edit, paint_small
from safelight.runs.single import MemoryBlobs

BOARD_PX = 1600


def board_picture(path: Path) -> bytes:
    """Return a picture as a JPEG for a screen, at most `BOARD_PX` a side; nothing of its metadata is kept.

    Raises
    ------
    MediaError
        If it can't be read.
    """
    from safelight.media.sandbox import Decoder
    from safelight.render.views import work_image

    with Decoder() as decoder:
        decoded = decoder.decode(str(path))
    tools = LentTools(MemoryBlobs(), lambda: decoded.image, {})
    view = work_image(decoded.image, BOARD_PX)
    picture = Picture(view, decoded.full_size, decoded.scene_referred, decoded.probe.capture)
    edit = first_edit(decoded.sha256, picture, tools)
    small = paint_small(decoded.image, edit, tools, BOARD_PX, scene_referred=decoded.scene_referred)
    return encode_small(small, 88)
