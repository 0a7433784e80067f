"""``safelight look``: what a look needs, a look baked for other programs, a look taken from a reference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from safelight.cli import options, terminal
from safelight.cli.main import app
from safelight.cli.session import here

look_app = typer.Typer(help="Inspect, bake and match looks.", no_args_is_help=True)
app.add_typer(look_app, name="look")

Category = Annotated[str, typer.Option("--category", help="Whose grade, of a guide; else that of `unknown`.")]
OutFile = Annotated[Path, typer.Option("--out", "-o", help="Where it goes.")]


@look_app.command()
def inspect(
    look: Annotated[Path, typer.Argument(metavar="LOOK", help="A LUT, a style guide (.toml) or an edit (.json).")],
    category: Category = "",
    json: options.Json = False,
) -> None:
    """Say what a look needs from its source: tones it crushes, hues it moves, headroom, banding."""
    from safelight import studio

    told = studio.inspect_look(here(look), category)
    if json:
        terminal.json_line(told)
        return
    for line in _inspected(told):
        terminal.out(line)


@look_app.command()
def bake(
    source: Annotated[Path, typer.Argument(metavar="GUIDE_OR_EDIT", help="A style guide, an edit, or a LUT.")],
    out: OutFile,
    category: Category = "",
    side: Annotated[int, typer.Option("--side", help="Points a side of the .cube: 17, 33 or 65.")] = 33,
    space: Annotated[str, typer.Option("--space", help="Whose code values the look takes and gives.")] = "srgb",
    json: options.Json = False,
) -> None:
    """Write grade and look as one .cube, or as a .ctf that keeps formulas."""
    from safelight import studio

    told = studio.bake_look(here(source), here(out), category, side, space)
    if json:
        terminal.json_line(told)
        return
    terminal.out(f"{told['out']}: {told['bytes']} bytes, {told['space']} code values in and out")


@look_app.command()
def match(
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="The picture whose mood is wanted.")],
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE...", help="Neutral pictures of the batch.")],
    out: OutFile,
    strength: Annotated[float, typer.Option("--strength", min=0.0, max=1.0, help="0 nothing, 1 all of it.")] = 1.0,
    method: Annotated[str, typer.Option("--method", help="transport, or axes.")] = "transport",
    json: options.Json = False,
) -> None:
    """Take a reference's palette and mood for PICTURE..., as a .cube and as parameters of the step grade."""
    from safelight import studio

    told = studio.match_look(here(reference), [here(each) for each in pictures], here(out), strength, method)
    if json:
        terminal.json_line(told)
        return
    before, after = told["distance_before"], told["distance_after"]
    terminal.out(f"{told['out']}: moves colors by ΔE00 {told['moved']:.1f}; palette {before:.1f} to {after:.1f} away")
    terminal.out(f"the step grade says {told['explained']:.0%} of it: {told['grade']}")


def _inspected(told: dict[str, Any]) -> list[str]:
    """The measures as sentences, hues most moved first."""
    low, high = told["crushed_below"], 255 - told["crushed_above"]
    lines = [
        f"{told['look']}",
        f"  crushes {low:.0f} code values at black and {high:.0f} at white, of 255",
        f"  steepest {told['steepest']:.2f} times, at code value {told['steepest_at']:.0f}"
        + (": an 8-bit source will band there" if told["steepest"] > 2 else ""),
        f"  middle gray {told['lift_mid_stops']:+.2f} stops; highlights up to {told['lift_high_stops']:+.2f} stops",
        f"  neutrals take on C* {told['tint']:.1f}, most at code value {told['tint_at']:.0f}",
        f"  {told['falls']} of 1024 tones fall where they should rise; {told['beyond_gamut']:.1%} of colors leave it",
        "  hue        ΔE00   turn     chroma",
    ]
    return lines + [
        f"  {each['hue']:<9} {each['delta_e']:5.1f}  {each['turn_deg']:+5.1f}°  x {each['chroma_ratio']:.2f}"
        for each in told["hues"]
    ]
