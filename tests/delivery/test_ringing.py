"""Saturated edges on white: a JPEG's own ringing refuses no file that a finer JPEG delivers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.core.image import Image
from safelight.delivery.derive import Master, derive
from safelight.delivery.dress import Wear
from safelight.delivery.perform import FINEST_QUALITY, DeriveTask, derive_all
from safelight.delivery.verify import refused_by, verify_file
from safelight.media.encode import encode
from safelight.store import Store
from safelight.store.blobs import open_blobs
from safelight.workflows.metadata_rules import MetadataRules
from tests.delivery.conftest import light_to_code16

SIDE = 2600


@pytest.fixture(scope="module")
def carton():
    """A turned carton with red and blue stripes, cut out exactly, on pure white."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) - SIDE / 2
    turn = np.deg2rad(28)
    across, down = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    inside = np.maximum(np.abs(across) - SIDE * 0.3, np.abs(down) - SIDE * 0.33)
    alpha = np.clip(0.5 - inside, 0, 1).astype(np.float32)
    is_red = (np.floor(down / 9) % 2)[..., None]
    own = is_red * np.float32([0.6, 0.02, 0]) + (1 - is_red) * np.float32([0, 0.02, 0.6])
    light = own * alpha[..., None] + (1 - alpha[..., None])
    return Image(np.ascontiguousarray(light_to_code16(light)), "srgb"), alpha


def test_a_perfect_cutout_rings_at_95_by_more_than_a_channel_takes(carton, packs):
    pack = packs["walmart"]
    made = derive(Master(*carton), pack)
    broken = refused_by(verify_file(made.data, "a.jpg", pack, alpha=made.alpha, known={"background": "#ffffff"}))
    assert made.quality == 95
    assert {each.measure for each in broken} == {"near_offset", "near_delta_e"}


def test_it_is_delivered_in_a_finer_jpeg(carton, tmp_path):
    image, alpha = carton
    Store.create(tmp_path / "store").close()
    blobs = open_blobs(str(tmp_path / "store"))
    _, matte = cv2.imencode(".png", np.rint(alpha * 65535).astype(np.uint16))
    wear = Wear("0" * 64, "carton.jpg", "", "2026-03-01T10:00:00+00:00", "packshot", (), MetadataRules(), (), None)
    task = DeriveTask(
        version="v",
        master=blobs.put(encode(image, "tiff")),
        matte=blobs.put(matte.tobytes()),
        edit={"schema": 1, "original": "0" * 64, "steps": []},
        background="#ffffff",
        wanted=(("walmart", "carton.jpg"), ("google-merchant", "carton_g.jpg")),
        wear=wear,
        own_packs={},
        store_root=str(tmp_path / "store"),
    )
    made = derive_all(task)
    assert made["walmart"]["refused"] == ""
    assert made["walmart"]["quality"] == FINEST_QUALITY
    assert blobs.get(made["walmart"]["sha256"])[:2] == b"\xff\xd8"
    assert made["google-merchant"]["quality"] == 95  # it has no such rule, and no larger file
