"""What every test may ask for, and the rule that a skip in CI is a failure."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long an example takes, to make or to run, says more of what else the machine does than of the code. The examples
# are the same ones in every run, so that what passed here passes there; SAFELIGHT_NEW_EXAMPLES=1 looks for others.
hypothesis.settings.register_profile(
    "safelight",
    deadline=None,
    derandomize=not os.environ.get("SAFELIGHT_NEW_EXAMPLES"),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("safelight")

_ROOT = Path(__file__).resolve().parents[1]
_SHARED = _ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measurement pictures beside the checkout; skips where it is absent."""
    if not _SHARED.is_dir():
        pytest.skip("the measurement pictures are not beside this checkout (../shared/data)")
    return _SHARED


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty schema of a PostgreSQL database; skips where none is named."""
    base = os.environ.get("SAFELIGHT_TEST_DATABASE", "")
    if not base:
        pytest.skip("no PostgreSQL is named (SAFELIGHT_TEST_DATABASE=postgresql://...)")
    import psycopg

    schema = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"{base}{'&' if '?' in base else '?'}options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def _allowed_skips() -> tuple[str, ...]:
    lines = (_ROOT / ".ci" / "allowed-skips").read_text().splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("SAFELIGHT_NO_SKIPS") and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        if not reason.startswith(_allowed_skips() or ("\0",)):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be skipped (.ci/allowed-skips): {reason}"
    return report
