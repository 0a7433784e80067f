from dataclasses import replace

from safelight.reports.write import PAGE, write_report

from .sample import batch


def test_a_page_that_would_tell_the_same_is_left_as_it_is(tmp_path):
    write_report(batch(), tmp_path)
    page = tmp_path / PAGE
    before = page.stat()
    assert str(page) in write_report(batch(), tmp_path)
    assert page.stat().st_mtime_ns == before.st_mtime_ns
    assert page.stat().st_ino == before.st_ino


def test_a_page_is_written_anew_when_anything_it_tells_changes(tmp_path):
    write_report(batch(), tmp_path)
    told = (tmp_path / PAGE).read_text()
    write_report(replace(batch(), guide="another guide"), tmp_path)
    assert "another guide" in (tmp_path / PAGE).read_text()
    assert "another guide" not in told


def test_a_page_that_was_cut_short_is_written_anew(tmp_path):
    write_report(batch(), tmp_path)
    page = tmp_path / PAGE
    whole = page.read_text()
    page.write_text(whole[: len(whole) // 2])
    write_report(batch(), tmp_path)
    assert page.read_text() == whole
