"""The people models, where scripts/models.sh put them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_INSTALLED = Path(__file__).resolve().parents[3] / ".venv" / "models"


@pytest.fixture(scope="session")
def people_models():
    """Point safelight at the installed people models; skips where there are none."""
    from safelight.models.registry import models_folder, models_named, state_of

    folder = models_folder() if "SAFELIGHT_MODELS" in os.environ else _INSTALLED
    if any(state_of(each, folder) != "present" for each in models_named(["people"])):
        pytest.skip("the people models are not installed (scripts/models.sh)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAFELIGHT_MODELS", str(folder))
        yield folder
