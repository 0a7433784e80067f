import dataclasses
import hashlib

import cv2
import numpy as np
import pytest

from safelight.core.edit import Artifact
from safelight.core.image import Image
from safelight.core.step import Picture, Stage
from safelight.errors import ModelError, ParameterError
from safelight.pixels.color.spaces import convert, to_float, to_integers
from safelight.steps.cutout import step
from tests.pixels.matte.scenes import composite, disk, shade, studio

RED = (0.35, 0.04, 0.03)
ANY = {"backdrop": "any"}


class Bench:
    """The run's tools over one full-size picture."""

    def __init__(self, full):
        self.image, self.blobs, self.read = full, {}, 0

    def put(self, kind, data, media_type):
        name = hashlib.sha256(data).hexdigest()
        self.blobs[name] = data
        return Artifact(kind, name, media_type)

    def get(self, artifact):
        return self.blobs[artifact.sha256]

    def full(self):
        self.read += 1
        return self.image

    def resource(self, name):
        raise AssertionError(f"cutout asked for {name}")


def photograph(linear, space="srgb", dtype=np.uint8):
    return Image(np.ascontiguousarray(to_integers(convert(linear, "linear_rec2020", space), dtype)), space)


def proposed(full, wanted=None, reduce=1):
    tools = Bench(full)
    light = convert(to_float(np.ascontiguousarray(full.pixels[..., :3])), full.space, "linear_rec2020")
    if reduce > 1:
        light = cv2.resize(light, None, fx=1 / reduce, fy=1 / reduce, interpolation=cv2.INTER_AREA)
    proposal = step.propose(Picture(Image(light, "linear_rec2020"), full.size), None, wanted or {}, tools)
    return proposal, {role: tools.get(each) for role, each in proposal.artifacts.items()}


def alpha_of(artifacts):
    return step.paint(artifacts).alpha / np.float32(65535)


def scene(side=400, level=0.7):
    alpha = disk(side, side // 4)
    backdrop, grain = studio(side, level)
    return alpha, composite(alpha, RED, backdrop * shade(alpha, 0.4, side / 30, (side / 40, side / 14)), grain)


def test_the_declaration_says_where_it_paints():
    assert (step.name, step.stage, step.kind, step.scale, step.reads) == (
        "cutout",
        Stage.COMPOSITE,
        "matte",
        "full",
        "original",
    )
    assert step.task == "background_removal"


def test_a_product_on_a_studio_backdrop_is_cut_out_with_confidence():
    alpha, picture = scene()
    proposal, artifacts = proposed(photograph(picture))
    assert np.abs(alpha_of(artifacts) - alpha).mean() < 0.003
    assert proposal.confidence.value > 0.8
    assert not proposal.confidence.calibrated
    assert [each.code for each in proposal.reasons if each.doubt] == []
    assert proposal.facts["box"] == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.01)
    assert proposal.facts["area_share"] == pytest.approx(alpha.mean(), rel=0.02)
    assert proposal.facts["touches_frame"] is False


@pytest.mark.parametrize(("space", "dtype"), [("srgb", np.uint8), ("linear_rec2020", np.uint16)])
def test_the_matte_has_the_size_of_the_original_in_any_space(space, dtype):
    alpha, picture = scene(800)
    _, artifacts = proposed(photograph(picture, space, dtype), reduce=2)
    found = alpha_of(artifacts)
    assert found.shape == (800, 800)
    assert np.abs(found - alpha).mean() < 0.003


def test_the_same_picture_gives_the_same_bytes():
    picture = photograph(scene()[1])
    assert proposed(picture)[1] == proposed(picture)[1]


def test_an_empty_backdrop_is_no_subject():
    proposal, _ = proposed(photograph(np.maximum(sum(studio(300)), 0)), ANY)
    assert proposal.confidence.value < 0.1
    assert "no_subject" in [each.code for each in proposal.reasons]


def test_a_busy_background_is_not_believed():
    chance = np.random.default_rng(2).uniform(0.05, 0.9, (20, 20, 3)).astype(np.float32)
    behind = np.kron(chance, np.ones((20, 20, 1), np.float32))
    proposal, _ = proposed(photograph(composite(disk(400, 100), RED, behind)))
    assert proposal.confidence.value <= 0.05
    doubt = next(each for each in proposal.reasons if each.code == "busy_background")
    assert "% of the frame's rim" in doubt.text
    assert 0 <= doubt.values["border_share"] < 0.5


def test_a_subject_that_runs_out_of_the_frame_is_said():
    backdrop, grain = studio(400)
    alpha = disk(400, 120, center=(200, 380))
    proposal, artifacts = proposed(photograph(composite(alpha, RED, backdrop, grain)))
    assert "touches_frame" in [each.code for each in proposal.reasons]
    assert alpha_of(artifacts)[399, 200] == 1
    assert proposal.facts["sides_touched"] == 1


def test_a_subject_larger_than_the_frame_is_not_believed():
    proposal, _ = proposed(photograph(composite(disk(400, 230), RED, *studio(400))))
    assert proposal.confidence.value < 0.1
    assert {"touches_frame", "busy_background"} <= {each.code for each in proposal.reasons if each.doubt}


def test_a_frame_full_of_subject_is_not_believed():
    cloth = np.kron(np.random.default_rng(3).uniform(0.05, 0.9, (40, 40, 3)), np.ones((10, 10, 1))).astype(np.float32)
    proposal, _ = proposed(photograph(cloth))
    assert proposal.confidence.value <= 0.05
    assert "fills_frame" in [each.code for each in proposal.reasons if each.doubt]


def test_a_frame_of_one_color_shows_no_subject():
    proposal, artifacts = proposed(photograph(np.full((400, 400, 3), RED, np.float32)), ANY)
    assert proposal.confidence.value < 0.1
    assert "no_subject" in [each.code for each in proposal.reasons if each.doubt]
    assert not alpha_of(artifacts).any()


def test_seams_of_the_backdrop_stay_behind():
    backdrop, grain = studio(400)
    backdrop[:, 130:132] *= 0.9
    backdrop[300:302] *= 0.93
    alpha = disk(400, 100)
    proposal, artifacts = proposed(photograph(composite(alpha, RED, backdrop, grain)))
    assert np.abs(alpha_of(artifacts) - alpha).mean() < 0.001
    assert proposal.confidence.value > 0.8


def test_clips_that_hold_the_backdrop_are_doubted():
    backdrop, grain = studio(400)
    backdrop[:26, 60:74] = backdrop[:26, 330:344] = 0.03
    alpha = disk(400, 100)
    proposal, artifacts = proposed(photograph(composite(alpha, RED, backdrop, grain)))
    assert np.abs(alpha_of(artifacts) - alpha)[30:].mean() < 0.001  # the product itself is right
    assert proposal.confidence.value < 0.5
    assert "touches_frame" in [each.code for each in proposal.reasons if each.doubt]


@pytest.mark.parametrize("ground", [0.0, 1.0])
def test_a_product_that_was_cut_out_onto_white_or_black_before_is_cut_out_again(ground):
    alpha = disk(400, 100)
    flat = np.full((400, 400, 3), ground, np.float32)
    proposal, artifacts = proposed(photograph(composite(alpha, RED, flat)))
    assert np.abs(alpha_of(artifacts) - alpha).mean() < 0.001
    assert proposal.confidence.value > 0.8


def test_a_transparent_png_keeps_its_own_alpha():
    from safelight.media.decode import decode_bytes

    alpha = np.rint(disk(200, 60) * 255).astype(np.uint8)
    rgba = np.dstack([np.full((200, 200, 3), 90, np.uint8), alpha])
    _, packed = cv2.imencode(".png", rgba)
    proposal, artifacts = proposed(decode_bytes(packed.tobytes(), "cut.png").image)
    assert proposal.reasons[0].code == "already_cut_out"
    assert (step.paint(artifacts).alpha == alpha.astype(np.uint16) * 257).all()


def test_an_alpha_that_hides_nothing_is_no_cut_out():
    alpha, picture = scene()
    plain = photograph(picture)
    opaque = Image(np.dstack([plain.pixels, np.full((400, 400), 255, np.uint8)]), "srgb", "straight")
    proposal, artifacts = proposed(opaque)
    assert proposal.reasons[0].code != "already_cut_out"
    assert np.abs(alpha_of(artifacts) - alpha).mean() < 0.003


def test_several_subjects_are_said():
    backdrop, grain = studio(400)
    alpha = disk(400, 60, (100, 200)) + disk(400, 60, (300, 200))
    proposal, _ = proposed(photograph(composite(alpha, RED, backdrop, grain)))
    assert proposal.facts["parts"] == 2
    assert "several_subjects" in [each.code for each in proposal.reasons]


def test_more_contrast_gives_more_confidence():
    backdrop, grain = studio(400, level=0.6)
    alpha = disk(400, 100)
    sure = [
        proposed(photograph(composite(alpha, (gray,) * 3, backdrop, grain)), ANY)[0].confidence.value
        for gray in (0.05, 0.4, 0.53)
    ]
    assert sure[0] >= sure[1] > sure[2]


def test_a_file_that_is_cut_out_keeps_its_own_alpha():
    alpha = np.rint(disk(200, 60) * 255).astype(np.uint8)
    full = Image(np.dstack([np.full((200, 200, 3), 90, np.uint8), alpha]), "srgb", "straight")
    proposal, artifacts = proposed(full)
    assert (step.paint(artifacts).alpha == alpha.astype(np.uint16) * 257).all()
    assert proposal.reasons[0].code == "already_cut_out"


def test_an_edge_moved_inward_and_outward_moves_by_that_much():
    full = photograph(scene()[1])
    area = {shift: alpha_of(proposed(full, {"edge_shift": shift})[1]).sum() for shift in (-2.0, 0.0, 2.0)}
    length = 2 * np.pi * 100
    assert (area[0.0] - area[-2.0]) / length == pytest.approx(2, abs=0.4)
    assert (area[2.0] - area[0.0]) / length == pytest.approx(2, abs=0.4)


def test_feather_softens_and_keeps_the_area():
    full = photograph(scene()[1])
    hard, soft = (alpha_of(proposed(full, {"feather": each})[1]) for each in (0.0, 3.0))
    assert soft.sum() == pytest.approx(hard.sum(), rel=0.01)
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 2 * ((hard > 0.05) & (hard < 0.95)).sum()


def test_a_kept_shadow_is_in_the_matte():
    full = photograph(scene()[1])
    without, kept = (alpha_of(proposed(full, {"keep_shadow": each})[1]) for each in (False, True))
    assert without[312:318, 190:220].max() < 0.05
    assert kept[312:318, 190:220].min() > 0.1


def test_a_feather_of_35_px_is_refused_with_the_range():
    with pytest.raises(ParameterError, match=r"cutout\.feather is 35 px; it takes 0 to 20 px \(default 0\.0\)"):
        proposed(photograph(scene()[1]), {"feather": 35})


@pytest.mark.data
@pytest.mark.parametrize(("name", "most"), [("beanie-1", 0.002), ("dash-tee-front", 0.003), ("cushion-blue", 0.004)])
def test_products_on_white_with_their_own_shadow(shared_data, name, most):
    folder = shared_data / "matting" / "products"
    code = cv2.imread(str(folder / f"{name}_on_white.jpg"))[..., ::-1]
    true = cv2.imread(str(folder / f"{name}_alpha.png"), cv2.IMREAD_UNCHANGED) / np.float32(255)
    proposal, artifacts = proposed(Image(np.ascontiguousarray(code), "srgb"))
    off = float(np.abs(alpha_of(artifacts) - true).mean())
    assert off < most, f"mean absolute difference {off:.4f}, allowed {most}"
    assert proposal.confidence.value > 0.5


@pytest.mark.data
def test_snapshots_on_busy_backgrounds_are_not_believed(shared_data):
    paths = sorted((shared_data / "ecommerce" / "snapshots").glob("*.jpg"))[::12]
    for path in paths:
        code = np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])
        assert proposed(Image(code, "srgb"))[0].confidence.value < 0.3, path.name


def network(monkeypatch, tmp_path, name="u2netp"):
    """Let a network of one layer stand for a row of the registry: subject is what is redder than it is blue."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    from safelight.models import registry, sessions

    weight = numpy_helper.from_array(np.float32([[[[60.0]], [[0.0]], [[-60.0]]]]), "weight")
    bias = numpy_helper.from_array(np.float32([0.0]), "bias")
    nodes = [helper.make_node("Conv", ["picture", "weight", "bias"], ["scores"])]
    shapes = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, (1, c, 64, 64)) for n, c in (("picture", 3), ("scores", 1))
    ]
    graph = helper.make_graph(nodes, "red", shapes[:1], shapes[1:], [weight, bias])
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), tmp_path / "red.onnx"
    )
    data = (tmp_path / "red.onnx").read_bytes()
    row = dataclasses.replace(
        registry.model_named(name),
        file="red.onnx",
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        input=registry.Input(64, 64, "NCHW", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    )
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    monkeypatch.setattr(sessions, "model_named", lambda _: row)
    sessions._opened.cache_clear()


def busy_scene(side=400):
    from tests.pixels.matte.test_guess import busy

    alpha = disk(side, side // 4)
    return photograph(composite(alpha, RED, busy(side))), alpha


def test_a_network_of_the_registry_finds_what_no_backdrop_tells(monkeypatch, tmp_path) -> None:
    network(monkeypatch, tmp_path)
    full, alpha = busy_scene()
    proposal, artifacts = proposed(full, {"finder": "u2netp"})
    assert np.abs(alpha_of(artifacts) - alpha).mean() < 0.004
    assert proposal.confidence.value <= 0.5
    assert proposal.facts["finder"] == "u2netp"
    assert proposal.reasons[0].code == "by_model"


def test_a_network_that_sees_nothing_is_no_failure(monkeypatch, tmp_path) -> None:
    network(monkeypatch, tmp_path)
    blue = photograph(np.full((200, 200, 3), (0.02, 0.1, 0.5), np.float32))
    proposal, _ = proposed(blue, {"finder": "u2netp"})
    assert proposal.confidence.value <= 0.05
    assert "model_sees_nothing" in [each.code for each in proposal.reasons]


def test_weights_that_are_not_there_are_named_with_the_command(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="safelight models pull cutout"):
        proposed(busy_scene()[0], {"finder": "isnet_general"})


def test_every_finder_is_a_row_of_the_registry() -> None:
    from safelight.models.registry import models
    from safelight.steps.cutout.step import NETWORKS

    rows = models()
    assert {rows[each].license_class for each in NETWORKS} <= {"free", "unclear"}


def test_auto_asks_the_model_of_people_only_where_the_backdrop_leaves_doubt(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr("safelight.models.sessions.missing_for", lambda names: asked.append(names) or "it is not here")
    for full in (photograph(scene()[1]), busy_scene()[0]):
        light = convert(to_float(np.ascontiguousarray(full.pixels[..., :3])), full.space, "linear_rec2020")
        picture = Picture(Image(light, "linear_rec2020"), full.size, facts={"people": {"face_count": 1}})
        proposal = step.propose(picture, None, ANY, Bench(full))
    assert asked == [("person",)]
    assert "no_model_of_people" in [each.code for each in proposal.reasons]


def guessed(pieces=0.0, beyond=None, area=0.3):
    from safelight.pixels.matte.guess import GuessFacts
    from safelight.pixels.matte.solve import solve_matte
    from safelight.pixels.matte.survey import survey_matte
    from safelight.steps.cutout.confidence import judge_guess

    facts = survey_matte(solve_matte(scene()[1]))
    return judge_guess(dataclasses.replace(facts, area_share=area), GuessFacts(0.1, 0.0, pieces), {}, "person", beyond)


def test_a_guess_that_colors_moved_in_pieces_is_less_sure() -> None:
    clean, moved = guessed(0.0, 0.0)[0].value, guessed(0.25, 0.0)[0].value
    assert clean > 0.8 > 0.5 > moved > 0
    assert "overruled_guess" in [each.code for each in guessed(0.25, 0.0)[1]]


def test_a_guess_that_a_second_model_does_not_share_is_less_sure() -> None:
    assert guessed(0.0, 0.2)[0].value < 0.65 < guessed(0.0, 0.02)[0].value
    assert "is no body to a second model" in guessed(0.0, 0.2)[1][1].text


def test_without_a_second_opinion_a_guess_is_at_most_one_half() -> None:
    confidence, reasons = guessed()
    assert confidence.value <= 0.5
    assert "no second model was asked" in reasons[0].text


def test_a_second_opinion_is_asked_only_where_it_is_installed(monkeypatch, tmp_path) -> None:
    from safelight.steps.cutout.networks import second_opinion

    monkeypatch.setenv("SAFELIGHT_MODELS", str(tmp_path))
    somebody = np.zeros((40, 40), np.float32)
    somebody[10:30, 10:30] = 1
    assert second_opinion(np.zeros((40, 40, 3), np.float32), somebody) is None
    assert second_opinion(np.zeros((40, 40, 3), np.float32), np.zeros((40, 40), np.float32)) is None
