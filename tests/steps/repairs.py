"""Pictures with things to take away, and steps proposed and painted on them as a run does."""

from __future__ import annotations

import cv2
import numpy as np

from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.image import Image
from safelight.core.step import Picture
from safelight.pixels.repair.record import outside_hash, said_outside, unpack_repairs
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.runs.bench import LentTools
from safelight.runs.single import MemoryBlobs

HAND_AT = {"people": {"hands": [{"score": 0.9, "box": [0.45, 0.45, 0.55, 0.55]}], "faces": []}}


def backdrop(height=600, width=900, *, seed=0, noise=1.4):
    """A shaded studio backdrop with grain, (H, W, 3) float32, sRGB code values 0..255."""
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[0:height, 0:width].astype(np.float32)
    gray = 226 - 18 * rows / height - 8 * ((cols - width / 2) / width) ** 2
    return gray[..., None] * np.array([1, 0.995, 0.985], np.float32) + noise * rng.normal(size=(height, width, 3))


def codes(picture, dtype=np.uint8):
    top = np.iinfo(dtype).max
    return np.rint(np.clip(picture / 255, 0, 1) * top).astype(dtype)


def with_object(picture, at=(450, 300), axes=(70, 60), color=(160, 30, 40), shadow=0.0):
    """An ellipse on the backdrop, with a shadow to its right if `shadow` (share of light taken) says so."""
    out = np.array(picture, np.float32)
    if shadow:
        dark = np.zeros(out.shape[:2], np.float32)
        cv2.ellipse(dark, (at[0] + axes[0], at[1] + axes[1] // 2), (axes[0], axes[1] // 2), 0, 0, 360, 1.0, -1)
        out *= 1 - shadow * cv2.GaussianBlur(dark, (0, 0), 12)[..., None]
    cover = np.zeros(out.shape[:2], np.float32)
    cv2.ellipse(cover, at, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.8)[..., None]
    return out * (1 - cover) + np.array(color, np.float32) * cover


class Done:
    """One step on one picture: what was proposed, the painted pixels, and the repairs that the edit carries."""

    def __init__(self, name, pixels, space="srgb", facts=None, **wanted):
        self.image = Image(np.ascontiguousarray(pixels), space)
        self.tools = LentTools(MemoryBlobs(), lambda: self.image, {})
        self.step = step_named(name)
        small = Image(np.zeros((8, 12, 3), np.float32), "linear_rec2020")
        picture = Picture(small, self.image.size, facts=facts or {})
        self.proposal = self.step.propose(picture, None, self.step.params.accept(wanted), self.tools)
        by = Actor("step", name, "1")
        done = EditStep(name, self.step.version, self.proposal.params, by, self.proposal.artifacts)
        self.edit = Edit("ab" * 32).with_step(done)
        self.kept = self.tools.get(self.proposal.artifacts["repairs"]) if "repairs" in self.proposal.artifacts else b""
        self.mends = unpack_repairs(self.kept) if self.kept else ()

    def paint(self, **more):
        """The pixels in the original's space and depth."""
        how = {"dtype": self.image.pixels.dtype.type, "to_space": self.image.space, "scene_referred": False} | more
        return render(self.image, self.edit, step_named, self.tools, **how).image.pixels

    def codes(self):
        return {each.code for each in self.proposal.reasons}

    def holds_outside(self, painted):
        """Whether nothing changed outside the masks: by the hash that the edit carries."""
        return outside_hash(painted, self.mends) == said_outside(self.kept)
