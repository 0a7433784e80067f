"""The contact sheet of a cull: thumbnails as they come, then every frame by group, with its class and the reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight.core.batch import BatchState, FileState
from safelight.media.names import display_name, slug
from safelight.reports.words import CULL_WORDS, many, plain, sentence, sure

PAGE = "contact.html"
THUMBNAILS = "thumbnails"
_TEMPLATES = Path(__file__).parent / "templates"
# In this order people look: what needs them, what goes on, what was left out.
ORDER = ("cant_tell", "pick", "reject", "alternate")


@dataclass(frozen=True)
class Cell:
    """One frame on the sheet. `picture` is its thumbnail's place beside the page, "" without one.

    `outside` says in what it lies outside what automation was made for.
    """

    name: str
    picture: str
    cull: str = ""
    reasons: tuple[str, ...] = ()
    confidence: float | None = None
    said: str = ""
    outside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """Frames that stand together: a group, or all of one class that stand alone; with what to say of them.

    `cull` is that class (``unreadable`` too), "" for a group.
    """

    title: str
    note: str
    cells: tuple[Cell, ...]
    cull: str = ""


class ContactSheet:
    """A page in a folder, written when the first frame is looked at and again when all are sorted.

    Parameters
    ----------
    folder : Path
        Gets ``contact.html`` and ``thumbnails/``. Until the cull is done the page asks for itself every two seconds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def page(self) -> Path:
        """Where the page lies."""
        return self.folder / PAGE

    def begin(self, batch: str, paths: Iterable[str]) -> None:
        """Write the page with a place for every frame."""
        (self.folder / THUMBNAILS).mkdir(parents=True, exist_ok=True)
        cells = tuple(Cell(_shown(each), f"{THUMBNAILS}/{thumbnail_name(each)}") for each in sorted(paths))
        note = "The first look is under way; thumbnails and classes come as frames are measured."
        self._write(batch, (Part("Frames", note, cells),), {}, done=False)

    def add(self, path: str, jpeg: bytes) -> None:
        """Put a frame's thumbnail beside the page; the same one again is left alone."""
        place = self.folder / THUMBNAILS / thumbnail_name(path)
        if place.is_file() and place.stat().st_size == len(jpeg) and place.read_bytes() == jpeg:
            return
        draft = place.with_suffix(".part")
        draft.write_bytes(jpeg)
        draft.replace(place)

    def finish(self, state: BatchState) -> Path:
        """Write the page as the batch stands and return its place."""
        self._write(state.name, parts_of(state), counts_of(state), done=True)
        return self.page

    def _write(self, batch: str, parts: tuple[Part, ...], counts: Mapping[str, int], *, done: bool) -> None:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup

        made = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        css, icons = (Markup((_TEMPLATES / name).read_text("utf-8")) for name in ("report.css", "icons.html"))
        words: dict[str, Any] = {"many": many, "sure": sure, "sentence": sentence, "cull_words": CULL_WORDS}
        page = made.get_template("contact.html").render(
            batch=plain(batch), parts=parts, counts=counts, done=done, css=css, icons=icons, **words
        )
        data = page.encode("utf-8", "replace")
        if self.page.is_file() and self.page.read_bytes() == data:
            return
        draft = self.folder / f".{PAGE}.part"
        draft.write_bytes(data)
        draft.replace(self.page)


def thumbnail_name(path: str) -> str:
    """Return the file name of a frame's thumbnail: its own name, and what tells it from others of that name.

    Examples
    --------
    >>> thumbnail_name("day 1/IMG_1.CR3") == thumbnail_name("day 1/IMG_1.JPG")
    False
    """
    told = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{slug(path.rsplit('.', 1)[0].replace('/', '-'))[:80] or 'frame'}-{told}.jpg"


def counts_of(state: BatchState) -> dict[str, int]:
    """Return how many files each class has, ``unreadable`` too, in the order people look."""
    classes = ["unreadable" if each.refused else each.sorted.get("class", "") for each in state.files.values()]
    return {name: classes.count(name) for name in (*ORDER, "unreadable") if name in classes}


def parts_of(state: BatchState) -> tuple[Part, ...]:
    """Return the parts: groups first, best frame first, then single frames by class, then what can't be read."""
    files = [state.files[path] for path in sorted(state.files)]
    groups: dict[str, list[FileState]] = {}
    for each in files:
        if not each.refused and each.sorted.get("group"):
            groups.setdefault(each.sorted["group"], []).append(each)
    parts = [_group(name, members) for name, members in sorted(groups.items())]
    single = [each for each in files if not each.refused and each.sorted and not each.sorted.get("group")]
    for cull in ORDER:
        cells = tuple(_cell(each) for each in single if each.sorted["class"] == cull)
        if cells:
            title = "Kept aside" if cull == "alternate" else f"{CULL_WORDS[cull]}, alone"
            parts.append(Part(title, many(len(cells), "frame"), cells, cull))
    refused = tuple(_cell(each) for each in files if each.refused)
    if refused:
        parts.append(Part("Could not be read", many(len(refused), "file"), refused, "unreadable"))
    return tuple(parts)


def _group(name: str, members: list[FileState]) -> Part:
    ranked = sorted(members, key=lambda each: (ORDER.index(each.sorted["class"]) if _stays(each) else 9, each.path))
    return Part(
        f"Group {name}", f"{many(len(members), 'frame')}, the best first", tuple(_cell(each) for each in ranked)
    )


def _stays(file: FileState) -> bool:
    return file.sorted["class"] in ("pick", "cant_tell")


def _cell(file: FileState) -> Cell:
    picture = f"{THUMBNAILS}/{thumbnail_name(file.path)}" if file.measured.get("thumbnail") else ""
    if file.refused:
        return Cell(_shown(file.path), picture, "", (plain(file.refused),))
    body = file.sorted
    category = str(body.get("category", "")).replace("_", " ")
    color = body.get("colorway") or body.get("color", "")
    known = (body.get("sku"), body.get("view"), color, category if category != "unknown" else "")
    said = ", ".join(each for each in known if each)
    reasons = tuple(plain(each) for each in body.get("reasons", ()))
    outside = tuple(plain(each["text"]) for each in body.get("outside", ()))
    return Cell(_shown(file.path), picture, body["class"], reasons, body.get("confidence"), plain(said), outside)


def _shown(path: str) -> str:
    return plain(display_name(path))
