"""Blocks are painted in memory that the process keeps."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PASSES = 4
PAINT = f"""
import resource
import numpy as np
from safelight.pixels.color import fused
from safelight.pixels.color.grade import Grade, grade_transform
from safelight.pixels.color.look import lut_look
from safelight.pixels.color.lut import read_lut
from safelight.plugins import step_named

develop = step_named("develop")
view = develop.paint(develop.params.accept({{"baseline_stops": 1.0}}, fill=True), None, None)
axis = np.linspace(0, 1, 17)
rows = "\\n".join(f"{{r}} {{g**1.1}} {{b}}" for b in axis for g in axis for r in axis)
look = lut_look(read_lut(f"LUT_3D_SIZE 17\\n{{rows}}\\n".encode(), "look.cube"), "srgb", "srgb")
chain = [view, grade_transform(Grade(contrast=0.2, saturation=1.2)), look]
light = np.random.default_rng(1).random((266, 6000, 3), np.float32)
made = fused.Pass("linear_rec2020", chain, "srgb", light.dtype, np.float32, exact=False)
out = made.paint(light, threads=2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({PASSES}):
    made.paint(light, out, threads=2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other C library gives freed blocks back so eagerly")
def test_painting_again_asks_the_system_for_no_memory():
    told = subprocess.run([sys.executable, "-c", PAINT], capture_output=True, text=True, check=True)
    pages_of_the_picture = 266 * 6000 * 3 * 4 // 4096
    assert int(told.stdout) < PASSES * pages_of_the_picture  # 4.7 times as many where every block is given back
