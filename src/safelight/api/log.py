"""The service's log: one event a line, as JSON, so that nothing from outside makes a line of its own."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime


class OneLine(logging.Formatter):
    r"""Writes a record as one line of ASCII.

    Examples
    --------
    >>> record = logging.LogRecord("a", logging.ERROR, "", 0, "bad %s", ("name\nERROR all is well",), None)
    >>> OneLine().format(record).count("\n")
    0
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "log": record.name, "said": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = "".join(traceback.format_exception(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=True)


def set_up() -> None:
    """Send warnings and errors to stderr, a line each."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(OneLine())
    out.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers = [out]
