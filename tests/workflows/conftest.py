"""Declarations for guides and workflows to be held against, and files to read them from."""

from __future__ import annotations

import pytest

from safelight.core.check import Check, Findings, MeasureSpec
from safelight.core.params import Param, ParamSet
from safelight.core.step import Proposal, Stage, Step
from safelight.errors import UnknownNameError
from safelight.workflows.guide_file import load_guide

CHANNELS = ("amazon-main", "google-merchant", "walmart")


def declare_step(name, stage, kind, *params):
    return Step(
        name=name, version=1, stage=stage, kind=kind, scale="free", reads="original",
        params=ParamSet(name, *params), purpose="", automation="", task=name,
        propose=lambda picture, group, wanted, tools: Proposal(dict(wanted), None),
    )  # fmt: skip


STEPS = {
    each.name: each
    for each in (
        declare_step("focus", Stage.FACTS, "facts"),
        declare_step("metering", Stage.FACTS, "facts"),
        declare_step("similarity", Stage.FACTS, "facts"),
        declare_step("framing", Stage.FACTS, "facts"),
        declare_step("slate", Stage.FACTS, "facts"),
        declare_step("people", Stage.FACTS, "facts"),
        declare_step("chart", Stage.FACTS, "facts"),
        declare_step("vignetting", Stage.SENSOR, "raster"),
        declare_step("denoise", Stage.SENSOR, "raster", Param("luminance", 0.8, "how much")),
        declare_step("dust", Stage.REPAIR, "repair", Param("surface", "off", "where", choices=("off", "backdrop"))),
        declare_step("heal", Stage.REPAIR, "repair", Param("spots", (), "places")),
        declare_step("clone", Stage.REPAIR, "repair", Param("spots", (), "places")),
        declare_step("remove_object", Stage.REPAIR, "repair", Param("click", (), "place")),
        declare_step("fabric", Stage.REPAIR, "repair", Param("cloth", (), "boxes")),
        declare_step("skin", Stage.REPAIR, "repair", Param("tone", 0.0, "how much")),
        declare_step("lens", Stage.GEOMETRY, "geometry"),
        declare_step("color_matrix", Stage.CORRECTION, "color"),
        declare_step("develop", Stage.VIEW, "color"),
        declare_step("white_balance", Stage.CORRECTION, "color", Param("red", 0.0, "gain", "stops", -2.0, 2.0)),
        declare_step("exposure", Stage.CORRECTION, "color", Param("stops", 0.0, "light", "stops", -5.0, 5.0)),
        declare_step("grade", Stage.GRADE, "color", Param("saturation", 1.0, "color's strength", "", 0.0, 2.0)),
        declare_step("grain", Stage.GRADE, "raster", Param("strength", 0.0, "of the grain", "", 0.0, 1.0)),
        declare_step("look", Stage.GRADE, "color", Param("lut", "", "the look's file")),
        declare_step(
            "cutout",
            Stage.GEOMETRY,
            "matte",
            Param("feather", 1.5, "softness of the edge", "px", 0, 20),
            Param("backdrop", "auto", "what stands behind", choices=("auto", "even", "any")),
        ),
        declare_step(
            "crop_to_spec", Stage.GEOMETRY, "geometry",
            Param("fill", 0.85, "share", "", 0.1, 1.0), Param("aspect", "1:1", "shape"),
        ),
        declare_step("shadow", Stage.COMPOSITE, "shadow", Param("kind", "none", "none", choices=("none", "drop"))),
        declare_step("background", Stage.COMPOSITE, "composite", Param("color", "#ffffff", "color", widget="color")),
        declare_step("sharpen_output", Stage.SHARPEN, "raster", Param("amount", 0.5, "how much", "", 0.0, 2.0)),
    )
}  # fmt: skip
CHECKS = {
    name: Check(
        name, 1, "", (MeasureSpec(measure, "levels", "", "at_most", 2.0, 3.0),), lambda subject: Findings(())
    )
    for name, measure in {
        "sharpness": "acutance", "clipping": "clipped", "halo": "rim", "background_white": "tint",
        "margins": "margin", "color_profile": "profile", "file_spec": "bytes",
        "color_difference": "delta_e", "look_kept": "typical", "color_drift": "neutrals_drift", "mixed_light": "drift",
        "frayed_edge": "frayed", "uneven_mask": "uneven", "residue": "residue",
        "holes": "closed", "shadow_consistency": "strength", "outside_mask": "largest", "over_smoothing": "other_kept",
        "clone_marks": "copied", "warp": "moved", "speculars": "edges_kept",
    }.items()
}  # fmt: skip


def find_step(name):
    if name not in STEPS:
        raise UnknownNameError(f"no step called {name!r}; installed: {', '.join(sorted(STEPS))}")
    return STEPS[name]


def find_check(name):
    if name not in CHECKS:
        raise UnknownNameError(f"no check called {name!r}; installed: {', '.join(sorted(CHECKS))}")
    return CHECKS[name]


@pytest.fixture
def guide_of(tmp_path):
    """Write a guide's text to a file and load it."""

    def load(text, name="acme"):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return load_guide(str(path), channels=CHANNELS, find_step=find_step, find_check=find_check)

    return load


@pytest.fixture
def house():
    """The built-in guide, held against the declarations above."""
    return load_guide("house", channels=CHANNELS, find_step=find_step, find_check=find_check)
