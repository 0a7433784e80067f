from dataclasses import replace

import numpy as np
import pytest

from safelight.core.check import Findings, Measure
from safelight.core.image import Image
from safelight.delivery.derive import Master, derive
from safelight.delivery.verify import judge_rules, refused_by, verify_file
from safelight.media.encode import encode

from .conftest import product


@pytest.mark.parametrize("name", ["amazon-main", "google-merchant", "walmart"])
def test_a_clean_packshot_keeps_every_rule_of_every_channel(packshot, packs, name):
    derived = derive(packshot, packs[name])
    results = verify_file(derived.data, "A1_front.jpg", packs[name], alpha=derived.alpha)
    assert [each.rule for each in results] == [each.id for each in packs[name].rules]
    assert [each.told() for each in results if each.word != "pass"] == []


def test_a_background_of_254_is_never_delivered_as_white(packs):
    image, alpha = product(600, 600, (50, 45, 550, 555), background=0.991)
    data = encode(Image((image.pixels // 257).astype(np.uint8), "srgb"), "jpeg")
    results = verify_file(data, "A1.jpg", packs["amazon-main"], alpha=alpha)
    against = [each.rule for each in refused_by(results)]
    assert {"white-border", "white-far"} <= set(against)


def test_a_file_whose_ending_lies_is_never_delivered(small, packs):
    derived = derive(small, packs["google-merchant"])
    against = refused_by(verify_file(derived.data, "A1.png", packs["google-merchant"], alpha=derived.alpha))
    assert [each.rule for each in against] == ["extension"]
    assert against[0].told().startswith("extension: 0, at least 1, the file is jpeg, its name ends in png")


def test_a_subject_that_is_too_small_breaks_amazons_85_percent(packs):
    image, alpha = product(600, 600, (150, 150, 450, 450))
    data = encode(Image((image.pixels // 257).astype(np.uint8), "srgb"), "jpeg")
    results = {each.rule: each for each in verify_file(data, "A1.jpg", packs["amazon-main"], alpha=alpha)}
    assert results["fill"].word == "fail"
    assert results["fill"].value == pytest.approx(35, abs=0.3)  # 50 % where 85 % is asked for


def test_a_broken_should_is_delivered_and_told(packs):
    image, alpha = product(900, 900, (70, 60, 830, 840))
    derived = derive(Master(image, alpha), packs["amazon-main"])
    results = verify_file(derived.data, "A1.jpg", packs["amazon-main"], alpha=derived.alpha)
    assert refused_by(results) == ()
    assert [each.told() for each in results if each.word == "fail"] == ["zoom: 900 px, at least 1000 px (should)"]


def test_subsampled_color_is_told(small, packs):
    derived = derive(
        small, replace(packs["amazon-main"], output=replace(packs["amazon-main"].output, subsampling="420"))
    )
    results = verify_file(derived.data, "A1.jpg", packs["amazon-main"], alpha=derived.alpha)
    assert "chroma" in [each.rule for each in results if each.word == "fail"]


def test_what_could_not_be_measured_is_not_passed(packs):
    pack = packs["amazon-main"]
    findings = {"margins": Findings((Measure("fill_miss", None, "points", "the matte is empty"),))}
    results = {each.rule: each for each in judge_rules(pack, findings)}
    assert results["fill"].word == "unknown"
    assert results["fill"].told() == "fill: not measured, the matte is empty (must)"
    assert {each.rule for each in refused_by(results.values())} >= {"fill", "white-border"}


def test_a_limit_is_part_of_what_is_allowed(packs):
    pack = packs["walmart"]
    exact = {"file_spec": Findings((Measure("shortest", 2200.0, "px"), Measure("megabytes_over", 0.0, "MB")))}
    results = {each.rule: each.word for each in judge_rules(pack, exact)}
    assert (results["side"], results["bytes"]) == ("pass", "pass")
    less = {"file_spec": Findings((Measure("shortest", 2199.0, "px"),))}
    assert {each.rule: each.word for each in judge_rules(pack, less)}["side"] == "fail"
