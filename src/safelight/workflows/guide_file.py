"""Read a style guide from TOML and hold every word of it against what is installed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import cast

from safelight.core.canonical import key_of
from safelight.errors import ParameterError, UnknownNameError
from safelight.routing.inputs import STAKES, Lane, Stakes
from safelight.workflows import sections
from safelight.workflows.category_rules import (
    Installed,
    read_categories,
    read_check_limits,
    read_overrides,
    read_step_params,
)
from safelight.workflows.guide import GIVES, Guide
from safelight.workflows.metadata_rules import read_metadata_rules
from safelight.workflows.sidecar_rules import read_sidecar_rules
from safelight.workflows.source_minutes import read_source_minutes
from safelight.workflows.toml import Table, nearest, read_toml_file
from safelight.workflows.workflow import FindCheck, FindStep

KEYS = (
    "client", "picture", "tolerance", "delivery", "stakes", "lane", "culling", "intake", "shot_list",
    "category", "step", "check", "reliability", "sidecars", "metadata", "swatches", "hero",
)  # fmt: skip


def guide_names() -> tuple[str, ...]:
    """Return the names of the built-in style guides."""
    return tuple(sorted(each.stem for each in _guides().glob("*.toml")))


def load_guide(
    name: str = "house",
    *,
    channels: Collection[str],
    find_step: FindStep | None = None,
    find_check: FindCheck | None = None,
) -> Guide:
    """Load a style guide and hold it against what is installed, before any pixel moves.

    Parameters
    ----------
    name : str
        A built-in guide's name, or the path of a ``.toml`` file.
    channels : collection of str
        The ids of the rule packs there are.
    find_step, find_check : callable (name) -> declaration, optional
        The installed ones by default.

    Raises
    ------
    UnknownNameError
        If no guide has that name.
    DeclarationError
        If anything in it does not hold: file, line, value, what is allowed.
    """
    if name.endswith(".toml"):
        path = Path(name)
    elif name in guide_names():
        path = _guides() / f"{name}.toml"
    else:
        known = ", ".join(guide_names())
        raise UnknownNameError(
            f"no style guide called {name!r}{nearest(name, guide_names())}; it takes a .toml file, or one of {known}"
        )
    from safelight.plugins import check_named, step_named

    installed = Installed(find_step or step_named, find_check or check_named, channels)
    return read_guide(read_toml_file(path), path, installed)


def read_guide(table: Table, path: Path, installed: Installed) -> Guide:
    """Read a style guide from TOML that has been read; `path` is where it lies, for the files it brings."""
    table.allow(*KEYS)
    picture = table.table("picture")
    picture.allow("background", "fill", "aspect", "look")
    delivery = table.table("delivery")
    delivery.allow("channels", "names", "views")
    resources = sections.read_resources(picture, path.parent)
    stakes = table.table("stakes")
    stakes.allow("all", "view")
    shot_list = table.table("shot_list")
    shot_list.allow("file", "columns")
    lane = sections.read_lane(table.table("lane"), Lane())
    channels, own_packs = sections.read_channels(delivery, installed.channels, path.parent)
    guide = Guide(
        name=path.stem,
        sha256=key_of(hashlib.sha256(path.read_bytes()).hexdigest(), {r.name: r.sha256 for r in resources.values()}),
        client=table.text("client"),
        background=sections.read_color(picture, "background"),
        fill=sections.read_fill(picture),
        aspect=sections.read_aspect(picture),
        look=picture.text("look", ""),
        delta_e=sections.read_tolerance(table.table("tolerance")),
        promises_color="tolerance" in table,
        channels=channels,
        own_packs=own_packs,
        names=sections.read_names(delivery),
        stakes=cast("Stakes", stakes.choice("all", STAKES, "standard")),
        view_stakes=sections.read_view_stakes(stakes.table("view")),
        lane=lane,
        culling=sections.read_culling(table.table("culling")),
        shot_list=shot_list.text("file", "shot_list.csv"),
        columns=sections.read_columns(shot_list),
        file_names=sections.read_file_names(table.table("intake")),
        source_minutes=read_source_minutes(table.table("intake").table("minutes")),
        categories=read_categories(table, path.parent, lane, installed),
        overrides=read_overrides(table),
        resources=resources,
        steps=read_step_params(table, installed),
        checks=read_check_limits(table, installed),
        sidecars=read_sidecar_rules(table.table("sidecars")),
        hero=sections.read_hero(table),
        swatches=sections.read_swatches(table.table("swatches")),
        channel_views=sections.read_channel_views(delivery),
        metadata=read_metadata_rules(table.table("metadata")),
    )
    _require_picture_fits(guide, picture, installed)
    return guide


def _guides() -> Path:
    return Path(__file__).with_name("guides")


def _require_picture_fits(guide: Guide, picture: Table, installed: Installed) -> None:
    """Hold what [picture] gives to the steps against their declarations, once a guide is whole."""
    used = {each.step for rule in guide.categories.values() for each in rule.workflow.steps}
    for key, (step, param) in GIVES.items():
        plans = [each for category in guide.categories for each in guide.plan(category).steps]
        given = next((each.params[param] for each in plans if each.step == step and param in each.params), None)
        if step not in used or given is None:
            continue
        try:
            installed.step(step).params.accept({param: given})
        except ParameterError as error:
            raise picture.error(f"picture.{key} does not fit step {step}: {error}", key) from None
