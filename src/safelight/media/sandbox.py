"""Reading foreign files: one child process that may do nothing else, and a parent that survives whatever it does."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import PurePath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Reason
from safelight.core.image import Image
from safelight.errors import TooLargeError, UnreadableError
from safelight.media.decode import Decoded
from safelight.media.held import Box, within
from safelight.media.metadata import Metadata
from safelight.media.names import display_name
from safelight.media.probe import Probe
from safelight.media.rooms import KeptRoom, Room
from safelight.media.sandbox_child import Child
from safelight.settings import Settings

if TYPE_CHECKING:
    from safelight.media.camera_white import CameraWhite
    from safelight.media.credentials import Credentials
    from safelight.media.psd_layers import Layered

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]
_HASH_BLOCK = 1 << 20
Result = TypeVar("Result")


class Decoder:
    """Probes and decodes foreign files in one persistent, sandboxed child process.

    Parameters
    ----------
    settings : Settings, optional
        Its limits hold: `max_pixels`, `max_side_px`, `max_file_bytes`, `decode_memory_bytes`, `decode_cpu_s`,
        `work_timeout_s`, `worker_lifetime`.
    threads : int
        Threads that native decoders may use inside the child.

    Notes
    -----
    The child is started with the first request, by a fresh interpreter and never by forking this process; it gets
    an open descriptor and no path. When it dies, hangs or runs out of memory the request ends in an error that
    says so, and the next one meets a fresh child. Requests of several threads wait for each other.

    Examples
    --------
    >>> with Decoder() as decoder:  # doctest: +SKIP
    ...     decoder.probe("IMG_0001.CR3").size
    (6000, 4000)
    """

    def __init__(self, settings: Settings | None = None, *, threads: int = 2) -> None:
        self.settings = settings or Settings()
        self._limits = asdict(self.settings)
        self._threads = threads
        self._child: Child | None = None
        self._turn = threading.Lock()
        self._serial = 0  # of requests: tells whether a picture is still held
        self._hasher = ThreadPoolExecutor(1, thread_name_prefix="sha256")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def protections(self) -> tuple[str, ...]:
        """What is in force in the child: see `protection.protect`."""
        with self._turn:
            return self._ready().protections

    def probe(self, path: PathLike) -> Probe:
        """Read a file's header.

        Parameters
        ----------
        path : path-like
            Any path; symbolic links are followed, anything but a regular file is refused.

        Raises
        ------
        UnreadableError
            If the file is missing, empty, damaged or cut short in its header, or the decoder ended on it.
        UnsupportedFormatError
            If it is something that is not read here; the message says what.
        TooLargeError
            If it is beyond the limits; no pixel has been decoded.
        """
        with _Original(path, self.settings) as original:
            found, _ = self._ask("probe", original, None)
            return _believed(original.name, lambda: Probe.from_data(found["probe"]))

    def decode(self, path: PathLike, longest_side: int | None = None) -> Decoded:
        """Read a picture.

        Parameters
        ----------
        path : path-like
        longest_side : int, optional
            Long side of the result, px, where the original is larger. JPEG and RAW then take less work.

        Returns
        -------
        Decoded
            Upright pixels in memory shared with nobody else (they may be written to), what the file says and
            carries, and the SHA-256 of its bytes.

        Raises
        ------
        UnreadableError, UnsupportedFormatError, TooLargeError
            As `probe`; also where pixels are damaged or missing, and where the file changed meanwhile.
        """
        with _Original(path, self.settings) as original:
            hashed = self._hasher.submit(original.sha256)
            found, room = self._ask("decode", original, longest_side)
            sha256 = hashed.result()
            original.refuse_changed()
            return _believed(original.name, lambda: _decoded(found, room, sha256))

    def preview(self, path: PathLike, longest_side: int | None = None) -> Decoded | None:
        """Read the smaller picture that a file carries of itself, upright; None where there is none that holds.

        It was decoded to be believed, and has the shape of the picture. `scene_referred` is False and `sha256`
        is "": a preview stands for looking, not for the original.
        """
        with _Original(path, self.settings) as original:
            found, room = self._ask("preview", original, longest_side)
            if found.get("pixels") is None:
                return None
            return _believed(original.name, lambda: _decoded(found, room, "", scene_referred=False))

    def credentials(self, path: PathLike, anchors: str = "") -> tuple[Probe, Metadata, Credentials]:
        """Read a file's header, its metadata and its content credentials; no pixel is decoded, nothing is fetched.

        Parameters
        ----------
        path : path-like
        anchors : str
            Certificates (PEM) whose signatures are trusted.

        Raises
        ------
        UnreadableError, UnsupportedFormatError, TooLargeError
            As `probe`.
        """
        from safelight.media.credentials import Credentials

        with _Original(path, self.settings) as original:
            found, _ = self._ask("credentials", original, None, anchors=anchors)
            return _believed(
                original.name,
                lambda: (
                    Probe.from_data(found["probe"]),
                    Metadata.from_data(found["metadata"]),
                    Credentials.from_data(found["credentials"]),
                ),
            )

    def layers(self, path: PathLike, mask_of: str) -> tuple[Layered, NDArray[np.uint8] | None] | None:
        """Read what a PSD holds beside its flat picture; None for another format.

        Parameters
        ----------
        path : path-like
        mask_of : str
            Name of the layer whose mask is read.

        Returns
        -------
        (Layered, (H, W) uint8 or None) or None
            The mask, 255 where the layer shows; None where no layer or several have the name, or where it has none.

        Raises
        ------
        UnreadableError, UnsupportedFormatError, TooLargeError
            As `probe`; also where its layers are damaged.
        """
        from safelight.media.psd_layers import from_data

        with _Original(path, self.settings) as original:
            found, room = self._ask("layers", original, None, mask_of=mask_of)
            original.refuse_changed()
            if found["layered"] is None:
                return None

            def read() -> tuple[Layered, NDArray[np.uint8] | None]:
                mask = None if found.get("pixels") is None else _pixels(found, room)[..., 0]
                return from_data(found["layered"]), mask

            return _believed(original.name, read)

    def look(self, path: PathLike, least_px: int, *, preview: bool = False) -> Look:
        """Read a picture to look at it: a small version now, parts of it at 100 % on request.

        Parameters
        ----------
        path : path-like
        least_px : int, px
            The small version has at least this on its long side, and less than twice that; a smaller picture comes
            whole.
        preview : bool
            Whether a RAW's own preview will do, where it has one that holds.

        Raises
        ------
        UnreadableError, UnsupportedFormatError, TooLargeError
            As `decode`.
        """
        with _Original(path, self.settings) as original:
            hashed = self._hasher.submit(original.sha256)
            found, room = self._ask("look", original, least_px, preview=preview)
            serial, sha256 = self._serial, hashed.result()
            original.refuse_changed()

            def read() -> Look:
                is_preview = bool(found["is_preview"])
                small = _decoded(found, room, sha256, scene_referred=False if is_preview else None)
                size = int(found["held"][0]), int(found["held"][1])
                return Look(small, size, is_preview, lambda boxes: self._cut(path, serial, boxes))

            return _believed(original.name, read)

    def _cut(self, path: PathLike, serial: int, boxes: Sequence[Box]) -> list[NDArray[Any]]:
        """Return parts of the picture that is held."""
        name = display_name(PurePath(os.fsdecode(path)).name or path)
        request = {"do": "cut", "name": name, "boxes": [list(each) for each in boxes]}
        with self._turn:
            if self._child is None or serial != self._serial:
                raise UnreadableError(f"{name} was put away before all of it was looked at")
            most = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes)
            found, room = self._child.ask(request, None, most)
        return _believed(name, lambda: _parts(found, room))

    def start(self) -> None:
        """Start the child ahead of the first request: it imports what it needs meanwhile.

        Raises
        ------
        WorkerDiedError
            If no child can be started; the first request would say the same.
        """
        with self._turn:
            self._ready()

    def close(self) -> None:
        """End the child; a later request starts a new one."""
        with self._turn:
            self._drop()

    def camera_white(self, path: PathLike) -> CameraWhite | None:
        """Read how the camera saw white in a RAW file; None for another format, or where the file does not say.

        Raises
        ------
        UnreadableError, UnsupportedFormatError, TooLargeError
            As `probe`.
        """
        from safelight.media.camera_white import CameraWhite

        with _Original(path, self.settings) as original:
            found, _ = self._ask("camera_white", original, None)
            white = found["white"]
            return None if white is None else _believed(original.name, lambda: CameraWhite.from_data(white))

    def _ask(
        self, verb: str, original: _Original, longest_side: int | None, *, preview: bool = False, **more: str
    ) -> tuple[dict[str, Any], Room | KeptRoom | None]:
        request = {
            "do": verb,
            "name": original.name,
            "longest_side": longest_side,
            "preview": preview,
            "limits": self._limits,
            **more,
        }
        with self._turn:
            child = self._ready()
            self._serial += 1
            try:
                return child.ask(request, original.descriptor)
            finally:
                # One that holds a picture may do so until the next file comes.
                if child.is_spent and verb != "look":
                    self._drop()

    def _ready(self) -> Child:
        if self._child is not None and self._child.is_spent:
            self._drop()
        if self._child is None:
            self._child = Child(self.settings, self._threads)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None

    def __del__(self) -> None:
        """A decoder that nobody closed still ends its child."""
        try:
            self._drop()
            self._hasher.shutdown(wait=False)
        except Exception:  # noqa: BLE001 - as the interpreter ends, even `suppress` may be gone
            pass


class _Original:
    """A file opened for reading, seen to be a regular one within the byte limit."""

    def __init__(self, path: PathLike, settings: Settings) -> None:
        self.name = display_name(PurePath(os.fsdecode(path)).name or path)
        self.descriptor = self._open(path)
        try:
            self.before = os.fstat(self.descriptor)
            self._refuse(settings)
        except BaseException:
            os.close(self.descriptor)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self.descriptor)

    def _open(self, path: PathLike) -> int:
        try:
            # O_NONBLOCK: opening a named pipe must not wait for a writer.
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except FileNotFoundError:
            raise UnreadableError(f"{self.name} is not there; look whether its disk is mounted") from None
        except PermissionError:
            raise UnreadableError(f"{self.name} may not be read by this user; change its permissions") from None
        except (OSError, ValueError) as error:
            raise UnreadableError(f"{self.name} cannot be opened ({error})") from None

    def _refuse(self, settings: Settings) -> None:
        mode, size = self.before.st_mode, self.before.st_size
        if not stat.S_ISREG(mode):
            kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
            raise UnreadableError(f"{self.name} is {kinds.get(stat.S_IFMT(mode), 'a device')}, not a file")
        if size == 0:
            raise UnreadableError(f"{self.name} is empty (0 bytes); copy it again from the card")
        if size > settings.max_file_bytes:
            raise TooLargeError(
                f"{self.name} is {size / 1e6:.0f} MB; the limit is {settings.max_file_bytes / 1e6:.0f} MB "
                "(setting max_file_bytes)"
            )

    def sha256(self) -> str:
        """SHA-256 of the whole file, computed by the parent: the child is not trusted with identities."""
        digest, at = hashlib.sha256(), 0
        while block := os.pread(self.descriptor, _HASH_BLOCK, at):
            digest.update(block)
            at += len(block)
        return digest.hexdigest()

    def refuse_changed(self) -> None:
        """Raise if the file was written to while it was read."""
        now = os.fstat(self.descriptor)
        if (now.st_size, now.st_mtime_ns) != (self.before.st_size, self.before.st_mtime_ns):
            raise UnreadableError(f"{self.name} changed while it was read; wait until it has been copied whole")


def _believed(name: str, read: Callable[[], Result]) -> Result:
    """Read what the child answered; a child that was taken over may answer anything."""
    try:
        return read()
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise UnreadableError(f"the decoder gave an answer on {name} that makes no sense ({error})") from None


@dataclass(frozen=True, eq=False)
class Look:
    """A picture that is looked at.

    Parameters
    ----------
    small : Decoded
        Its small version, with what the file says and its SHA-256; `full_size` is the original's.
    size : (int, int)
        (width, height) of what parts are cut from: the original, or its preview.
    is_preview : bool
        True where a RAW's own preview was looked at; then nothing is scene-referred.
    """

    small: Decoded
    size: tuple[int, int]
    is_preview: bool
    _cut: Callable[[Sequence[Box]], list[NDArray[Any]]]

    def crops(self, boxes: Sequence[Sequence[int]]) -> list[Image]:
        """Return each (x0, y0, x1, y1), px of `size`, at 100 %; cut to the frame.

        Raises
        ------
        UnreadableError
            If the decoder has read another file since.
        """
        if not boxes:
            return []
        image = self.small.image
        parts = self._cut([within(each, self.size) for each in boxes])
        return [Image(each, image.space, image.alpha) for each in parts]


def _parts(found: dict[str, Any], room: Room | KeptRoom | None) -> list[NDArray[Any]]:
    """Part what the child put into one piece of memory."""
    whole, parts, at = _pixels(found, room), [], 0
    for rows, columns, channels in found["shapes"]:
        parts.append(whole[at : at + rows * columns].reshape(rows, columns, channels))
        at += rows * columns
    return parts


def _pixels(found: dict[str, Any], room: Room | KeptRoom | None) -> NDArray[Any]:
    if room is None:
        raise UnreadableError("the decoder gave no pixels")
    return room.array(tuple(found["pixels"][0]), found["pixels"][1])


def _decoded(
    found: dict[str, Any], room: Room | KeptRoom | None, sha256: str, *, scene_referred: bool | None = None
) -> Decoded:
    probe = Probe.from_data(found["probe"])
    return Decoded(
        image=Image(_pixels(found, room), found["space"], found["alpha"]),
        full_size=probe.size,
        scene_referred=probe.scene_referred if scene_referred is None else scene_referred,
        probe=probe,
        metadata=Metadata.from_data(found["metadata"]),
        sha256=sha256,
        reasons=tuple(Reason(**each) for each in found["reasons"]),
    )
