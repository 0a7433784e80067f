"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import safelight

MODULES = sorted(each.name for each in pkgutil.walk_packages(safelight.__path__, "safelight."))


@pytest.mark.parametrize("name", [name for name in MODULES if ".migrations" not in name])
def test_the_examples_of_a_module_run(name):
    result = doctest.testmod(
        importlib.import_module(name),
        extraglobs={"np": np},
        optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL,
    )
    assert result.failed == 0
