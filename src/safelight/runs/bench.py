"""A worker's bench: the decoder and the blobs it keeps between jobs, and the tools it lends to steps."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from safelight.core.edit import Artifact, Edit
from safelight.core.image import Image
from safelight.errors import OriginalChangedError, UnknownNameError
from safelight.store.originals import Reference

if TYPE_CHECKING:
    from safelight.core.image import Pixels
    from safelight.media.decode import Decoded
    from safelight.media.sandbox import Decoder, Look
    from safelight.render.renderer import Rendered
    from safelight.store.blobs import Blobs

Seen = TypeVar("Seen")


@cache
def decoder() -> Decoder:
    """Return this process's sandboxed decoder, started when it is first needed."""
    from safelight.media.sandbox import Decoder

    started = Decoder(threads=1)  # the processes are the parallelism
    started.__enter__()
    atexit.register(started.__exit__, None, None, None)
    return started


@cache
def blobs(store_root: str) -> Blobs:
    """Return the blobs of a store; a worker holds no other part of it."""
    import cv2

    from safelight.store.blobs import open_blobs

    cv2.setNumThreads(1)  # the processes are the parallelism
    return open_blobs(store_root)


def decode_original(reference: Reference, kept: Blobs | None = None) -> Decoded:
    """Read an original through the sandbox and hold it against what it was.

    One that is away is read from its copy in `kept`, where it was ingested.

    Raises
    ------
    OriginalChangedError
        If it is gone, or its bytes are other than those that were read before.
    MediaError
        If it can't be used as a picture.
    """
    return _read(reference, kept, lambda path: decoder().decode(path), lambda decoded: decoded)


def look_at(reference: Reference, kept: Blobs, *, preview: bool) -> Look:
    """Read an original to look at it, through the sandbox, and hold it against what it was; as `decode_original`."""
    from safelight.pixels.geometry.halve import LOOK_PX

    return _read(reference, kept, lambda path: decoder().look(path, LOOK_PX, preview=preview), lambda look: look.small)


def _read(
    reference: Reference, kept: Blobs | None, read: Callable[[str | Path], Seen], decoded: Callable[[Seen], Decoded]
) -> Seen:
    from safelight.media.names import display_name

    shown = display_name(reference.path)
    path: str | Path = reference.path
    if not Path(reference.path).is_file():
        if kept is None or not reference.sha256 or not kept.has(reference.sha256):
            raise OriginalChangedError(f"{shown} is offline: it was there and is not now; mount its disk and run again")
        path = kept.path(reference.sha256)
    found = read(path)
    if reference.sha256 and decoded(found).sha256 != reference.sha256:
        raise OriginalChangedError(f"{shown} has changed since it was read; run the shoot again to take it in anew")
    return found


class Keeps(Protocol):
    """What tools need of blobs."""

    def put(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256."""

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a name."""


class LentTools:
    """The `Tools` of `core.step` for one picture."""

    def __init__(self, kept: Keeps, full: Callable[[], Image], resources: Mapping[str, str]) -> None:
        self._blobs, self._full, self._resources = kept, full, resources

    def put(self, kind: str, data: bytes, media_type: str) -> Artifact:
        """Keep `data` as a blob and return it as an artifact."""
        return Artifact(kind, self._blobs.put(data), media_type)

    def get(self, artifact: Artifact) -> bytes:
        """Return an artifact's bytes."""
        return bytes(self._blobs.get(artifact.sha256))

    def full(self) -> Image:
        """Return the upright original at full size."""
        return self._full()

    def crops(self, boxes: Sequence[tuple[int, int, int, int]]) -> list[Image]:
        """Return parts of the upright original at 100 %."""
        import numpy as np

        from safelight.media.held import within

        full = self._full()
        places = (within(each, full.size) for each in boxes)
        parts = (cast("Pixels", np.ascontiguousarray(full.pixels[y0:y1, x0:x1])) for x0, y0, x1, y1 in places)
        return [full.with_pixels(each) for each in parts]

    def reduced(self) -> Image:
        """Return the upright original halved to a size for looking."""
        import numpy as np

        from safelight.pixels.geometry.halve import halved

        full = self._full()
        return full.with_pixels(np.ascontiguousarray(halved(full.pixels)))

    def resource(self, name: str) -> bytes:
        """Return a file that the style guide names."""
        if name not in self._resources:
            known = ", ".join(sorted(self._resources)) or "none"
            raise UnknownNameError(f"the style guide brings no file {name!r}; it brings: {known}")
        return bytes(self._blobs.get(self._resources[name]))


class LookTools(LentTools):
    """The `Tools` of a first look: the decoder keeps the picture and hands over what is asked for."""

    def __init__(self, kept: Keeps, look: Look, full: Callable[[], Image]) -> None:
        super().__init__(kept, full, {})
        self._look = look

    def crops(self, boxes: Sequence[tuple[int, int, int, int]]) -> list[Image]:
        """Return parts of what was looked at, at 100 %."""
        return self._look.crops(boxes)

    def reduced(self) -> Image:
        """Return the small version that the look began with."""
        return self._look.small.image


def render_decoded(
    decoded: Decoded,
    edit: Edit,
    tools: LentTools,
    **wanted: Any,  # noqa: ANN401 - the renderer's own keywords
) -> Rendered:
    """Paint an edit on what was decoded, by the installed steps; `wanted` says what, as for `render`."""
    from safelight.plugins import step_named
    from safelight.render.renderer import render

    wanted = {"scene_referred": decoded.scene_referred, "full_size": decoded.full_size, **wanted}
    return render(decoded.image, edit, step_named, tools, **wanted)


class Clock:
    """Seconds by stage of one job; processor time, so that a busy machine does not blur them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to `name`."""
        begun = time.process_time()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.process_time() - begun, 4)
