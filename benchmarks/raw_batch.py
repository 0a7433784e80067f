"""Develop many RAW files in one process, reading the next while one is painted: what the batch of raw.py times.

python benchmarks/raw_batch.py OUT FILE FILE ...
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from safelight.core.edit import Edit
from safelight.core.step import Picture
from safelight.media.encode import encode
from safelight.media.sandbox import Decoder
from safelight.plugins import step_named
from safelight.render.renderer import render
from safelight.render.views import work_image
from safelight.runs.assemble import from_result, to_result


def develop(decoded, target: Path, threads: int) -> None:
    """Propose the view, paint it at full size and write a JPEG of quality 95, as `safelight apply develop` does."""
    step = step_named("develop")
    picture = Picture(work_image(decoded.image, 1600), decoded.full_size, decoded.scene_referred, decoded.probe.capture)
    edit = Edit(decoded.sha256).with_step(from_result(to_result(step, step.propose(picture, None, {}, None), "")))
    how = {"scene_referred": True, "to_space": "srgb", "dtype": np.uint8, "threads": threads}
    target.write_bytes(encode(render(decoded.image, edit, step_named, None, **how).image, "jpeg", quality=95))


def main() -> None:
    """Read, develop, write."""
    out, files = Path(sys.argv[1]), sys.argv[2:]
    threads = os.cpu_count() or 1
    out.mkdir(parents=True, exist_ok=True)
    with Decoder(threads=threads) as decoder, ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(decoder.decode, files[0])
        for n in range(len(files)):
            decoded = waiting.result()
            if n + 1 < len(files):
                waiting = ahead.submit(decoder.decode, files[n + 1])
            develop(decoded, out / f"{n:02}.jpg", threads)


if __name__ == "__main__":
    main()
