"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measurement pictures beside the checkout; skips where it is absent."""
    if not _SHARED.is_dir():
        pytest.skip("the measurement pictures are not beside this checkout (../shared/data)")
    return _SHARED
