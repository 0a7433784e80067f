"""The page on disk, and what the terminal says."""

from __future__ import annotations

from pathlib import Path

from safelight.reports.model import BatchReport
from safelight.reports.page import write_page
from safelight.reports.table import summary

PAGE = "report.html"


def write_report(report: BatchReport, folder: Path) -> str:
    """Write the page into `folder` and return the summary for the terminal, which says where it lies."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / PAGE
    draft = folder / f".{PAGE}.part"
    draft.write_text(write_page(report), encoding="utf-8")
    draft.replace(page)
    return summary(report, str(page))
