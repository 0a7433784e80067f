"""Color over a batch: drift by capture time, and a chart's table."""

import random
from dataclasses import replace

import numpy as np
import pytest

from safelight.core.batch import BatchState, FileState
from safelight.pixels.color.chart_reference import NAMES
from safelight.pixels.measure.chart_facts import read_chart
from safelight.pixels.measure.color_drift import is_drift
from safelight.reports.color import BatchDrift, DriftLine, batch_drift, chart_line, drift_of_batch
from safelight.reports.page import write_page
from tests.charts import draw_chart
from tests.reports.sample import batch as full


def batch(drift: float, count: int = 16) -> BatchState:
    files = []
    for n in range(count):
        lab = (60.0, 0.0, drift * n / (count - 1))
        measures = [{"name": f"neutrals_{axis}", "value": value} for axis, value in zip("Lab", lab, strict=True)]
        files.append(
            FileState(
                f"{n:02}.jpg",
                measured={"capture": {"taken_at": f"2026-01-01T10:{n:02}:00"}},
                judged={"verdicts": [{"check": "color_drift", "word": "pass", "measures": measures}]},
            )
        )
    random.Random(1).shuffle(files)
    return BatchState("b", {}, "", {each.path: each for each in files}, (), "")


def test_a_batch_that_drifts_is_told_whatever_order_its_files_came_in():
    (found,) = drift_of_batch(batch(8.0))
    assert is_drift(found) and found.first[2] < 2 and found.last[2] > 6


def test_a_batch_that_stays_is_none():
    assert not is_drift(drift_of_batch(batch(0.2))[0])


def test_files_without_the_check_say_nothing():
    assert drift_of_batch(BatchState("b", {}, "", {"a": FileState("a")}, (), "")) == ()


def test_a_charts_table_has_each_patch_before_and_after():
    facts = read_chart(draw_chart("classic_after_2014", (700, 525)) * np.float32([1.2, 1, 0.8]), scene_referred=True)
    line = chart_line("chart.dng", facts)
    assert line is not None and [each.name for each in line.patches] == list(NAMES)
    assert line.patches[0].before > 3 > line.patches[0].after
    assert line.mean[2] == pytest.approx(np.mean([each.left_out for each in line.patches]), abs=0.02)


def test_a_file_without_a_chart_has_no_table():
    assert chart_line("a.jpg", {"found": False, "why": "no chart"}) is None


def test_a_batch_that_drifts_names_its_first_and_last_frame():
    found = batch_drift(batch(8.0))
    assert found.moved == ("neutrals",)
    assert (found.first_file, found.last_file) == ("00.jpg", "15.jpg")
    assert batch_drift(batch(0.2)).moved == ()
    assert batch_drift(BatchState("b", {}, "", {"a": FileState("a")}, (), "")) is None


def test_the_page_shows_drift_with_both_ends_and_says_when_there_is_none():
    report = full()
    ends = [each for each in report.files if each.picture][:2]
    line = DriftLine("neutrals", 16, (60.0, 0.0, 0.2), (60.0, 0.0, 7.1), 6.1, 0.4, moved=True)
    moved = BatchDrift((line,), ends[0].name, ends[1].name)
    page = write_page(replace(report, drift=moved))
    part = page[page.index('id="drift"') : page.index("</section>", page.index('id="drift"'))]
    assert "Drifted" in part and "<td" in part and "6.1" in part
    assert "ΔE*ab" in part and "6.9" in part  # the straight distance of the two ends
    assert part.count('class="g"') == 2
    steady = BatchDrift((replace(line, moved=False),), "a", "b")
    assert "Steady" in write_page(replace(report, drift=steady))
    assert 'id="drift"' not in write_page(report)
