"""Words that came with originals and are not on the list are named, with what they may be meant for."""

from safelight.core.batch import DELIVERED
from safelight.core.facts import Actor, Fact
from safelight.reports.keywords import keyword_outliers

LISTS = {"spring": ("Color|green", "View|front"), "autumn": ("Color|rust",)}


def delivered(seq, batch, asset, left_out, at="2026-03-04T10:00:00+00:00"):
    body = {"channel": "etsy", "name": "a.jpg", "asset": asset, "provenance": {"keywords_left_out": left_out}}
    return Fact(seq, DELIVERED, f"v{asset}", body, Actor("system", "safelight"), batch, {}, at, "", "")


def test_the_most_frequent_word_comes_first_and_a_misspelling_names_what_it_may_mean():
    facts = [
        delivered(1, "spring", "a", ["gren", "holiday"]),
        delivered(2, "spring", "b", ["gren"]),
        delivered(3, "spring", "b", ["gren"]),  # the same original in another channel
        delivered(4, "autumn", "c", ["holiday"]),
    ]
    first, second = keyword_outliers(facts, "2026-03-01", LISTS)
    assert (first["word"], first["files"], first["nearest"]) == ("gren", 2, "green")
    assert first["text"] == "gren: 2 files of spring, not on the list; perhaps green"
    assert (second["word"], second["batches"], second["nearest"]) == ("holiday", ["autumn", "spring"], "")


def test_what_left_before_is_not_told_again():
    assert (
        keyword_outliers([delivered(1, "spring", "a", ["gren"], "2026-02-01T10:00:00+00:00")], "2026-03-01", LISTS)
        == []
    )
