import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.reports.counts import count_by_category, groups_of, pictures_per_hour, queues_of, stage_times
from safelight.reports.model import BatchReport, ProductReport
from safelight.reports.table import COLUMNS, safe_cell, summary, write_csv
from tests.reports.sample import HOSTILE, batch, file


def of(*files):
    return BatchReport("shoot", "acme", "", (ProductReport("wj12", "apparel", files),))


def test_the_summary_says_what_left_what_waits_why_and_where_to_look():
    sent = next(each for each in batch().files if each.standing == "delivered")
    said = summary(of(file(), sent), "out/shoot/report.html")
    assert "shoot: 2 files. 1 delivered, 1 waits for people." in said
    assert "amazon-main: 1 file" in said
    assert "Review, edge repair: 1 file waits, the least sure first" in said
    assert "DSC_1.jpg" in said
    assert "hair band on the left shoulder is doubtful" in said
    assert said.endswith("Look: out/shoot/report.html\n")


def test_the_summary_holds_no_control_characters_and_no_long_lines():
    said = summary(batch(), "out/report.html")
    assert all(each.isprintable() for each in said.splitlines())
    assert max(map(len, said.splitlines())) <= 100
    said.encode("utf-8")


def test_refused_files_are_named_with_their_sentence():
    assert "DSC_5.jpg is a PDF; give a picture" in summary(batch())


def test_long_lists_end_with_how_many_more():
    said = summary(of(*(file(f"DSC_{n}.jpg") for n in range(25))))
    assert "  and 15 more" in said


def test_the_least_sure_file_comes_first():
    (queue,) = queues_of([file("sure.jpg", confidence=0.9), file("doubtful.jpg", confidence=0.2)])
    assert [each.name for each in queue.files] == ["doubtful.jpg", "sure.jpg"]


def test_the_strictest_route_comes_first():
    files = [file(route=route) for route in ("auto", "hold", "review", "specialist", "spot_check")]
    assert [each.route for each in queues_of(files)] == ["hold", "specialist", "review", "spot_check", "auto"]


def test_every_file_is_counted_once_in_one_category():
    files = batch().files
    counts = count_by_category(files)
    assert sum(each.files for each in counts) == len(files)
    assert all(sum(each.standings.values()) == each.files for each in counts)


def test_a_frame_alone_is_no_group_and_picks_come_first():
    files = [file("b", group="g", cull_class="reject"), file("a", group="g"), file("c", group="alone")]
    assert {name: [each.name for each in held] for name, held in groups_of(files).items()} == {"g": ["a", "b"]}


def test_time_is_told_by_stage_and_by_file():
    report = of(file(), file(seconds={"render": 2.1}))
    assert [(each.stage, round(each.seconds, 3), each.files) for each in stage_times(report)] == [
        ("render", 3.0, 2),
        ("check", 0.3, 1),
    ]
    assert pictures_per_hour(report) is None


def test_csv_has_a_row_a_file_and_reads_back():
    rows = list(csv.reader(io.StringIO(write_csv(batch()))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 1 + 5 + len(HOSTILE)
    assert {len(row) for row in rows} == {len(COLUMNS)}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\n@", "＝"])
def test_cells_that_a_spreadsheet_would_run_are_quoted(start):
    assert safe_cell(f"{start}cmd()").startswith("'")


@given(st.text())
def test_no_cell_begins_with_a_formula_or_holds_a_control(text):
    cell = safe_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell.isprintable() or all(each.isprintable() or each.isspace() for each in cell)
