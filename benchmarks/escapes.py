"""Does the bound on escapes hold, is a shift noticed, and which curve makes a confidence true?

python benchmarks/escapes.py [--shoot ../shared/data/shoot-a] > benchmarks/results/escapes.md
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, fisher_exact

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pictures import CACHE
from safelight.routing.calibration import calibration_error, fit, fit_beta, fit_isotonic
from safelight.routing.escapes import (
    DRIFT_P,
    NEVER,
    Audited,
    clopper_pearson,
    drift_p,
    escape_bound,
    labels_to_clear,
    look_share,
    stand,
    threshold_for,
)

LEVEL = 0.01
LANE = 0.9
Floats = NDArray[np.float64]
World = Callable[[np.random.Generator, int], tuple[Floats, Floats]]  # claims, and how likely each is bad
GUIDE = """
client = "Bench"
[delivery]
channels = ["google-merchant"]
names = "{original}.{ext}"
[category.apparel]
lane = { name = "catalog", kind = "catalog", route = "spot_check", confidence = 0.5 }
acceptance = ["The garment is whole and sharp on white."]
"""


def honest(rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
    """Claims that are true: bad with one minus the claim."""
    claims = rng.beta(12, 1, number)
    return claims, 1 - claims


def boastful(rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
    """Claims that promise too much: 0.99 is bad in 5 of 100."""
    claims = rng.beta(20, 1, number)
    return claims, 1 - claims**5


def blind(rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
    """Claims that know nothing: 4 of 100 are bad, whatever is claimed."""
    return rng.beta(12, 1, number), np.full(number, 0.04)


def easy(rng: np.random.Generator, number: int) -> tuple[Floats, Floats]:
    """A category in which 3 of 1,000 are bad, whatever is claimed."""
    return rng.beta(12, 1, number), np.full(number, 0.003)


WORLDS: Sequence[World] = (honest, boastful, blind, easy)


def labels_of(claims: NDArray[np.float64], bad: NDArray[np.bool_], share: float) -> list[Audited]:
    """Return labels of an audit that drew with probability `share`."""
    return [Audited(float(c), bool(b), share) for c, b in zip(claims, bad, strict=True)]


def bound_held(draws: int, seed: int) -> str:
    """Draw audits, choose the threshold by them, and count the escapes among files that the audit never saw."""
    rows = [
        f"### The bound at {LEVEL:.0%}, {draws:,} draws of each\n",
        "The threshold is the smallest whose bound lies at the level; escapes are expected among 200,000 other files "
        "of the same world. Conformal risk control promises the mean; the other columns show what single draws do.\n",
        "| world | labels | mean escapes ÷ all files, its error | 95 % of draws at most | draws above the level "
        "| files spared |",
        "|---|---|---|---|---|---|",
    ]
    for world in WORLDS:
        for number in (99, 300, 1000):
            rng = np.random.default_rng(seed)
            fresh, truth = world(rng, 200_000)
            order = np.argsort(fresh)
            fresh, left = fresh[order], np.append(np.cumsum(truth[order][::-1])[::-1], 0.0) / len(fresh)
            at = np.empty(draws)
            for n in range(draws):
                claims, risk = world(rng, number)
                at[n] = threshold_for(labels_of(claims, rng.uniform(size=number) < risk, 0.1), LEVEL)
            first = np.searchsorted(fresh, at)  # of those that are spared; none at a threshold that spares nobody
            told, spared = left[first], 1 - first / len(fresh)
            error = float(told.std() / np.sqrt(draws))  # of the mean
            held = "**" if told.mean() - 2 * error <= LEVEL else ""
            rows.append(
                f"| {world.__name__} | {number} | {held}{told.mean():.3%}{held} ± {error:.3%} "
                f"| {np.quantile(told, 0.95):.3%} "
                f"| {(told > LEVEL).mean():.1%} | {np.mean(spared):.1%} |"
            )
    return "\n".join(rows)


def spot_checks(draws: int, seed: int) -> str:
    """Draw audits, choose by them how many spared files are looked at, and count the bad ones that leave unseen."""
    rows = [
        f"### Spot checks at {LEVEL:.0%}, {draws:,} draws of each\n",
        "A lane asks 0.9. Of the files at or above it the share 1 - level ÷ bound is looked at, drawn by id; escapes "
        "are expected among the others of 200,000 files of the same world, over all of them. The last column is what "
        "leaves unseen of what the lane spares.\n",
        "| world | labels | mean escapes ÷ all files, its error | 95 % of draws at most | spared files unseen |",
        "|---|---|---|---|---|",
    ]
    for world in WORLDS:
        for number in (0, 20, 50, 98, 300, 1000):
            rng = np.random.default_rng(seed)
            fresh, truth = world(rng, 200_000)
            at_stake = float(truth[fresh >= LANE].sum()) / len(fresh)
            unseen = np.empty(draws)
            for n in range(draws):
                claims, risk = world(rng, number)
                labels = labels_of(claims, rng.uniform(size=number) < risk, 0.1)
                unseen[n] = 1.0 - look_share(escape_bound(labels, LANE), LEVEL)
            told = unseen * at_stake
            error = float(told.std() / np.sqrt(draws))
            held = "**" if told.mean() - 2 * error <= LEVEL else ""
            rows.append(
                f"| {world.__name__} | {number} | {held}{told.mean():.3%}{held} ± {error:.3%} "
                f"| {np.quantile(told, 0.95):.3%} | {unseen.mean():.1%} |"
            )
    return "\n".join(rows)


def e_process(outcomes: Sequence[bool], level: float) -> bool:
    """Say whether a restarted betting process against `level` has passed 1/p: the second of the three tests."""
    wealth = 1.0
    for bad in outcomes:
        bet = sum((q / level if bad else (1 - q) / (1 - level)) for q in (0.03, 0.08, 0.2, 0.5)) / 4
        wealth = max(1.0, wealth) * bet
        if wealth > 1 / DRIFT_P:
            return True
    return False


def fisher(outcomes: Sequence[bool], level: float) -> bool:
    """Say whether the latest 50 are worse than all before them (Fisher's exact test): the third, used from 150 on."""
    late, early = outcomes[-50:], outcomes[:-50]
    if len(late) < 50 or not early:
        return False
    table = [[sum(late), len(late) - sum(late)], [sum(early), len(early) - sum(early)]]
    return bool(fisher_exact(table, alternative="greater").pvalue < DRIFT_P)


def windows(outcomes: Sequence[bool], level: float) -> bool:
    """Say whether any of the latest windows is too bad for the level: the first, used while there are few labels."""
    return drift_p(outcomes[-140:], level) < DRIFT_P


def drift(streams: int, seed: int) -> str:
    """Count labels until a shifted stream is withdrawn, and false alarms of one that is not shifted."""
    tests: Sequence[Callable[[Sequence[bool], float], bool]] = (windows, e_process, fisher)
    rows = [
        f"### A shift of the stream, {streams} streams of each\n",
        "300 good labels at 2 bad in 1,000, then the shift. `auto` is withdrawn when the bound passes the level or the "
        "drift test speaks. The last two columns: unshifted streams of 400 labels in which the test alone spoke.\n",
        "| test | to 10 % bad: median | within 50 | to 20 %: median | within 50 | to 40 %: median | within 50 "
        "| false alarms at 0.2 % | at 1 % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for test in tests:
        cells = []
        for share in (0.10, 0.20, 0.40):
            rng = np.random.default_rng(seed)
            found = [withdrawn_after(rng, share, test) for _ in range(streams)]
            within = float(np.mean([each <= 50 for each in found]))
            error = (within * (1 - within) / streams) ** 0.5
            cells += [f"{np.median(found):.0f}", f"{within:.1%} ± {error:.1%}"]
        for share in (0.002, 0.01):
            rng = np.random.default_rng(seed + 1)
            cells.append(f"{np.mean([false_alarm(rng, share, test) for _ in range(streams)]):.1%}")
        rows.append(f"| {test.__name__} | {' | '.join(cells)} |")
    one = [float(binom.cdf(1, 50, share)) for share in (0.10, 0.20, 0.40)]
    rows.append(
        "\nWhat no test could notice: of streams shifted to 10, 20 and 40 % bad, "
        f"{one[0]:.1%}, {one[1]:.3%} and {one[2]:.1e} show at most one bad label among their first 50, as a stream "
        f"within the level does in {binom.cdf(1, 50, LEVEL):.0%}."
    )
    return "\n".join(rows)


def withdrawn_after(rng: np.random.Generator, share: float, test: Callable[[Sequence[bool], float], bool]) -> int:
    """Return how many labels after the shift `auto` was withdrawn."""
    seen = (rng.uniform(size=300) < 0.002).tolist()
    for count in range(1, 301):
        seen.append(bool(rng.uniform() < share))
        bad = sum(seen)
        if (bad + 1) / (len(seen) + 1) > LEVEL or (seen[-1] and test(seen, LEVEL)):
            return count
    return 301


def false_alarm(rng: np.random.Generator, share: float, test: Callable[[Sequence[bool], float], bool]) -> bool:
    """Say whether a test speaks in 400 labels that are not shifted."""
    seen: list[bool] = []
    for _ in range(400):
        seen.append(bool(rng.uniform() < share))
        if seen[-1] and test(seen, LEVEL):
            return True
    return False


def product(streams: int, seed: int) -> str:
    """Count labels until what the product does withdraws a shifted stream, by how many good labels clear an escape."""
    rows = [
        f"### What the product does with a shift, {streams} streams of each\n",
        "As above, by the rule of `stand`: the bound, the drift test, and an escape that closes the stratum until so "
        "many labels are good. Of the streams that were open when they shifted: how many were closed within 50 labels; "
        "how much of the first 50 labels auto stood open. The last columns: of 1,700 labels of unshifted streams, how "
        "much it is closed.\n",
        "| good labels that clear | to 10 % bad: median | within 50 | open of the first 50 | to 20 %: within 50 | open "
        "| closed at 0.05 % bad | at 0.2 % | at 0.5 % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    _require_alike(np.random.default_rng(seed))
    for clear in (0, 10, 20, 44):
        cells = []
        for share in (0.10, 0.20):
            rng = np.random.default_rng(seed)
            told = [each for each in (_shifted(rng, share, clear) for _ in range(streams)) if each is not None]
            first = np.array([each[0] for each in told])
            within = float(np.mean(first <= 50))
            error = (within * (1 - within) / len(told)) ** 0.5
            cells += [f"{np.median(first):.0f}"] if share == 0.10 else []
            cells += [f"{within:.2%} ± {error:.2%}", f"{np.mean([each[1] for each in told]):.0%}"]
        for share in (0.0005, 0.002, 0.005):
            rng = np.random.default_rng(seed + 1)
            cells.append(f"{np.mean([_closed(rng, share, clear) for _ in range(max(20, streams // 20))]):.1%}")
        taken = "**" if clear == labels_to_clear(LEVEL) else ""
        rows.append(f"| {taken}{clear}{taken} | {' | '.join(cells)} |")
    none = float(binom.pmf(0, 50, 0.10))
    rows.append(f"\nOf streams shifted to 10 % bad {none:.2%} show no bad label at all among their first 50.")
    return "\n".join(rows)


class _Stratum:
    """The product's rule a label at a time: the same as `stand`, without reading all labels again."""

    def __init__(self, clear: int) -> None:
        self.clear, self.kept, self.good_since, self.bad = clear, [], clear, 0

    def add(self, *, bad: bool) -> bool:
        """Take a label; say whether auto is open after it."""
        self.kept.append(bad)
        self.bad += bad
        self.good_since = 0 if bad else self.good_since + 1
        if bad and drift_p(self.kept, LEVEL) < DRIFT_P:
            self.kept, self.bad = [], 0
        bounded = len(self.kept) >= 99 and (self.bad + 1) / (len(self.kept) + 1) <= LEVEL + 1e-12
        return bounded and (self.good_since >= self.clear or not self.bad)


def _require_alike(rng: np.random.Generator) -> None:
    """Hold the rule that is counted here against the product's own."""
    stratum, labels = _Stratum(labels_to_clear(LEVEL)), []
    for bad in rng.uniform(size=600) < np.where(np.arange(600) < 400, 0.005, 0.05):
        labels.append(Audited(0.9, bad=bool(bad)))
        if stratum.add(bad=bool(bad)) != stand(labels, 0.5, LEVEL).allows_auto:
            raise SystemExit(f"after {len(labels)} labels the benchmark's rule is not the product's")


def _shifted(rng: np.random.Generator, share: float, clear: int) -> tuple[int, float] | None:
    stratum, is_open = _Stratum(clear), False
    for bad in rng.uniform(size=300) < 0.002:
        is_open = stratum.add(bad=bool(bad))
    after = [stratum.add(bad=bool(bad)) for bad in rng.uniform(size=300) < share]
    if not is_open:
        return None
    return next((n for n, each in enumerate(after, start=1) if not each), 301), float(np.mean(after[:50]))


def _closed(rng: np.random.Generator, share: float, clear: int) -> float:
    stratum = _Stratum(clear)
    opened = [stratum.add(bad=bool(bad)) for bad in rng.uniform(size=2000) < share]
    return 1.0 - float(np.mean(opened[300:]))


def curves(draws: int, seed: int) -> str:
    """Hold the ways to calibrate against each other by how far told and true shares lie apart."""
    rows = [
        f"### Which curve, {draws} draws of each\n",
        "Claims whose truth is their square, claims that know nothing, and claims that hide two kinds of pictures (0.6 "
        "below 0.8, 0.97 above); expected calibration error and Brier score over 4,000 other results, smaller is "
        "better. The last column is what the product takes.\n",
        "| world | labels | as claimed: ECE, Brier | beta: ECE, Brier | isotonic: ECE, Brier | taken: ECE, Brier |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("squared", "blind", "stepped"):
        for number in (30, 100, 300, 1000, 3000):
            rng = np.random.default_rng(seed)
            told = [curve_errors(rng, name, number) for _ in range(draws)]
            mean = np.mean(told, axis=0)
            cells = [f"{mean[2 * n]:.3f}, {mean[2 * n + 1]:.4f}" for n in range(4)]
            best = int(np.argmin(mean[3:7:2])) + 1
            cells[best] = f"**{cells[best]}**"
            rows.append(f"| {name} | {number} | {' | '.join(cells)} |")
    return "\n".join(rows)


def curve_errors(rng: np.random.Generator, name: str, number: int) -> list[float]:
    """Return (ECE, Brier) as claimed, by beta and by isotonic curves, and by what the product takes."""

    def draw(count: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        claims = rng.uniform(0.3, 1.0, count)
        truths = {"squared": claims**2, "blind": np.full(count, 0.8), "stepped": np.where(claims < 0.8, 0.6, 0.97)}
        return claims, rng.uniform(size=count) < truths[name]

    claims, good = draw(number)
    fresh, truth = draw(4000)
    taken = fit(claims.tolist(), good.tolist())
    found: list[float] = []
    for told in (
        fresh,
        np.interp(fresh, *fit_beta(claims, good.astype(float))),
        np.interp(fresh, *fit_isotonic(claims, good.astype(float))),
        np.interp(fresh, taken.claims, taken.shares),
    ):
        found += [calibration_error(told.tolist(), truth.tolist()), float(np.mean((told - truth) ** 2))]
    return found


def on_shoot(shoot: Path, draws: int, seed: int) -> str:
    """Run a shoot whose truth is known, let the truth review it, and hold audits of it at 10 %."""
    place = CACHE / "escapes"
    if not (place / "run.jsonl").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "bench.toml").write_text(GUIDE)
        words = ["run", str(shoot.absolute()), "--guide", "bench.toml", "--workflow", "apparel", "--json"]
        safelight = str(Path(sys.executable).with_name("safelight"))
        done = subprocess.run([safelight, *words], cwd=place, stdout=subprocess.PIPE, text=True, check=False)
        (place / "run.jsonl").write_text(done.stdout)
    lines = [json.loads(each) for each in (place / "run.jsonl").read_text().splitlines()]
    truth = {row["file"]: row for row in csv.DictReader((shoot / "truth.csv").open())}
    made = [each for each in lines if each.get("confidence") is not None]
    claims = np.asarray([each["confidence"] for each in made])
    bad = np.asarray([is_bad(truth[each["file"].rsplit("/", 1)[-1]]) for each in made])
    return "\n".join(
        [
            f"### {shoot.name} at 10 %, its truth as the reviewer, {draws:,} audits\n",
            f"{len(made)} versions of {len(lines)} files; the truth sends {int(bad.sum())} back (frames that it calls "
            "to reject or fix). Each audit draws every version with probability 0.3 and chooses the threshold by what "
            "it saw; escapes are counted among the versions it did not draw.\n",
            *shoot_rows(claims, bad, draws, seed),
        ]
    )


def shoot_rows(claims: NDArray[np.float64], bad: NDArray[np.bool_], draws: int, seed: int) -> list[str]:
    """Return the table of audits of one shoot."""
    rng = np.random.default_rng(seed)
    escapes, spared, opened = [], [], 0
    for _ in range(draws):
        drawn = rng.uniform(size=len(claims)) < 0.3
        at = threshold_for(labels_of(claims[drawn], bad[drawn], 0.3), 0.1)
        out = (claims >= at) & ~drawn
        opened += at != NEVER
        escapes.append(float((out & bad).sum() / max(1, int((~drawn).sum()))))
        spared.append(float(out.sum() / max(1, int((~drawn).sum()))))
    whole = stand(labels_of(claims, bad, 1.0), float(np.quantile(claims, 0.5)), 0.1)
    at = threshold_for(labels_of(claims, bad, 1.0), 0.1)
    best = escape_bound(labels_of(claims, bad, 1.0), at) if at != NEVER else 1.0
    hits = int((bad & (claims >= at)).sum()) if at != NEVER else 0
    mean = float(np.mean(escapes))
    return [
        "| mean escapes ÷ all files | 95 % of audits at most | audits that open auto | files spared | "
        "all labels: threshold, bound, Clopper-Pearson | all labels at the median confidence |",
        "|---|---|---|---|---|---|",
        f"| **{mean:.2%}** | {np.quantile(escapes, 0.95):.2%} | {opened / draws:.1%} | {np.mean(spared):.1%} "
        f"| {at:.3f}, {best:.2%}, {clopper_pearson(hits, len(claims))[1]:.2%} | {whole.told()} |",
    ]


def is_bad(row: dict[str, str]) -> bool:
    """Say whether the truth would have a frame back: what it calls to reject or fix."""
    return row["expected"].startswith(("reject", "fix"))


def main() -> None:
    """Print the tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=1000)
    asked.add_argument("--streams", type=int, default=500)
    asked.add_argument("--curves", type=int, default=60)
    asked.add_argument("--shoot", type=Path, default=None)
    wanted = asked.parse_args()
    print("# Escapes and calibration\n")
    print(bound_held(wanted.draws, 11), flush=True)
    print("\n" + spot_checks(wanted.draws, 16), flush=True)
    if wanted.shoot is not None:
        print("\n" + on_shoot(wanted.shoot, wanted.draws, 14), flush=True)
    print("\n" + drift(wanted.streams, 12), flush=True)
    print("\n" + product(wanted.streams, 15), flush=True)
    print("\n" + curves(wanted.curves, 13))


if __name__ == "__main__":
    main()
