import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import ParameterError
from safelight.workflows.guide_file import Installed, read_guide
from safelight.workflows.questions import accept_answers, questions, write_guide
from safelight.workflows.toml import read_toml

from .conftest import CHANNELS, find_check, find_step


def test_every_default_is_an_answer():
    for each in questions(CHANNELS):
        assert each.check(each.default)


def test_the_defaults_make_a_guide_that_loads(guide_of):
    guide = guide_of(write_guide({}, CHANNELS))
    assert (guide.client, guide.lane.route, guide.channels) == ("Client", "review", ("amazon-main",))


def test_the_answers_are_what_the_guide_says(guide_of):
    guide = guide_of(
        write_guide(
            {
                "client": 'Müller & "Söhne"',
                "background": "White",
                "fill": "75%, 85%",
                "aspect": "4 x 5",
                "channels": "walmart, google-merchant",
                "names": "{sku}-{view}.{ext}",
                "stakes": "high",
                "hero_view": "main",
                "lane": "spot_check",
                "delta_e": "2.5",
            },
            CHANNELS,
        )
    )
    assert guide.client == 'Müller & "Söhne"'
    assert (guide.background, guide.fill, guide.aspect, guide.delta_e) == ("#ffffff", (0.75, 0.85), "4:5", 2.5)
    assert guide.channels == ("walmart", "google-merchant")
    assert (guide.stakes, guide.stakes_of("packshot", "main"), guide.lane.route) == ("high", "high", "spot_check")
    assert guide.names.text == "{sku}-{view}.{ext}"


def test_no_channel_yet_is_an_answer(guide_of):
    assert guide_of(write_guide({"channels": "none"}, CHANNELS)).channels == ()


@given(client=st.text(max_size=30), least=st.floats(0.1, 1), more=st.floats(0, 0.9))
def test_whatever_is_accepted_makes_a_guide_that_loads(tmp_path_factory, client, least, more):
    answers = {"client": client, "fill": f"{least:.3f} {min(1.0, least + more):.3f}"}
    try:
        text = write_guide(answers, CHANNELS)
    except ParameterError:
        return
    path = tmp_path_factory.getbasetemp() / "guide.toml"
    path.write_text(text, encoding="utf-8")
    guide = read_guide(read_toml(text, "guide.toml"), path, Installed(find_step, find_check, CHANNELS))
    assert guide.client == (" ".join(client.split()) or "Client")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"background": "blueish"}, "background is 'blueish'; it takes a color like #ffffff, white or black"),
        ({"fill": "0.9 0.8"}, "fill is '0.9 0.8'; it takes least and most"),
        ({"fill": "most"}, "fill is 'most'; it takes least and most"),
        ({"aspect": "square"}, "aspect is 'square'; it takes width:height between 1:5 and 5:1, or original"),
        ({"channels": "amazon"}, "no channel called 'amazon'; nearest is 'amazon-main'; there are: "),
        ({"names": "{view}.{ext}"}, "cannot tell files apart"),
        ({"lane": "fast"}, "lane is 'fast'; it takes one of auto, spot_check, review"),
        ({"delta_e": "tiny"}, "delta_e is 'tiny'; it takes 0.1 to 20 ΔE00 (default 3)"),
        ({"hero_view": "the big one"}, "hero_view is 'the big one'; it takes one word"),
        ({"colour": "red"}, "no question called 'colour'"),
        ({"client": "a\x00b"}, r"client is 'a\x00b'; it takes a name"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_with_what_does(answers, said):
    with pytest.raises(ParameterError) as error:
        accept_answers(answers, CHANNELS)
    assert said in str(error.value)
