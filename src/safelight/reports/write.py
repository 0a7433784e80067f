"""The page on disk, and what the terminal says."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safelight.reports.model import BatchReport
from safelight.reports.page import write_page
from safelight.reports.table import summary

PAGE = "report.html"
_HERE = Path(__file__).parent


def write_report(report: BatchReport, folder: Path) -> str:
    """Write the page into `folder` and return the summary for the terminal, which says where it lies.

    A page that tells the very same already is left as it is: its last line names what it was made of.
    """
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / PAGE
    last_line = f"<!-- made of {_name_of(report)} -->\n"
    if not _ends_with(page, last_line.encode("ascii")):
        draft = folder / f".{PAGE}.part"
        draft.write_text(f"{write_page(report).rstrip()}\n{last_line}", encoding="utf-8")
        draft.replace(page)
    return summary(report, str(page))


def _name_of(report: BatchReport) -> str:
    """Return what identifies a page: all that it tells, and the code and templates that tell it."""
    digest = hashlib.blake2b(repr(report).encode("utf-8", "surrogateescape"), digest_size=16)
    for each in sorted(_HERE.rglob("*")):
        if each.suffix in (".py", ".html", ".css", ".js"):
            digest.update(each.read_bytes())
    return digest.hexdigest()


def _ends_with(path: Path, ending: bytes) -> bool:
    if not path.is_file() or path.stat().st_size < len(ending):
        return False
    with path.open("rb") as file:
        file.seek(-len(ending), 2)
        return file.read() == ending
