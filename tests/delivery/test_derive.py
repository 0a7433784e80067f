import io

import numpy as np
import PIL.Image
import pytest

from safelight.checks.color_profile import space_of
from safelight.core.image import Image
from safelight.delivery.derive import Master, derive
from safelight.errors import GateClosedError, ParameterError
from safelight.media import file_facts
from safelight.media.encode import decode_own

from .conftest import SIDE, product, with_output


def painted(derived):
    """The 8-bit code values of a lossless derivation."""
    return decode_own(derived.data).pixels


def plain(pack, **changes):
    """The pack as a lossless picture, so that code values can be looked at."""
    return with_output(pack, format="png", max_bytes=None, **changes)


def test_a_packshot_of_2400_px_becomes_a_jpeg_of_2000_px_in_srgb(packshot, packs):
    derived = derive(packshot, packs["amazon-main"])
    opened = PIL.Image.open(io.BytesIO(derived.data))
    assert (opened.format, opened.mode, opened.size) == ("JPEG", "RGB", (2000, 2000))
    facts = file_facts.read(derived.data, "a.jpg")
    assert (facts.profile_embedded, space_of(facts.profile), facts.subsampling) == (True, "srgb", "4:4:4")
    assert derived.quality == 95
    assert derived.frame.reduction() == pytest.approx((1.2, 1.2), abs=0.02)


def test_the_background_is_exactly_white_before_encoding(small, packs):
    derived = derive(small, plain(packs["amazon-main"], longest_px=700))
    far = derived.alpha == 0
    assert far.mean() > 0.2
    assert (painted(derived)[far] == 255).all()


def test_the_background_is_exactly_white_beyond_the_masters_frame(packs):
    image, alpha = product(1000, 1000, (10, 10, 990, 990))
    derived = derive(Master(image, alpha), plain(packs["google-merchant"], longest_px=900))
    pixels = painted(derived)
    assert derived.frame.beyond((1000, 1000))
    assert (pixels[:40] == 255).all()
    assert (pixels[:, -40:] == 255).all()


def test_the_guides_gray_is_kept_where_the_channel_has_no_rule(packs):
    gray = (0x80 / 255 + 0.055) / 1.055
    image, alpha = product(800, 800, (100, 60, 700, 740), background=gray**2.4)
    derived = derive(Master(image, alpha, "#808080"), plain(packs["google-merchant"], longest_px=700))
    assert (painted(derived)[derived.alpha == 0] == 0x80).all()


def test_the_subject_fills_the_frame_as_the_channel_asks(packs):
    image, alpha = product(1200, 1200, (320, 320, 880, 880))
    derived = derive(Master(image, alpha), with_output(packs["amazon-main"], longest_px=900))
    rows = np.flatnonzero((derived.alpha > 0.5).any(axis=1))
    assert 0.85 <= (rows[-1] + 1 - rows[0]) / derived.height <= 0.87


def test_it_is_resized_in_linear_light(packs):
    board = np.indices((1200, 1200)).sum(axis=0) % 2
    pixels = np.repeat((board * 65535).astype(np.uint16)[..., None], 3, axis=2)
    master = Master(Image(np.ascontiguousarray(pixels), "srgb"))
    derived = derive(master, plain(packs["google-merchant"], longest_px=500, background="keep"))
    middle = painted(derived)[100:400, 100:400]
    # Half the light of white is code value 188 in sRGB, 128 only for those who average code values.
    assert abs(float(middle.mean()) - 188) < 1


def test_the_same_size_is_the_same_picture(small, packs):
    derived = derive(small, plain(packs["google-merchant"], longest_px=800, fill=None))
    expected = np.round(small.image.pixels / 257)
    assert np.abs(painted(derived).astype(float) - expected).max() <= 1


def test_a_cut_out_master_and_one_on_white_make_the_same_file(packs):
    box = (100, 60, 700, 740)
    on_white, alpha = product(800, 800, box)
    straight, _ = product(800, 800, box, straight=True)
    pack = plain(packs["amazon-main"], longest_px=700)
    one, two = painted(derive(Master(on_white, alpha), pack)), painted(derive(Master(straight), pack))
    assert np.abs(one.astype(int) - two.astype(int)).max() <= 1


def test_sharpening_leaves_the_background_alone(small, packs):
    told = []

    def sharpen(rgb, scale):
        told.append(scale)
        return rgb * np.float32(0.5)

    derived = derive(small, plain(packs["amazon-main"], longest_px=700), sharpen=sharpen)
    pixels = painted(derived)
    assert (pixels[derived.alpha == 0] == 255).all()
    assert pixels[350, 350].max() < 100
    assert told[0] == pytest.approx(1 / derived.frame.reduction()[0])


def test_quality_is_lowered_to_keep_the_channels_bytes(small, packs):
    whole = derive(small, packs["amazon-main"])
    less = derive(small, with_output(packs["amazon-main"], max_bytes=int(len(whole.data) * 0.8)))
    assert 85 <= less.quality < 95
    assert len(less.data) <= len(whole.data) * 0.8


def test_below_quality_85_it_is_refused_with_the_numbers(small, packs):
    with pytest.raises(
        GateClosedError, match=r"800 x 800 px as jpeg at quality 85 have [\d,]+ bytes; the channel takes"
    ):
        derive(small, with_output(packs["amazon-main"], max_bytes=12_000))


def test_a_master_that_is_too_small_is_refused_with_the_numbers(packs):
    image, alpha = product(1200, 1200, (150, 90, 1050, 1110))
    with pytest.raises(
        GateClosedError, match=r"too small: the master gives 1200 x 1200 px .* at least shortest side 1500 px"
    ):
        derive(Master(image, alpha), packs["walmart"])


def test_a_master_on_gray_is_refused_where_white_is_asked_for(packshot, packs):
    on_gray = Master(packshot.image, packshot.alpha, "#f0f0f0")
    with pytest.raises(GateClosedError, match="approved on #f0f0f0 and the channel asks for #ffffff"):
        derive(on_gray, packs["amazon-main"])


def test_a_master_without_a_matte_is_not_padded_where_it_is_not_background(packs):
    pixels = np.full((2000, 3000, 3), 30000, np.uint16)
    with pytest.raises(GateClosedError, match="reaches beyond the master at the top, where the master is not #ffffff"):
        derive(Master(Image(pixels, "srgb")), packs["walmart"])


def test_an_empty_matte_is_refused(packshot, packs):
    with pytest.raises(GateClosedError, match="matte is empty"):
        derive(Master(packshot.image, np.zeros((SIDE, SIDE), np.float32)), packs["amazon-main"])


@pytest.mark.parametrize(
    "image",
    [
        Image(np.zeros((8, 8, 3), np.uint8), "srgb"),
        Image(np.zeros((8, 8, 3), np.uint16), "display_p3"),
        Image(np.zeros((8, 8, 4), np.uint16), "srgb", "premultiplied"),
    ],
)
def test_what_is_no_master_is_refused(image):
    with pytest.raises(ParameterError, match="a master is uint16 in srgb, opaque or with straight alpha"):
        Master(image)


def test_a_matte_of_another_size_is_refused(packshot):
    with pytest.raises(ParameterError, match="they must agree"):
        Master(packshot.image, np.ones((4, 4), np.float32))
