"""People before photographs: what the cutout makes of a model's guess, beside the models themselves and GrabCut.

    SAFELIGHT_MODELS=.venv/models python benchmarks/people_cutout.py [--pictures FOLDER]

Ten people photographed on white are cut out by their backdrop and laid, in linear light and with noise, on four
photographs each. Their alpha on white stands for the truth: it is this program's own, on the backdrops where it was
measured to be right within 0.003; it is no hand's work, and no hair was checked by anyone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from cutout import DATA, auc, decode_srgb, encode_srgb
from safelight.pixels.color.spaces import convert
from safelight.pixels.matte.edge_classes import classify_edges
from safelight.pixels.matte.guess import solve_guess
from safelight.pixels.matte.solve import solve_matte
from safelight.pixels.matte.survey import survey_matte
from safelight.steps.cutout.confidence import judge_guess
from safelight.steps.cutout.networks import guess_subject, second_opinion

_PIXELS = 1.2e6
_LIMIT = 0.015


def people() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, clean linear colors and alpha of each person on white."""
    folder = DATA / "portraits-hands"
    for path in sorted([*folder.glob("*_main.jpg"), *folder.glob("*_alt1.jpg")]):
        code = cv2.imread(str(path))[..., ::-1]
        scale = min(1.0, (_PIXELS / (code.shape[0] * code.shape[1])) ** 0.5)
        rgb = decode_srgb(cv2.resize(code, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        matte = solve_matte(rgb)
        yield path.stem, matte.colors.clean(rgb, matte.alpha, (0, 0, 1, 1)), matte.alpha


def behind(shape: tuple[int, int], number: int) -> Iterator[tuple[str, np.ndarray]]:
    """Four photographs that fill a frame: two with a product in them, two snapshots of clothes."""
    products, snapshots = DATA / "matting" / "products", sorted((DATA / "ecommerce" / "snapshots").glob("*.jpg"))
    for path in (products / "beanie-1_bg3.jpg", products / "cushion-blue_bg2.jpg", *snapshots[number::17][:2]):
        photo = decode_srgb(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]))
        scale = 1.001 * max(shape[0] / photo.shape[0], shape[1] / photo.shape[1])
        photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        yield path.stem, np.maximum(photo[: shape[0], : shape[1]], 0)


def cases() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, 8-bit sRGB picture and alpha."""
    for number, (name, colors, alpha) in enumerate(people()):
        for place, photo in behind(alpha.shape, number):
            light = alpha[..., None] * colors + (1 - alpha[..., None]) * photo
            noise = np.random.default_rng(number).standard_normal(light.shape, dtype=np.float32)
            light = light + noise * np.sqrt(2e-5 * np.maximum(light, 0) + 2e-7)
            yield f"{name} on {place}", encode_srgb(light), alpha


class Tensor:
    """A bare ONNX file of ../shared/data/models: its own input, its own answer, resized."""

    def __init__(self, file: str) -> None:
        import onnxruntime

        self._session = onnxruntime.InferenceSession(str(DATA / "models" / file), providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0]

    def share(self, code: np.ndarray) -> np.ndarray:
        shape = self._input.shape
        first = shape[1] == 3
        height, width = (shape[2], shape[3]) if first else (shape[1], shape[2])
        small = cv2.resize(code, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        tensor = (small - 107.3) * 0.017 if first else small / 255  # as SINet's and MediaPipe's own demos do
        found = self._session.run(None, {self._input.name: (tensor.transpose(2, 0, 1) if first else tensor)[None]})[0][
            0
        ]
        plane = found[-1] if first else found[..., -1]
        return np.clip(cv2.resize(plane.astype(np.float32), code.shape[1::-1], interpolation=cv2.INTER_CUBIC), 0, 1)


def grabcut_guided(code: np.ndarray, share: np.ndarray) -> np.ndarray:
    """GrabCut started from the model's share, its edge by a guided filter (He et al. 2010)."""
    marks = np.where(share > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[share > 0.99], marks[share < 0.01] = cv2.GC_FGD, cv2.GC_BGD
    cv2.grabCut(np.ascontiguousarray(code[..., ::-1]), marks, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, 1)
    mask = ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.float32)
    return np.clip(cv2.ximgproc.guidedFilter(code.astype(np.float32) / 255, mask, 6, 1e-4), 0, 1)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="write ours over gray, truth beside it, for looking")
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    landscape = Tensor("selfie_segmentation_landscape.onnx")
    errors: dict[str, list[float]] = {}
    rows, seconds = [], []
    for name, code, alpha in list(cases())[:: asked.every]:
        rgb = np.ascontiguousarray(convert(decode_srgb(code), "linear_srgb", "linear_rec2020"))
        begun = time.process_time()
        share, step = guess_subject(rgb, "person")
        matte, guess = solve_guess(rgb, share, step_px=step)
        body = second_opinion(rgb, share)
        seconds.append(time.process_time() - begun)
        mask = matte.alpha > 0.5
        beyond = None if body is None else float((mask & (body <= 0.5)).sum() / max(1, int(mask.sum())))
        sure, _ = judge_guess(survey_matte(matte), guess, classify_edges(rgb, matte).shares, "person", beyond)
        found = {
            "ours, from the model of people": matte.alpha,
            "that model (MediaPipe selfie), three looks": share,
            "the same, at one half": (share > 0.5).astype(np.float32),
            **({} if body is None else {"the model of bodies, the second opinion": body}),
            "MediaPipe selfie, landscape": landscape.share(code),
            "GrabCut from the model, guided filter": grabcut_guided(code, share),
        }
        for method, each in found.items():
            errors.setdefault(method, []).append(float(np.abs(each - alpha).mean()))
        rows.append((name, errors["ours, from the model of people"][-1], sure.value))
        if asked.pictures:
            _show(asked.pictures, name, code, matte.alpha, alpha)
    print("# People before photographs\n")
    print(__doc__.split("\n\n")[2].replace("\n", " ") + "\n")
    print(f"{len(rows)} pictures. Mean absolute difference of alpha; CPU s of ours: {np.mean(seconds):.1f} (1.2 MP).\n")
    print(f"| method | mean | median | worst | within {_LIMIT} |\n|---|---|---|---|---|")
    for method, each in errors.items():
        within = np.mean(np.array(each) <= _LIMIT)
        print(f"| {method} | {np.mean(each):.4f} | {np.median(each):.4f} | {max(each):.4f} | {within:.0%} |")
    error, sure_of = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    kept = error[np.argsort(-sure_of, kind="stable")[: len(rows) // 2]]
    print(f"\nConfidence against an error above {_LIMIT}: AUC {auc(sure_of, error > _LIMIT):.3f}. ", end="")
    print(f"Mean error of the surer half: {kept.mean():.4f} (worst {kept.max():.4f}).\n")
    print(f"| kept, the surest | mean error | worst | within {_LIMIT} |\n|---|---|---|---|")
    for part in (0.1, 0.25, 0.5, 0.75, 1.0):
        held = error[np.argsort(-sure_of, kind="stable")[: round(part * len(rows))]]
        print(f"| {part:.0%} | {held.mean():.4f} | {held.max():.4f} | {(held <= _LIMIT).mean():.0%} |")
    print()
    print("| picture | error | confidence |\n|---|---|---|")
    for name, each, value in rows:
        print(f"| {name} | {each:.4f} | {value:.2f} |")


def _show(folder: Path, name: str, code: np.ndarray, ours: np.ndarray, truth: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parts = [code, *(np.rint(code * a[..., None] + 119 * (1 - a[..., None])) for a in (ours, truth))]
    cv2.imwrite(str(folder / f"{name.replace(' ', '_')}.png"), np.hstack(parts).astype(np.uint8)[..., ::-1])


if __name__ == "__main__":
    main()
