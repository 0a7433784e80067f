from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.params import Param, ParamSet
from safelight.errors import ParameterError

FEATHER = Param("feather", 1.5, "softness of the edge", "px", 0, 20)
SET = ParamSet(
    "cutout",
    FEATHER,
    Param("holes", True, "keep holes open"),
    Param("backdrop", "auto", "what stands behind", choices=("auto", "any")),
    Param("parts", 1, "parts to keep", least=1, most=9),
    Param("gains", (1.0, 1.0, 1.0), "per channel", least=0, most=4, length=3),
    Param("note", "", "a word"),
)


def test_defaults_fill_what_nobody_set():
    assert SET.accept({"feather": 2}, fill=True) == {
        "feather": 2.0,
        "holes": True,
        "backdrop": "auto",
        "parts": 1,
        "gains": (1.0, 1.0, 1.0),
        "note": "",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"feather": 35}, "cutout.feather is 35 px; it takes 0 to 20 px (default 1.5)"),
        ({"feather": "soft"}, "cutout.feather is 'soft'; it takes 0 to 20 px (default 1.5)"),
        ({"feather": float("nan")}, "cutout.feather is nan px; it takes 0 to 20 px (default 1.5)"),
        ({"feather": True}, "cutout.feather is True px; it takes 0 to 20 px (default 1.5)"),
        ({"holes": "maybe"}, "cutout.holes is 'maybe'; it takes true or false (default True)"),
        ({"backdrop": "sky"}, "cutout.backdrop is 'sky'; it takes one of auto, any (default auto)"),
        ({"parts": 1.5}, "cutout.parts is 1.5; it takes a whole number, 1 to 9 (default 1)"),
        ({"gains": [1, 2]}, "cutout.gains is [1, 2]; it takes 3 numbers, each 0 to 4 (default (1.0, 1.0, 1.0))"),
        ({"fether": 1}, "cutout has no parameter 'fether'; it takes: feather, holes, backdrop, parts, gains, note"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(values, message):
    with pytest.raises(ParameterError) as refusal:
        SET.accept(values)
    assert str(refusal.value) == message


@given(st.floats(0, 20))
def test_numbers_are_stored_rounded_to_their_resolution_and_rounding_twice_changes_nothing(value):
    once = FEATHER.accept(value, "cutout")
    assert abs(once - value) <= 0.0005 + 1e-12
    assert FEATHER.accept(once, "cutout") == once
    assert len(repr(once)) <= 7


def test_words_from_the_command_line_become_values():
    assert SET.accept({"feather": "2", "holes": "no", "gains": "1, 0.5 2"}) == {
        "feather": 2.0,
        "holes": False,
        "gains": (1.0, 0.5, 2.0),
    }


def test_the_schema_carries_range_unit_and_default():
    schema = SET.schema()
    assert schema["properties"]["feather"]["maximum"] == 20
    assert schema["properties"]["feather"]["x-unit"] == "px"
    assert schema["properties"]["gains"]["minItems"] == 3
    assert schema["additionalProperties"] is False


def test_a_parameter_declared_twice_is_a_fault_of_the_author():
    with pytest.raises(ValueError, match="declares a parameter twice"):
        ParamSet("x", FEATHER, FEATHER)
