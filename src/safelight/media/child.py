"""The process that reads foreign files: started by `sandbox.Decoder`, never imported by anything else.

It is handed descriptors over a socket, and answers in JSON; pixels go into shared memory that the parent
makes and seals. Words of the conversation, one JSON object each, length first:

parent to child   {"do", "name", "longest_side", "limits", "anchors"} with the file's descriptor
child to parent   {"probed": pixels}, when the header is read; waits for {"go"}: memory is being made room for
child to parent   {"need": bytes}; waits for {"go"} with the descriptor of that much memory, or for {"kept": bytes},
                  which is mapped once, with its descriptor, and meant again from then on
child to parent   {"done": ...} or {"error": [class, sentence]}

A picture that was looked at ("look") is held until the next file comes; parts of it ("cut") are asked for without a
descriptor.
"""

from __future__ import annotations

import errno
import gc
import mmap
import os
import signal
import socket
import sys
import warnings
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from safelight import errors
from safelight.core.edit import Reason
from safelight.media import chatter, held
from safelight.media.decode import Painted, paint
from safelight.media.probe import Opened, open_picture
from safelight.media.protection import protect
from safelight.media.wire import receive, send
from safelight.settings import Settings


class _Conversation:
    """One request: the room that its result is written into is asked for once."""

    def __init__(self, link: socket.socket, desk: _Desk) -> None:
        self.link, self.desk = link, desk
        self.room: mmap.mmap | None = None

    def announce(self, opened: Opened) -> None:
        """Tell how many pixels there are, and wait until the parent has made room for them."""
        width, height = opened.probe.size
        send(self.link, {"probed": width * height})
        receive(self.link)

    def allocate(self, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Ask the parent for shared memory and return it as an array."""
        size = int(np.prod(shape)) * dtype.itemsize
        send(self.link, {"need": size})
        answer, descriptor = receive(self.link)
        kept = int(answer.get("kept", 0))
        if descriptor is not None:
            try:
                room = mmap.mmap(descriptor, kept or size)
            finally:
                os.close(descriptor)
            if kept:
                self.desk.room = room
        elif kept and self.desk.room is not None:
            room = self.desk.room
        else:
            raise MemoryError
        self.room = room
        return np.frombuffer(room, dtype, int(np.prod(shape))).reshape(shape)


def main() -> None:
    """Answer requests until the parent hangs up; argv: socket, reading and writing end of the chatter pipe."""
    link = socket.socket(fileno=int(sys.argv[1]))
    chatter.catch(int(sys.argv[2]), int(sys.argv[3]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    warnings.simplefilter("ignore")
    cv2.setNumThreads(int(os.environ.get("OMP_NUM_THREADS", "1")))  # it reads no variable of its own
    protections = protect()
    send(link, {"protections": protections, "pid": os.getpid()})
    desk = _Desk()
    gc.freeze()  # what is imported stays: a collection between two files looks at the files alone
    while True:
        try:
            request, descriptor = receive(link)
        except (EOFError, ConnectionError):
            return
        _answer(link, request, descriptor, desk)
        if request["do"] != "cut":
            gc.collect()


class _Desk:
    """What stays from one request to the next: the picture that is looked at, and its memory."""

    def __init__(self) -> None:
        self.memory = held.Memory()
        self.picture: held.Held | None = None
        self.room: mmap.mmap | None = None  # what results are written into that are copied out at once


def _answer(link: socket.socket, request: Mapping[str, Any], descriptor: int | None, desk: _Desk) -> None:
    chatter.drain()
    talk = _Conversation(link, desk)
    try:
        answer = _cut(talk, request, desk) if descriptor is None else _do(talk, request, descriptor, desk)
    except errors.SafelightError as error:
        answer = {"error": [type(error).__name__, str(error)]}
    except (EOFError, ConnectionError):
        return
    except Exception as error:  # noqa: BLE001 - a library's surprise is one clear sentence, and never a traceback
        answer = {"error": ["UnreadableError", _sentence(str(request["name"]), error)]}
    finally:
        if descriptor is not None:
            os.close(descriptor)
    answer["said"] = chatter.drain()[-2000:]
    talk.room = None
    send(link, answer)


def _sentence(name: str, error: Exception) -> str:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return f"{name} needs more memory to decode than it may have (setting decode_memory_bytes)"
    words = " ".join(str(error).split())[:200]
    return f"{name} cannot be decoded ({type(error).__name__}: {words})"


def _do(talk: _Conversation, request: Mapping[str, Any], descriptor: int, desk: _Desk) -> dict[str, Any]:
    desk.picture = None
    name = str(request["name"])
    known = {each.name for each in fields(Settings)}
    limits = Settings(**{key: value for key, value in request["limits"].items() if key in known})
    opened = open_picture(memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)), name, limits)
    found = {
        "probe": opened.probe.to_data(),
        "metadata": opened.metadata.to_data(),
        "reasons": _reasons(opened.reasons),
    }
    if request["do"] == "probe":
        return {"done": found}
    if request["do"] == "credentials":
        return {"done": found | {"credentials": _credentials(opened, str(request.get("anchors", "")))}}
    if request["do"] == "camera_white":
        from safelight.media.camera_white import read_camera_white

        white = read_camera_white(opened)
        return {"done": found | {"white": None if white is None else white.to_data()}}
    talk.announce(opened)
    if request["do"] == "layers":
        return {"done": found | _layers(talk, opened, str(request["mask_of"]))}
    if request["do"] == "decode":
        return {"done": found | _picture(paint(opened, request["longest_side"], talk.allocate))}
    if request["do"] == "look":
        return {"done": found | _look(talk, opened, limits, request, desk)}
    from safelight.media.previews import paint_preview

    painted = paint_preview(opened, request["longest_side"], limits, talk.allocate)
    return {"done": found | ({"pixels": None} if painted is None else _picture(painted))}


def _credentials(opened: Opened, anchors: str) -> dict[str, Any]:
    from safelight.media.credentials import media_type, read_credentials

    kind = media_type(opened.probe.format, opened.probe.title)
    return read_credentials(bytes(opened.data), kind, anchors).to_data()


def _layers(talk: _Conversation, opened: Opened, mask_of: str) -> dict[str, Any]:
    from safelight.media.psd_layers import read_layers, read_mask, to_data

    if opened.probe.format != "psd":
        return {"layered": None, "pixels": None}
    layered = to_data(read_layers(opened.data))
    mask = read_mask(opened.data, mask_of)
    if mask is None:
        return {"layered": layered, "pixels": None}
    shape = (mask.shape[0], mask.shape[1], 1)
    np.copyto(talk.allocate(shape, mask.dtype)[..., 0], mask)
    return {"layered": layered, "pixels": [list(shape), str(mask.dtype)]}


def _look(
    talk: _Conversation, opened: Opened, limits: Settings, request: Mapping[str, Any], desk: _Desk
) -> dict[str, Any]:
    desk.picture = picture = held.hold(opened, limits, desk.memory.allocate, preview=request["preview"])
    small = held.reduced(picture, request["longest_side"])
    shape = (small.pixels.shape[0], small.pixels.shape[1], small.pixels.shape[2])
    np.copyto(talk.allocate(shape, small.pixels.dtype), small.pixels)
    return _picture(small) | {"held": list(picture.size), "is_preview": picture.is_preview}


def _cut(talk: _Conversation, request: Mapping[str, Any], desk: _Desk) -> dict[str, Any]:
    if desk.picture is None:
        raise errors.UnreadableError(f"{request['name']} is not held any more")
    parts = [held.cut(desk.picture, held.within(each, desk.picture.size)) for each in request["boxes"]]
    # One after the other in one piece of memory: each room costs as much as a hundred thousand pixels.
    channels = parts[0].shape[2]
    shape = (sum(each.shape[0] * each.shape[1] for each in parts), 1, channels)
    np.concatenate([each.reshape(-1, 1, channels) for each in parts], out=talk.allocate(shape, parts[0].dtype))
    return {"done": {"pixels": [list(shape), str(parts[0].dtype)], "shapes": [list(each.shape) for each in parts]}}


def _picture(painted: Painted) -> dict[str, Any]:
    return {
        "pixels": [list(painted.pixels.shape), str(painted.pixels.dtype)],
        "space": painted.space,
        "alpha": painted.alpha,
        "reasons": _reasons(painted.reasons),
    }


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [asdict(Reason(each.code, each.text, dict(each.values), each.doubt)) for each in reasons]
