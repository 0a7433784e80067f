"""Rule packs: what each channel takes, as dated data."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from safelight.core.check import Check, Direction
from safelight.errors import UnknownNameError, UsageError
from safelight.media.names import slug
from safelight.workflows.toml import Table, nearest, read_toml_file
from safelight.workflows.workflow import FindCheck

Severity = Literal["must", "should"]

STALE_DAYS = 180  # half a year after it was read, a channel's page may say something else
FORMATS = ("jpeg", "png", "tiff", "webp")
ENDINGS = MappingProxyType({"jpeg": "jpg", "png": "png", "tiff": "tif", "webp": "webp"})
LEAST_QUALITY = 85  # below it JPEG blocks show on smooth packshots


@dataclass(frozen=True)
class Output:
    """What safelight makes for a channel.

    `longest_px` is the size aimed at, `fill` the least and most share of the frame's side for the
    subject's longest side (None keeps the master's), `background` a color or ``"keep"``. `dpi` is stated in
    the file and moves no pixel.
    """

    format: str
    space: str
    longest_px: int
    aspect: str
    quality: int
    subsampling: str
    background: str
    fill: tuple[float, float] | None
    max_bytes: int | None
    dpi: int | None = None

    @property
    def ending(self) -> str:
        """The file name's ending."""
        return ENDINGS[self.format]


@dataclass(frozen=True)
class Rule:
    """One measure of one check against a limit, how grave it is, and the source's own words."""

    id: str
    check: str
    measure: str
    limit: float
    direction: Direction
    severity: Severity
    source: str


@dataclass(frozen=True)
class Look:
    """What no check measures: a person looks for it before the release."""

    asks: str
    source: str


@dataclass(frozen=True)
class Pack:
    """A channel's rules with their source and the day they were read."""

    id: str
    title: str
    source: str
    read: datetime.date
    notes: tuple[str, ...]
    output: Output
    expect: Mapping[str, Any]
    rules: tuple[Rule, ...]
    looks: tuple[Look, ...]

    def checks(self) -> tuple[str, ...]:
        """Return the names of the checks that the rules need, each once."""
        return tuple(dict.fromkeys(each.check for each in self.rules))

    def stale(self, today: datetime.date) -> str:
        """Return a warning if the pack was read more than 180 days before `today`, else ""."""
        age = (today - self.read).days
        if age <= STALE_DAYS:
            return ""
        return (
            f"rule pack {self.id} was read on {self.read}, {age} days ago; channels change their rules: "
            f"read {self.source} again"
        )

    def least_px(self) -> tuple[int, int]:
        """Return the least longest and the least shortest side that the channel takes; 0 for no limit."""
        longest = self.expect.get("longest_px") or (None, None)
        shortest = self.expect.get("shortest_px") or (None, None)
        return longest[0] or 0, shortest[0] or 0


def pack_names() -> tuple[str, ...]:
    """Return the ids of the built-in rule packs, sorted."""
    return tuple(sorted(each.stem for each in _folder().glob("*.toml")))


def pack_lines() -> list[dict[str, Any]]:
    """Return a line a built-in pack: id, title, when and where its rules were read, and a warning where long ago."""
    today = datetime.datetime.now(datetime.UTC).date()
    packs = [load_pack(name) for name in pack_names()]
    return [
        {"channel": p.id, "title": p.title, "read": str(p.read), "source": p.source, "stale": p.stale(today)}
        for p in packs
    ]


def require_packs(own: Mapping[str, Path | str]) -> None:
    """Hold a guide's own packs against what is installed, before any pixel moves; refuse like `load_pack`."""
    for name in own:
        load_pack(name, own=own)


def new_pack(path: Path) -> None:
    """Write the template of a pack of one's own; an existing file is left alone.

    Raises
    ------
    UsageError
        If the name does not end in ``.toml``, something has it, or it cannot be written.
    """
    if path.suffix != ".toml":
        raise UsageError(f"{path} ends in {path.suffix or 'nothing'!r}; a rule pack is a .toml file")
    name = re.sub("[^a-z0-9]+", "-", slug(path.stem).lower()).strip("-")[:63] or "own"
    text = (_folder() / "template" / "own.toml").read_text("utf-8").replace('id = "own"', f'id = "{name}"')
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def load_pack(
    name: str, *, own: Mapping[str, Path | str] = MappingProxyType({}), find_check: FindCheck | None = None
) -> Pack:
    """Load a rule pack and hold its rules against the installed checks.

    Parameters
    ----------
    name : str
        A built-in pack's id, one of `own`, or the path of a ``.toml`` file.
    own : mapping of id to path
        A guide's own packs.
    find_check : callable (name) -> Check, optional
        The installed ones by default.

    Raises
    ------
    UnknownNameError
        If no pack has that id.
    DeclarationError
        If a rule names a check or measure that is not there, or a value does not fit; with file and line.

    Examples
    --------
    >>> pack_names()
    ('about-you', 'amazon-main', 'ebay', 'etsy', 'google-merchant', 'otto', 'shopify', 'walmart', 'zalando')
    """
    if name in own or name.endswith(".toml"):
        path = Path(own.get(name, name))
    elif name in pack_names():
        path = _folder() / f"{name}.toml"
    else:
        known = ", ".join(pack_names())
        raise UnknownNameError(
            f"no channel called {name!r}{nearest(name, pack_names())}; it takes a .toml rule pack, or one of {known}"
        )
    if find_check is not None:
        return read_pack(read_toml_file(path), find_check)
    stat = path.stat() if path.is_file() else None
    return _read_once(path, None if stat is None else (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=64)
def _read_once(path: Path, _version: tuple[int, int] | None) -> Pack:
    """A pack is asked for by every file of a batch; a file that changed is read again."""
    from safelight.plugins import check_named

    return read_pack(read_toml_file(path), check_named)


def read_pack(table: Table, find_check: FindCheck) -> Pack:
    """Read a rule pack from TOML that has been read; refuse like `load_pack`."""
    table.allow("id", "title", "source", "read", "notes", "output", "expect", "rule", "look")
    name = table.text("id")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
        raise table.error(f"id is {name!r}; it takes lower-case letters, digits and dashes: it names a folder", "id")
    read = table.values.get("read")
    if not isinstance(read, datetime.date) or isinstance(read, datetime.datetime):
        raise table.error(f"read is {read!r}; it takes the day the rules were read, like 2026-10-08", "read")
    rules = tuple(_rule(each, find_check) for each in _rows(table, "rule"))
    ids = [each.id for each in rules]
    for at, each in enumerate(ids):
        if each in ids[:at]:
            raise table.error(f"rule {each!r} stands twice; each rule has an id of its own", "rule", at)
    return Pack(
        id=name,
        title=table.text("title"),
        source=table.text("source"),
        read=read,
        notes=table.texts("notes"),
        output=_output(table.table("output")),
        expect=_expect(table.table("expect")),
        rules=rules,
        looks=tuple(_look(each) for each in _rows(table, "look")),
    )


def _folder() -> Path:
    return Path(__file__).with_name("packs")


def _rows(table: Table, key: str) -> list[Table]:
    """Return the tables of ``[[key]]``."""
    value = table.values.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise table.error(f"{key} takes tables: [[{key}]]", key)
    return [Table(table.file, each, table.lines, (*table.where, key, at)) for at, each in enumerate(value)]


def _output(table: Table) -> Output:
    table.allow(
        "format", "space", "longest_px", "aspect", "quality", "subsampling", "background", "fill", "max_bytes", "dpi"
    )  # fmt: skip
    background = table.text("background", "keep")
    if background != "keep" and not re.fullmatch(r"#[0-9a-f]{6}", background):
        raise table.error(f"output.background is {background!r}; it takes a color like #ffffff, or keep", "background")
    aspect = table.text("aspect", "original")
    if aspect != "original" and not re.fullmatch(r"[1-9]\d{0,4}:[1-9]\d{0,4}", aspect):
        raise table.error(f"output.aspect is {aspect!r}; it takes width:height like 1:1, or original", "aspect")
    most = table.number("max_bytes", least=10_000, most=1e9, whole=True) if "max_bytes" in table else None
    density = table.number("dpi", least=36, most=2400, unit="dpi", whole=True) if "dpi" in table else None
    form = table.choice("format", FORMATS, "jpeg")
    if density is not None and form != "jpeg":
        raise table.error(f"output.dpi is stated in JPEG files alone, and output.format is {form}", "dpi")
    return Output(
        format=form,
        space=table.choice("space", ("srgb",), "srgb"),
        longest_px=int(table.number("longest_px", least=100, most=65_500, unit="px", whole=True)),
        aspect=aspect,
        quality=int(table.number("quality", 95, least=LEAST_QUALITY, most=100, whole=True)),
        subsampling=table.choice("subsampling", ("444", "422", "420"), "444"),
        background=background,
        fill=_pair(table, "fill", 1.0) if "fill" in table else None,
        max_bytes=None if most is None else int(most),
        dpi=None if density is None else int(density),
    )


def _expect(table: Table) -> Mapping[str, Any]:
    """Read what the checks are told; 0 in a pair of pixels means no limit there."""
    table.allow(
        "format", "background", "profile", "longest_px", "shortest_px", "max_megapixels", "max_bytes", "subsampling",
        "fill", "bits", "name", "aspect", "dpi", "source_type",
    )  # fmt: skip
    expect = dict(table.values)
    for key in ("longest_px", "shortest_px"):
        if key in expect:
            pair = _pair(table, key, 1e6, whole=True)
            expect[key] = [each or None for each in pair]
    if "fill" in expect:
        expect["fill"] = list(_pair(table, "fill", 1.0))
    return MappingProxyType(expect)


def _pair(table: Table, key: str, most: float, *, whole: bool = False) -> tuple[Any, Any]:
    value = table.values[key]
    fits = isinstance(value, list) and len(value) == 2
    fits = fits and all(isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= most for v in value)
    if not fits or (value[1] and value[0] > value[1]):
        raise table.error(f"{table.name_of(key)} is {value!r}; it takes [least, most], each 0 to {most:g}", key)
    kind = int if whole else float
    return kind(value[0]), kind(value[1])


def _rule(table: Table, find_check: FindCheck) -> Rule:
    table.allow("id", "check", "measure", "limit", "direction", "severity", "source")
    name = table.text("check")
    try:
        check: Check = find_check(name)
    except UnknownNameError as error:
        raise table.error(str(error), "check") from None
    measure = table.text("measure")
    known = [each.name for each in check.specs]
    if measure not in known:
        said = f"check {name} has no measure {measure!r}{nearest(measure, known)}; it measures: {', '.join(known)}"
        raise table.error(said, "measure")
    direction = table.choice("direction", ("at_most", "at_least"), check.spec(measure).direction)
    return Rule(
        id=table.text("id"),
        check=name,
        measure=measure,
        limit=table.number("limit", least=-1e9, most=1e12),
        direction=cast("Direction", direction),
        severity=cast("Severity", table.choice("severity", ("must", "should"))),
        source=table.text("source"),
    )


def _look(table: Table) -> Look:
    table.allow("asks", "source")
    return Look(table.text("asks"), table.text("source"))
