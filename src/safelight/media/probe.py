"""What a file is, from its header alone: no pixel is decoded, and bombs are refused here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from safelight.core.edit import Reason
from safelight.core.facts import Capture
from safelight.errors import MediaError, TooLargeError
from safelight.media.formats import recognize
from safelight.media.metadata import Metadata
from safelight.settings import Settings


@dataclass(frozen=True)
class Probe:
    """What a file says of itself.

    Parameters
    ----------
    format, title : str
        ``"jpeg"``, ``"tiff"``, ``"png"``, ``"webp"``, ``"avif"``, ``"heif"``, ``"psd"`` or ``"raw"``, by content;
        and the name people know it by ("Nikon NEF").
    width, height : int
        Of the upright picture, px.
    bits, channels : int
        Of one channel in the file; channels as stored, alpha included.
    model : {"rgb", "gray", "cmyk", "lab", "raw"}
        What the channels are.
    orientation : int
        EXIF orientation 1 to 8 that decoding applies; 1 where the format has turned the pixels itself.
    alpha : bool
        True if it has transparency.
    space : str
        The space that decoded pixels will be in.
    profile : str
        A known space's name, else the profile's own title; what decoding assumes where none is embedded.
    profile_embedded : bool
        True if the file itself says so.
    capture : Capture
        The moment it was taken, as far as the file tells.
    has_preview : bool
        True if it carries a smaller picture of itself.
    scene_referred : bool
        True for RAW.
    """

    format: str
    title: str
    width: int
    height: int
    bits: int
    channels: int
    model: str
    orientation: int = 1
    alpha: bool = False
    space: str = "srgb"
    profile: str = ""
    profile_embedded: bool = False
    capture: Capture = field(default_factory=Capture)
    has_preview: bool = False
    scene_referred: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), upright."""
        return self.width, self.height

    def to_data(self) -> dict[str, Any]:
        """Return JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Probe:
        """Read what `to_data` wrote."""
        return Probe(**{**data, "capture": Capture(**data["capture"])})


@dataclass(frozen=True)
class Opened:
    """A file whose header has been read: all that decoding it needs.

    `convert_from` is the profile that its numbers are converted from, as in `colors.Coloring`;
    `header` is the format's own.
    """

    data: memoryview
    name: str
    probe: Probe
    metadata: Metadata
    reasons: tuple[Reason, ...] = ()
    convert_from: bytes | None = None
    header: Any = None


def open_picture(data: memoryview, name: str, limits: Settings | None = None) -> Opened:
    """Recognize a file by its content and read its header, within the limits.

    Parameters
    ----------
    data : memoryview of bytes
        The whole file.
    name : str
        Its display name, for errors.
    limits : Settings, optional
        `max_pixels`, `max_side_px` and `max_file_bytes` count; the defaults if left out.

    Raises
    ------
    UnreadableError
        If it is empty, damaged or cut short.
    UnsupportedFormatError
        If it is something that is not read here.
    TooLargeError
        If it is beyond the limits.
    """
    from safelight.media import headers

    limits = limits or Settings()
    if len(data) > limits.max_file_bytes:
        raise TooLargeError(
            f"{name} is {len(data) / 1e6:.0f} MB; the limit is {limits.max_file_bytes / 1e6:.0f} MB "
            "(setting max_file_bytes)"
        )
    found = recognize(data, name)
    reader = headers.BY_FORMAT[found.format]

    def check_size(width: int, height: int) -> None:
        refuse_beyond(name, found.title, width, height, limits)

    try:
        return reader(data, name, found, check_size)
    except MediaError as error:
        if str(error).startswith(name):
            raise
        raise type(error)(f"{name} cannot be read as {found.title}: {error}") from None


def refuse_beyond(name: str, title: str, width: int, height: int, limits: Settings) -> None:
    """Raise `TooLargeError` if a size that a header states is beyond the limits."""
    if max(width, height) > limits.max_side_px:
        raise TooLargeError(
            f"{name} says it is a {title} of {width} x {height} px; the longest side may have {limits.max_side_px} px "
            "(setting max_side_px)"
        )
    if width * height > limits.max_pixels:
        raise TooLargeError(
            f"{name} says it is a {title} of {width} x {height} px, {width * height / 1e6:.0f} MP; "
            f"the limit is {limits.max_pixels / 1e6:.0f} MP (setting max_pixels)"
        )
