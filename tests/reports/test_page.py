import re
from html.parser import HTMLParser

import pytest

from safelight.reports.model import BatchReport, ProductReport, Thumbnail
from safelight.reports.page import write_page
from tests.reports.sample import HOSTILE, batch, checks, file


@pytest.fixture(scope="module")
def page() -> str:
    return write_page(batch())


class Tags(HTMLParser):
    """Every tag with its attributes, and all text between."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_hostile_strings_make_no_tag_and_no_handler(page):
    tags = Tags(page).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert all(attrs["src"].startswith("data:image/") for tag, attrs in tags if tag == "img")


def test_hostile_strings_are_shown_as_text(page):
    text = "".join(Tags(page).text)
    assert HOSTILE[0] in text
    assert HOSTILE[1] in text
    assert "{{7*7}}" in text
    assert "49.jpg" not in text


def test_controls_overrides_and_broken_utf_8_are_spelled_out(page):
    assert "\u202e" not in page
    assert "\x00" not in page
    assert "\x1b" not in page
    assert "a\\u202egpj.exe" in page
    assert "caf\\xe9.jpg" in page
    page.encode("utf-8")


def test_no_address_leaves_the_page(page):
    tags = Tags(page).tags
    links = [attrs["href"] for tag, attrs in tags if "href" in attrs]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"url\((?!data:)", page)
    assert "http://" not in page
    assert "https://" not in page


def test_the_policy_allows_the_pages_own_script_by_its_hash(page):
    import base64
    import hashlib

    script = page[page.rindex("<script>") + 8 : page.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(attrs["content"] for tag, attrs in Tags(page).tags if attrs.get("http-equiv"))
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_pictures_are_named_by_file_and_state():
    page = write_page(BatchReport("b", "g", "", (ProductReport("wj12", "apparel", (file(),)),)))
    alts = [attrs["alt"] for tag, attrs in Tags(page).tags if tag == "img"]
    assert "DSC_1.jpg, Review, Pick, confidence 0.62" in alts
    assert "Before DSC_1.jpg, Review, Pick, confidence 0.62" in alts
    assert all(alts)


def test_a_total_never_stands_without_its_categories(page):
    table = page[page.index('<table class="counts">') : page.index("</table>")]
    rows = re.findall(r'<th scope="row"><bdi>(.*?)</bdi></th><td class="num">(\d+)</td>', table)
    assert rows[-1] == ("All", str(5 + len(HOSTILE)))
    assert ("Apparel", "4") in rows
    assert sum(int(number) for _, number in rows[:-1]) == int(rows[-1][1])


def test_values_stand_with_unit_limit_state_and_why():
    page = write_page(BatchReport("b", "g", "", (ProductReport("wj12", "apparel", (file(),)),)))
    text = re.sub(r"\s+", " ", " ".join(Tags(page).text))
    assert "1.92 px" in text
    assert "≤ 1.50 px" in text
    assert "over the limit" in text
    assert "only 3 edges are found" in text
    assert "asked: yes" in text


def test_evidence_boxes_are_placed_in_shares_of_the_picture():
    page = write_page(BatchReport("b", "g", "", (ProductReport("", "", (file(),)),)))
    assert "left:20.000%;top:30.000%;width:30.000%;height:30.000%" in page


def test_two_boxes_on_one_place_are_one_mark():
    twice = (*checks(), *checks())
    page = write_page(BatchReport("b", "g", "", (ProductReport("", "", (file(checks=twice),)),)))
    assert page.count('class="mark"') == 2


def test_the_same_report_is_the_same_page(page):
    assert write_page(batch()) == page


def test_an_empty_batch_and_a_file_without_a_picture_have_a_page():
    assert "0 files" in write_page(BatchReport("b", "", "", ()))
    bare = file(before=None, after=None, steps=(), checks=(), reasons=(), confidence=None)
    assert "No proof was painted" in write_page(BatchReport("b", "", "no date", (ProductReport("", "", (bare,)),)))


def test_bytes_that_are_no_picture_are_refused():
    odd = file(after=Thumbnail(b"<svg onload=alert(1)>", 10, 10))
    with pytest.raises(ValueError, match="it takes JPEG, PNG or WebP"):
        write_page(BatchReport("b", "", "", (ProductReport("", "", (odd,)),)))
