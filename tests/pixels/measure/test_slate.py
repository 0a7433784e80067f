"""Slates: codes are read where they are, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.measure.slate import busy_places, find_blank, read_codes, sku_in

# EAN-13 by its published tables: seven modules a digit, the first digit in the parity of the left half.
_LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
_PARITY = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")


def ean_13(digits: str, module_px: int = 3) -> np.ndarray:
    """Draw a barcode with its quiet zones."""
    flip = {"0": "1", "1": "0"}
    bits = "101"
    for digit, parity in zip(digits[1:7], _PARITY[int(digits[0])], strict=True):
        code = _LEFT[int(digit)]
        bits += code if parity == "L" else "".join(flip[bit] for bit in code)[::-1]
    bits += "01010" + "".join("".join(flip[bit] for bit in _LEFT[int(digit)]) for digit in digits[7:]) + "101"
    row = np.array([bit == "0" for bit in "0" * 11 + bits + "0" * 9], np.uint8) * 255
    return np.repeat(np.repeat(row[None], 60 * module_px, axis=0), module_px, axis=1)


def qr(text: str, module_px: int = 4) -> np.ndarray:
    """Draw a QR code with its quiet zone."""
    code = cv2.copyMakeBorder(cv2.QRCodeEncoder.create().encode(text), 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=255)
    return np.kron(code, np.ones((module_px, module_px), np.uint8))


def _on_slate(code: np.ndarray, turn_deg: float = 0.0) -> np.ndarray:
    page = np.full((700, 900), 235, np.uint8)
    height, width = code.shape
    page[350 - height // 2 : 350 - height // 2 + height, 450 - width // 2 : 450 - width // 2 + width] = code
    matrix = cv2.getRotationMatrix2D((450, 350), turn_deg, 1.0)
    return cv2.warpAffine(page, matrix, (900, 700), borderValue=235)


@pytest.mark.parametrize("turn", [0, 7, 90, 180, 203])
def test_a_qr_code_is_read_at_any_turn(turn: float) -> None:
    (code,) = read_codes(_on_slate(qr("SKU: AB-1234"), turn))
    assert (code.text, code.kind) == ("SKU: AB-1234", "qr")
    assert abs((code.box[0] + code.box[2]) / 2 - 450) < 8


@pytest.mark.parametrize("turn", [0, 5, 90, 180])
def test_a_barcode_is_read_at_any_turn(turn: float) -> None:
    (code,) = read_codes(_on_slate(ean_13("4006381333931"), turn))
    assert (code.text, code.kind) == ("4006381333931", "ean-13")


def test_a_barcode_whose_check_digit_is_wrong_is_not_read() -> None:
    assert read_codes(_on_slate(ean_13("4006381333930"))) == []


def test_a_code_is_a_busy_place_and_a_box_is_none() -> None:
    (place,) = busy_places(_on_slate(qr("SKU: AB-1234", 5)))
    assert place[0] < 400 < 500 < place[2]
    box = cv2.rectangle(np.full((600, 800), 230, np.uint8), (200, 150), (600, 450), 20, -1)
    assert busy_places(box) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (40, 40), (300, 400)])
def test_nothing_is_read_off_nothing(shape: tuple[int, int]) -> None:
    for level in (0, 128, 255):
        assert read_codes(np.full(shape, level, np.uint8)) == []
        assert busy_places(np.full(shape, level, np.uint8)) == []


def test_nothing_is_read_off_noise() -> None:
    assert read_codes(np.random.default_rng(3).integers(0, 256, (600, 800), np.uint8)) == []


def test_lens_caps_and_gray_cards_are_blank_and_a_product_is_not() -> None:
    noise = np.random.default_rng(2).normal(0, 0.0004, (300, 400)).astype(np.float32)
    assert find_blank(0.001 + noise) == "black"
    assert find_blank(0.18 + 10 * noise) == "even"
    scene = np.full((300, 400), 0.7, np.float32)
    scene[140:160, 180:220] = 0.2
    assert find_blank(scene) == "none"


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_hostile_light_is_no_photograph(value: float) -> None:
    assert find_blank(np.full((20, 20), value, np.float32)) in ("black", "even")


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("SKU: AB-12", "AB-12"),
        ("view=front&sku=77.1", "77.1"),
        ("Article = x_9 front", "x_9"),
        ("4006381333931", "4006381333931"),
        ("https://example.org/a", ""),
        ("two words", ""),
        ("", ""),
    ],
)
def test_a_slates_text_names_its_article(text: str, sku: str) -> None:
    assert sku_in(text) == sku


@given(st.text())
def test_any_text_is_understood_or_not(text: str) -> None:
    assert len(sku_in(text)) <= 40
