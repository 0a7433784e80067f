"""The plain sections of a style guide: picture, tolerance, delivery, stakes, lane, culling, intake."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import cast

from safelight.core.recipe import HeroRule
from safelight.errors import DeclarationError, ParameterError
from safelight.routing.inputs import LANE_ROUTES, STAKES, Lane, Stakes
from safelight.routing.lanes import lane_rules
from safelight.workflows.category import DEFAULT_NAMES, read_pattern
from safelight.workflows.guide import Culling, Resource
from safelight.workflows.shot_list import Columns, reference_color
from safelight.workflows.template import DEFAULT, Template, read_template
from safelight.workflows.toml import Table, nearest, read_toml_file

MOST_LOOK_BYTES = 50_000_000  # a .cube of 65 points is 7 MB; beyond 50 it is some other file
LOOK_ENDINGS = (".cube", ".png", ".3dl", ".clf", ".ctf", ".csp", ".spi1d", ".spi3d")  # a .png is a Hald picture

# [picture]


def read_color(table: Table, key: str) -> str:
    """Read a color like ``#ffffff``; white by default."""
    value = table.text(key, "#ffffff").lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise table.error(
            f"{table.name_of(key)} is {value!r}; it takes a color like '#ffffff' (default '#ffffff')", key
        )
    return value


def read_fill(table: Table) -> tuple[float, float]:
    """Read ``fill = 0.85`` or ``fill = [0.80, 0.90]``."""
    value = table.values.get("fill", [0.80, 0.90])
    if isinstance(value, list):
        fits = len(value) == 2 and all(isinstance(each, (int, float)) and 0.1 <= each <= 1 for each in value)
        if not fits or value[0] > value[1]:
            raise table.error(
                f"picture.fill is {value!r}; it takes one share or [least, most], each 0.1 to 1 of the frame's side "
                "(default [0.8, 0.9])",
                "fill",
            )
        return float(value[0]), float(value[1])
    one = table.number("fill", least=0.1, most=1.0)
    return one, one


def read_aspect(table: Table) -> str:
    """Read ``aspect = "4:5"`` or ``"original"``."""
    value = table.text("aspect", "1:1")
    found = re.fullmatch(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)", value)
    if value != "original" and not (found and 0.2 <= float(found[1]) / max(float(found[2]), 1e-9) <= 5):
        raise table.error(
            f"picture.aspect is {value!r}; it takes width:height between 1:5 and 5:1, or 'original' (default '1:1')",
            "aspect",
        )
    return value


def read_resources(table: Table, folder: Path) -> Mapping[str, Resource]:
    """Find the look's file, which must lie beside the guide or below it and hold a look that can be read."""
    name = table.text("look", "")
    if not name:
        return MappingProxyType({})
    path = _beside(folder, name)
    if path is None:
        raise table.error(f"picture.look is {name!r}; it takes a file in the guide's folder or below it", "look")
    try:
        if path.suffix.lower() not in LOOK_ENDINGS or path.stat().st_size > MOST_LOOK_BYTES:
            known = ", ".join(LOOK_ENDINGS)
            raise table.error(f"picture.look is {name!r}; it takes {known}, of at most 50 MB", "look")
        data = path.read_bytes()
    except OSError as error:
        raise table.error(f"picture.look: {name} cannot be read: {error.strerror or error}", "look") from None
    from safelight.pixels.color.lut import read_lut

    try:
        read_lut(data, name)
    except DeclarationError as error:
        raise table.error(f"picture.look: {error}", "look") from None
    return MappingProxyType({name: Resource(name, path, hashlib.sha256(data).hexdigest())})


# [tolerance], [delivery], [stakes], [lane], [culling]


def read_tolerance(table: Table) -> float:
    """Read ``tolerance.delta_e``, the ΔE00 that fails (R1: 3)."""
    table.allow("delta_e")
    return table.number("delta_e", 3.0, least=0.1, most=20, unit="ΔE00")


def read_hero(top: Table) -> HeroRule | None:
    """Read ``[hero]``: its being there lays what a person sets on the hero on the rest of its category."""
    if "hero" not in top:
        return None
    table = top.table("hero")
    table.allow("waits", "frame")
    return HeroRule(table.flag("waits", default=False), table.text("frame", ""))


def read_swatches(table: Table) -> Mapping[str, str]:
    """Read ``[swatches]``: an article, or an article and a colorway, to its color as Lab under D50 or ``#rrggbb``."""
    found: dict[str, str] = {}
    for name in table.values:
        value = table.text(name)
        try:
            reference_color(value, table.name_of(name))
        except DeclarationError as error:
            raise table.error(str(error), name) from None
        if name.casefold() in found:
            raise table.error(f"swatches.{name} is named twice, case aside; keep one of them", name)
        found[name.casefold()] = value
    return MappingProxyType(found)


def read_channels(table: Table, known: Collection[str], folder: Path) -> tuple[tuple[str, ...], Mapping[str, Path]]:
    """Read ``delivery.channels``: each an installed rule pack or a ``.toml`` of one's own beside the guide, none twice.

    Returns
    -------
    (ids, paths by id)
        The paths of one's own packs alone.
    """
    names: list[str] = []
    own: dict[str, Path] = {}
    for at, name in enumerate(table.texts("channels")):
        found = name
        if name.endswith(".toml"):
            path = _beside(folder, name)
            if path is None:
                raise table.error(f"channel {name!r} lies elsewhere; it takes a file beside the guide", "channels", at)
            found = read_toml_file(path).text("id")
            if found in known:
                raise table.error(
                    f"the pack {name} calls itself {found!r}, which is built in; rename it", "channels", at
                )
            own[found] = path
        elif name not in known:
            listed = ", ".join(sorted(known)) or "none"
            said = f"no channel called {name!r}{nearest(name, known)}; there are: {listed}, or a .toml beside the guide"
            raise table.error(said, "channels", at)
        if found in names:
            raise table.error(f"channel {name!r} is listed twice", "channels", at)
        names.append(found)
    return tuple(names), MappingProxyType(own)


def read_channel_views(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Read ``[delivery.views]``: the views that a channel of this guide takes."""
    inner, channels = table.table("views"), table.texts("channels")
    for name in inner.values:
        if name not in channels:
            raise inner.error(f"{name!r} is none of this guide's channels: {', '.join(channels)}", name)
    return MappingProxyType({name: inner.texts(name) for name in inner.values})


def read_names(table: Table) -> Template:
    """Read ``delivery.names``, the template of file names."""
    try:
        return read_template(table.text("names", DEFAULT))
    except ParameterError as error:
        raise table.error(str(error), "names") from None


def read_view_stakes(table: Table) -> Mapping[str, Stakes]:
    """Read ``[stakes.view]``; a hero is high unless the guide says otherwise."""
    stakes = {view: table.choice(view, STAKES) for view in table.values}
    return MappingProxyType(cast("dict[str, Stakes]", {"hero": "high", **stakes}))


def read_lane(table: Table, default: Lane) -> Lane:
    """Read a ``[lane]``; what it leaves out is `default`."""
    table.allow("name", "kind", "route", "confidence")
    kind = table.choice("kind", tuple(lane_rules()), default.kind) if "kind" in table else default.kind
    lane = Lane(
        table.text("name", default.name),
        table.choice("route", LANE_ROUTES, default.route),  # type: ignore[arg-type]
        table.number("confidence", default.confidence, least=0.5, most=1.0),
        kind,
    )
    if lane.kind and not lane_rules()[lane.kind].spares and lane.route != "review":
        said = f"lane {lane.kind} never spares a file its own look: its drafts are never final; route takes 'review'"
        raise table.error(said, "route")
    return lane


def read_culling(table: Table) -> Culling:
    """Read ``[culling]``: a sensitivity per fault."""
    table.allow(*(each.name for each in fields(Culling)))
    most = {"time_gap_s": 3600.0}
    values = {
        each.name: table.number(each.name, cast("float", each.default), least=0, most=most.get(each.name, 1.0))
        for each in fields(Culling)
    }
    return Culling(**values)


def read_columns(table: Table) -> Columns:
    """Read ``[shot_list.columns]``: the heads that the client uses."""
    inner = table.table("columns")
    inner.allow(*(each.name for each in fields(Columns)))
    return Columns(**{each.name: inner.text(each.name, cast("str", each.default)) for each in fields(Columns)})


def read_file_names(table: Table) -> tuple[str, ...]:
    """Read ``intake.file_names``: patterns of incoming names, tried in order."""
    table.allow("file_names", "minutes")
    names = table.texts("file_names", DEFAULT_NAMES)
    for at, name in enumerate(names):
        try:
            read_pattern(name)
        except ParameterError as error:
            raise table.error(str(error), "file_names", at) from None
    return names


def _beside(folder: Path, name: str) -> Path | None:
    """Return a file of a folder or below it, links followed; None for a name that leads elsewhere, or is none."""
    if "\0" in name or Path(name).is_absolute():
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None
