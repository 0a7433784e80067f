"""Cut the subject out of its studio backdrop: propose a matte, paint it, clean its edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from safelight.core.edit import Artifact, Confidence, Reason
from safelight.core.image import Image
from safelight.core.params import Param, ParamSet, Value
from safelight.core.step import Group, Picture, Proposal, Stage, Step, Tools
from safelight.steps.cutout.confidence import judge_guess, judge_matte

if TYPE_CHECKING:
    from safelight.pixels.matte.foreground import EdgeColors
    from safelight.pixels.matte.solve import Matte

# Rows of the model registry that may be asked; weights for non-commercial use alone are not among them.
NETWORKS = ("person", "u2netp", "u2net", "isnet_general", "birefnet_general", "modnet")

PARAMS = ParamSet(
    "cutout",
    Param("feather", 0.0, "extra softness of the edge, standard deviation", "px", 0, 20, resolution=0.1),
    Param("edge_shift", 0.0, "move the edge: below 0 into the subject, above 0 outward", "px", -20, 20, resolution=0.1),
    Param(
        "backdrop",
        "auto",
        "auto holds what is no even backdrop at confidence 0.05; even leaves such a picture whole; "
        "any gives the best guess its own confidence",
        choices=("auto", "even", "any"),
    ),
    Param(
        "finder",
        "auto",
        "what tells the subject: backdrop, the even paper behind it; a model by its name in the registry; auto asks "
        "the backdrop first, and the model of people where that is in doubt and a face is seen",
        choices=("auto", "backdrop", *NETWORKS),
    ),
    Param("keep_shadow", default=False, meaning="keep the cast shadow as see-through black"),
    Param("holes", default=True, meaning="cut out openings such as handles and loops"),
)

# Below it, nine reviewers of ten and more would start anew.
LEAST_TO_CUT = 0.08
# Below it a model of people is asked too, where there is a face.
LEAST_BY_BACKDROP = 0.3
LARGEST_WORK_PX = 1_500_000


def propose(picture: Picture, group: Group | None, wanted: Mapping[str, Value], tools: Tools) -> Proposal:
    """Work out the matte of a picture.

    The whole frame is read at work size; alpha is worked out again at full size along the contour only.
    Artifacts: ``matte`` (16-bit gray PNG, full size, linear coverage, straight) and ``foreground`` (edge colors at work
    size, see `paint_foreground`), and ``edges`` (class of each contour
    pixel at half of work size, see `EdgeMap`). A picture that is already cut out keeps its own alpha.
    """
    from safelight.pixels.matte.matte_png import encode_matte, pack_png

    params = PARAMS.accept(wanted, fill=True)
    if _is_cut_out(tools.full()):
        return _keep_own_alpha(params, tools)
    found = _found(_at_work_size(picture.image), params, picture)
    confidence, reasons, told = found.confidence, found.reasons, found.told
    if params["backdrop"] == "even" and confidence.value <= LEAST_TO_CUT:
        return Proposal(params, confidence, (_left_whole(confidence), *reasons), {}, told)
    full = picture.image if picture.reduction <= 1 else tools.full()
    alpha, colors = _at_full_size(found.matte, full, params)
    edge: EdgeColors = colors
    artifacts: dict[str, Artifact] = {"matte": tools.put("matte", encode_matte(alpha), "image/png")}
    artifacts["foreground"] = tools.put("foreground", edge.to_png(), "image/png")
    artifacts["edges"] = tools.put("mask", pack_png(found.edge_classes), "image/png")
    return Proposal(params, confidence, reasons, artifacts, told)


class _Found(NamedTuple):
    """A matte at work size, and what is thought of it."""

    matte: Matte
    edge_classes: NDArray[np.uint8]
    confidence: Confidence
    reasons: tuple[Reason, ...]
    told: dict[str, Any]


def _found(work: NDArray[np.float32], params: Mapping[str, Value], picture: Picture) -> _Found:
    """Find the subject by its backdrop, or by a model where one is asked for."""
    finder = str(params["finder"])
    if finder in NETWORKS:
        return _by_model(work, finder) or _without_guess(_by_backdrop(work, params), finder)
    by_backdrop = _by_backdrop(work, params)
    if finder == "backdrop" or by_backdrop.confidence.value >= LEAST_BY_BACKDROP or not _shows_a_face(picture):
        return by_backdrop
    from safelight.models.sessions import missing_for

    lacking = missing_for(("person",))
    if lacking:
        reason = Reason("no_model_of_people", f"a person before no even backdrop: {lacking}", doubt=True)
        return by_backdrop._replace(reasons=(reason, *by_backdrop.reasons))
    by_model = _by_model(work, "person") or _without_guess(by_backdrop, "person")
    return max(by_model, by_backdrop, key=lambda each: each.confidence.value)


def _without_guess(by_backdrop: _Found, name: str) -> _Found:
    """Say that the model saw no subject, or nothing else; what the backdrop tells stands instead."""
    text = f"the model {name} sees no subject here, or nothing but it: the backdrop was asked instead"
    reason = Reason("model_sees_nothing", text, doubt=True)
    confidence = Confidence(min(by_backdrop.confidence.value, 0.05))
    return by_backdrop._replace(confidence=confidence, reasons=(reason, *by_backdrop.reasons))


def _by_backdrop(work: NDArray[np.float32], params: Mapping[str, Value]) -> _Found:
    """The studio's way."""
    from safelight.pixels.matte.edge_classes import classify_edges
    from safelight.pixels.matte.solve import solve_matte
    from safelight.pixels.matte.survey import survey_matte

    matte = solve_matte(work, holes=bool(params["holes"]))
    facts, edges = survey_matte(matte), classify_edges(work, matte)
    confidence, reasons = judge_matte(facts, edges.shares)
    is_even = facts.border_share + facts.frame_share >= 0.5 and facts.misfit <= 2.5
    if params["backdrop"] != "any" and not is_even:
        confidence = Confidence(min(confidence.value, 0.05))
    told = asdict(facts) | edges.to_facts() | {"touches_frame": facts.sides_touched > 0, "finder": "backdrop"}
    return _Found(matte, edges.classes, confidence, reasons, told)


def _by_model(work: NDArray[np.float32], name: str) -> _Found | None:
    """Any background: a model guesses, colors and the matting equation work out the edge; None if it sees nothing."""
    from safelight.pixels.matte.edge_classes import classify_edges
    from safelight.pixels.matte.guess import sees_subject, solve_guess
    from safelight.pixels.matte.survey import survey_matte
    from safelight.steps.cutout.networks import guess_subject

    share, step_px = guess_subject(work, name)
    if not sees_subject(share):
        return None
    matte, guess = solve_guess(work, share, step_px=step_px)
    facts, edges = survey_matte(matte), classify_edges(work, matte)
    beyond = _beyond_body(work, share, matte) if name == "person" else None
    confidence, reasons = judge_guess(facts, guess, edges.shares, name, beyond)
    told = asdict(facts) | edges.to_facts() | asdict(guess) | ({} if beyond is None else {"beyond_body": beyond})
    return _Found(
        matte, edges.classes, confidence, reasons, told | {"touches_frame": facts.sides_touched > 0, "finder": name}
    )


def _beyond_body(work: NDArray[np.float32], share: NDArray[np.float32], matte: Matte) -> float | None:
    """Of a person's cut-out, what a second model does not see as body; None where that model is not there."""
    from safelight.steps.cutout.networks import second_opinion

    body = second_opinion(work, share)
    mask = matte.alpha > 0.5
    return None if body is None else float((mask & (body <= 0.5)).sum() / max(1, int(mask.sum())))


def _shows_a_face(picture: Picture) -> bool:
    """Whether faces were found on the capture, where they were looked for."""
    return bool(picture.facts.get("people", {}).get("face_count", 0))


def _at_work_size(image: Image) -> NDArray[np.float32]:
    """The picture at 1.5 MP at most: a larger one costs time and shows no more of backdrop and subject."""
    rgb = np.ascontiguousarray(image.pixels[..., :3], np.float32)
    scale = (LARGEST_WORK_PX / (rgb.shape[0] * rgb.shape[1])) ** 0.5
    if scale >= 1:
        return rgb
    import cv2

    size = (max(16, round(rgb.shape[1] * scale)), max(16, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)


def _left_whole(confidence: Confidence) -> Reason:
    """Say that nothing was cut: a torn cut-out costs more to mend than to make."""
    text = (
        f"left whole: a cut-out would be right with {confidence.value:.0%} only; cut it by hand, or set backdrop to any"
    )
    return Reason("left_whole", text, {"confidence": confidence.value}, doubt=True)


def _at_full_size(matte: Matte, full: Image, params: Mapping[str, Value]) -> tuple[NDArray[np.uint16], Any]:
    """The matte over the whole original, and the edge colors that go with it."""
    from safelight.pixels.matte.alpha import shift_and_feather
    from safelight.pixels.matte.refine import refine_matte
    from safelight.pixels.matte.shadow_layer import add_shadow

    if params["keep_shadow"]:
        return add_shadow(matte, refine_matte(matte, full.pixels, full.space))
    alpha = refine_matte(matte, full.pixels, full.space)
    shift, feather = (float(str(params[name])) for name in ("edge_shift", "feather"))
    if shift or feather:
        covered = np.asarray(alpha / np.float32(65535), np.float32)
        moved = shift_and_feather(covered, shift_px=shift, feather_px=feather)
        alpha = np.rint(moved * 65535).astype(np.uint16)
    return alpha, matte.colors.within(matte.trimap.unknown)


def _is_cut_out(image: Image) -> bool:
    """Whether at least 1 % of a picture is see-through."""
    if image.alpha == "none":
        return False
    top = {"uint8": 255.0, "uint16": 65535.0}.get(image.pixels.dtype.name, 1.0)
    return bool((image.pixels[..., 3] < 0.5 * top).mean() > 0.01)


def _keep_own_alpha(params: Mapping[str, Value], tools: Tools) -> Proposal:
    from safelight.pixels.matte.matte_png import encode_matte

    own = tools.full().pixels
    top = {"uint8": 255.0, "uint16": 65535.0}.get(own.dtype.name, 1.0)
    alpha = np.rint(np.clip(own[..., 3].astype(np.float32) / top, 0, 1) * 65535).astype(np.uint16)
    share = float((alpha > 32767).mean())
    text = f"the file is already cut out: {100 * (1 - share):.0f} % of it is see-through; its own alpha is kept"
    reason = Reason("already_cut_out", text, {"area_share": share}, doubt=True)
    artifacts = {"matte": tools.put("matte", encode_matte(alpha), "image/png")}
    return Proposal(params, Confidence(0.8), (reason,), artifacts, {"area_share": share})


@dataclass(frozen=True)
class PaintedMatte:
    """What the renderer reads: alpha, and the subject's own color in pixels that it shares with the backdrop.

    `alpha` is (H, W) uint16, linear coverage, 65535 = 1, straight, over the whole upright original.
    """

    alpha: NDArray[np.uint16]
    edge_png: bytes = b""

    @cached_property
    def edge(self) -> EdgeColors:
        """Return the edge colors, decoded when they are first asked for."""
        from safelight.pixels.matte.foreground import EdgeColors

        return EdgeColors.from_png(self.edge_png)

    def foreground(
        self,
        rgb: NDArray[np.float32],
        alpha: NDArray[np.float32],
        rows: NDArray[np.float32],
        columns: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Take the backdrop's light out of scattered pixels along the edge, before any color step.

        Parameters
        ----------
        rgb : (N, 3) float32, linear Rec.2020
            The original's pixels.
        alpha : (N,) float32, 0..1, straight
        rows, columns : (N,) float32
            Where they lie, 0..1 of the upright original's height and width.

        Returns
        -------
        (N, 3) float32, linear Rec.2020, straight
            `rgb` where the edge colors do not reach.
        """
        return self.edge.clean_at(rgb, alpha, rows, columns) if self.edge_png else rgb


def paint(artifacts: Mapping[str, bytes]) -> PaintedMatte:
    """Return the matte with the colors of its edge."""
    from safelight.pixels.matte.matte_png import decode_matte

    return PaintedMatte(decode_matte(artifacts["matte"]), artifacts.get("foreground", b""))


step = Step(
    name="cutout",
    # 2: shadows along the foot, classes of edges; 3: a finder, which was the backdrop before; 4: a second opinion;
    # 5: outlines settled on their edge; 6: a given band is solved at once; 7: off the ground
    version=8,  # 8: the band before any background is solved to the end, in parts
    upgrades={1: dict, 2: lambda before: {**before, "finder": "backdrop"}, 3: dict, 4: dict, 5: dict, 6: dict, 7: dict},
    stage=Stage.COMPOSITE,
    kind="matte",
    scale="full",
    reads="original",
    params=PARAMS,
    purpose="Separate the subject from a studio backdrop, shadows left behind.",
    automation="The matte is proposed whole; a person can move and soften its edge, keep the shadow, or paint another.",
    task="background_removal",
    propose=propose,
    paint=paint,
)
