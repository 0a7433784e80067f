from __future__ import annotations

import pytest

from safelight.errors import ParameterError
from safelight.settings import Settings, from_environment


def test_unset_variables_keep_their_defaults():
    assert from_environment({}) == Settings()


def test_a_setting_that_is_no_number_is_refused_by_name():
    with pytest.raises(ParameterError, match=r"SAFELIGHT_WORKERS is 'many'; it takes a number \(default 0\)"):
        from_environment({"SAFELIGHT_WORKERS": "many"})
