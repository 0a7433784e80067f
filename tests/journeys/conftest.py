"""What several journeys begin with."""

from __future__ import annotations

import pytest

from tests.journeys.cli import safelight
from tests.shoots import write_shoot


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A folder with a shoot of two products that was run; a module changes its own."""
    folder = tmp_path_factory.mktemp("studio")
    write_shoot(folder / "spring", 2)
    safelight("run", "spring", folder=folder)
    return folder
