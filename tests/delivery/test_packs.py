import datetime

import pytest

from safelight.delivery.packs import load_pack, new_pack, pack_names, read_pack
from safelight.errors import DeclarationError, UnknownNameError, UsageError
from safelight.plugins import check_named
from safelight.workflows.guide_file import load_guide
from safelight.workflows.toml import read_toml

RULE = "[[rule]]\nid='white'\ncheck='background_white'\nmeasure='border'\nlimit=0\nseverity='must'\nsource='white'\n"
HEAD = "id='shop'\ntitle='Shop'\nread=2026-10-08\nsource='shop.example'\n[output]\nlongest_px=2000\n"


def read(text):
    return read_pack(read_toml(text, "shop.toml"), check_named)


@pytest.mark.parametrize("name", pack_names())
def test_every_built_in_pack_holds_and_names_its_sources(name):
    pack = load_pack(name)
    assert pack.id == name
    assert pack.rules
    assert all(each.source for each in (pack, *pack.rules, *pack.looks))
    assert any(each.severity == "must" for each in pack.rules)


def test_amazon_asks_for_pure_white_and_85_percent():
    pack = load_pack("amazon-main")
    assert (pack.output.format, pack.output.space, pack.output.quality, pack.output.subsampling) == (
        "jpeg", "srgb", 95, "444"
    )  # fmt: skip
    assert pack.expect["background"] == "#ffffff"
    assert pack.expect["fill"] == [0.85, 1.0]
    assert pack.expect["longest_px"] == [500, 10_000]
    assert pack.least_px() == (500, 0)


def test_walmart_asks_for_a_square_of_2200_px_in_5_mb():
    pack = load_pack("walmart")
    assert (pack.output.longest_px, pack.output.aspect, pack.output.max_bytes) == (2200, "1:1", 5_000_000)
    assert pack.expect["shortest_px"] == [1500, None]


FACTS = {
    # (least longest, least shortest), longest side made, most bytes, shape: USABILITY.md, section 5
    "ebay": ((500, 0), 1600, 12_000_000, "original"),
    "zalando": ((1100, 762), 2600, 20_000_000, "1801:2600"),
    "about-you": ((2000, 1500), 2400, 2_000_000, "3:4"),
    "otto": ((1000, 500), 2000, None, "original"),
    "shopify": ((0, 0), 2048, 20_000_000, "original"),
    "etsy": ((0, 635), 2000, None, "original"),
}


@pytest.mark.parametrize("name", sorted(FACTS))
def test_each_channel_asks_for_what_was_read_of_it(name):
    pack = load_pack(name)
    found = pack.least_px(), pack.output.longest_px, pack.output.max_bytes, pack.output.aspect
    assert found == FACTS[name]


@pytest.mark.parametrize("name", pack_names())
def test_no_channel_takes_private_fields_or_hides_what_a_machine_made(name):
    musts = {each.id for each in load_pack(name).rules if each.severity == "must"}
    assert {"private", "declared"} <= musts


def test_otto_takes_no_umlauts_in_names_and_no_side_over_4500_px():
    pack = load_pack("otto")
    assert pack.expect["name"] == "[A-Za-z0-9._-]+"
    assert pack.expect["longest_px"] == [1000, 4500]


def test_the_template_of_ones_own_holds_and_is_never_written_over(tmp_path):
    path = tmp_path / "My Shop.toml"
    new_pack(path)
    assert load_pack(str(path)).id == "my-shop"
    with pytest.raises(UsageError, match="cannot write"):
        new_pack(path)
    with pytest.raises(UsageError, match=r"a rule pack is a \.toml file"):
        new_pack(tmp_path / "shop.txt")


def test_a_guide_brings_its_own_pack_from_beside_it(tmp_path):
    new_pack(tmp_path / "shop.toml")
    path = tmp_path / "acme.toml"
    path.write_text("client = 'Acme'\n[delivery]\nchannels = ['etsy', 'shop.toml']\n")
    guide = load_guide(str(path), channels=pack_names())
    assert guide.channels == ("etsy", "shop")
    assert load_pack("shop", own=guide.own_packs).title == "A shop of your own"
    for wrong, said in (("'../shop.toml'", "lies elsewhere"), ("'shop.toml', 'shop.toml'", "listed twice")):
        path.write_text(f"client = 'Acme'\n[delivery]\nchannels = [{wrong}]\n")
        with pytest.raises(DeclarationError, match=said):
            load_guide(str(path), channels=pack_names())


def test_a_pack_is_fresh_for_180_days_and_then_warns():
    pack = load_pack("amazon-main")
    assert pack.stale(pack.read + datetime.timedelta(days=180)) == ""
    said = pack.stale(pack.read + datetime.timedelta(days=181))
    assert said.startswith("rule pack amazon-main was read on 2026-10-08, 181 days ago; channels change their rules")


def test_an_unknown_channel_names_the_nearest():
    with pytest.raises(UnknownNameError, match="no channel called 'amazon'; nearest is 'amazon-main'"):
        load_pack("amazon")


def test_a_studios_own_pack_is_read_from_a_file(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text(HEAD + RULE)
    assert load_pack(str(path)).id == "shop"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("'shop'", "'../shop'"), "shop.toml line 1: id is '../shop'; it takes lower-case letters"),
        (
            HEAD.replace("2026-10-08", "'soon'"),
            "shop.toml line 3: read is 'soon'; it takes the day the rules were read",
        ),
        (HEAD + "qualty=90\n", "line 7: no key called output.qualty; nearest is 'quality'"),
        (HEAD + "quality=70\n", "line 7: output.quality is 70; it takes a whole number, 85 to 100 (default 95)"),
        (HEAD + "background='white'\n", "line 7: output.background is 'white'; it takes a color like #ffffff, or keep"),
        (HEAD + "aspect='0:1'\n", "line 7: output.aspect is '0:1'; it takes width:height like 1:1, or original"),
        (HEAD + "dpi=10\n", "line 7: output.dpi is 10 dpi; it takes a whole number, 36 to 2400 dpi"),
        (HEAD + "format='png'\ndpi=96\n", "line 8: output.dpi is stated in JPEG files alone"),
        (HEAD + "fill=[0.9, 0.8]\n", "line 7: output.fill is [0.9, 0.8]; it takes [least, most], each 0 to 1"),
        (
            HEAD + RULE.replace("background_white", "white_background"),
            "no check called 'white_background'; installed: ",
        ),
        (
            HEAD + RULE.replace("'border'", "'boarder'"),
            "line 10: check background_white has no measure 'boarder'; nearest",
        ),
        (HEAD + RULE.replace("'must'", "'may'"), "line 12: rule.0.severity is 'may'; it takes one of must, should"),
        (HEAD + RULE + RULE, "line 14: rule 'white' stands twice"),
        (HEAD + "[rule]\nid='white'\n", "rule takes tables: [[rule]]"),
    ],
)
def test_a_pack_that_does_not_hold_is_told_with_its_line(text, said):
    with pytest.raises(DeclarationError) as error:
        read(text)
    assert said in str(error.value)
