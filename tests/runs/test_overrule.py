from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from safelight.core.batch import OVERRULED
from safelight.core.facts import SYSTEM, Fact
from safelight.runs.overrule import overruled, regrouped
from safelight.runs.sort import Similar, Sorted

CLASSES = ("pick", "alternate", "reject", "cant_tell")


def frame(path, cull="pick", asset=None):
    asset = asset or f"asset-{path}"
    named = (path, asset, "", "", "", "packshot", "standard")
    empty = {"facts": {}, "capture": {}, "expected": {}}
    return Sorted(*named, cull, ("sharp",), "", "", "", scene_referred=False, full_size=(1, 1), **empty)


def said(seq, path, to, field="class", asset=None):
    body = {"path": path, "field": field, "from": "", "to": to, "machine": "pick", "reason": "seen"}
    return Fact(seq, OVERRULED, asset or f"asset-{path}", body, SYSTEM, "b", {"name": "Ines"}, f"at {seq}", "", "")


def test_a_run_honors_the_word_and_keeps_the_machines_reason():
    (found,) = overruled([frame("a", "reject")], [said(1, "a", "pick")])
    assert (found.cull, found.reasons) == ("pick", ("a person said pick: seen", "culling said reject", "sharp"))


def test_a_class_is_told_in_words():
    (found,) = overruled([frame("a", "cant_tell")], [said(1, "a", "pick")])
    assert "culling said can't tell" in found.reasons


def test_the_latest_word_counts_by_number():
    (found,) = overruled([frame("a")], [said(2, "a", "reject"), said(1, "a", "alternate")])
    assert found.cull == "reject"


def test_a_class_given_back_is_the_machines():
    assert overruled([frame("a")], [said(1, "a", "reject"), said(2, "a", "machine")]) == [frame("a")]


def test_other_content_under_the_same_name_has_no_word():
    assert overruled([frame("a", asset="new")], [said(1, "a", "reject")])[0].cull == "pick"


def test_a_file_that_moved_keeps_its_word():
    assert overruled([frame("sub/a", asset="asset-a")], [said(1, "a", "reject")])[0].cull == "reject"


def test_a_copy_beside_the_file_that_was_meant_has_no_word():
    found = overruled([frame("a", asset="x"), frame("b", "alternate", asset="x")], [said(1, "a", "reject", asset="x")])
    assert [each.cull for each in found] == ["reject", "alternate"]


words = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from((*CLASSES, "machine"))), max_size=6)
machine = st.lists(st.sampled_from(CLASSES), min_size=3, max_size=3)


@given(words=words, machine=machine)
def test_doing_it_twice_is_doing_it_once(words, machine):
    facts = [said(number, path, to) for number, (path, to) in enumerate(words, start=1)]
    frames = [frame(path, cull) for path, cull in zip("abc", machine, strict=True)]
    once = overruled(frames, facts)
    assert overruled(once, facts) == once
    assert [replace(a, cull="pick", reasons=()) for a in once] == [replace(b, cull="pick", reasons=()) for b in frames]


def group(name, *members):
    return Similar(name, members, members[0], "sharpest")


def test_a_frame_taken_out_leaves_the_rest_together():
    (found,) = regrouped([group("g01", "a", "b", "c")], [said(1, "b", "apart", "group", "b")])
    assert (found.members, found.best, found.why) == (("a", "c"), "a", "sharpest")


def test_a_group_that_lost_its_best_says_so():
    (found,) = regrouped([group("g01", "a", "b", "c")], [said(1, "a", "apart", "group", "a")])
    assert (found.best, found.why) == ("b", "the first of a group that a person changed")


def test_a_group_of_one_is_none():
    assert regrouped([group("g01", "a", "b")], [said(1, "a", "apart", "group", "a")]) == []


def test_frames_put_together_join_the_group_that_one_of_them_has():
    found = regrouped([group("g01", "a", "b"), group("g02", "c", "d")], [said(1, "b", ["b", "c"], "group", "b")])
    assert [each.members for each in found] == [("a", "b", "c")]


def test_frames_without_a_group_make_a_new_one():
    (found,) = regrouped([], [said(1, "x", ["x", "y"], "group", "x"), said(2, "y", ["x", "y"], "group", "y")])
    assert (found.name, found.members, found.why) == ("p01", ("x", "y"), "a person grouped them")


def test_without_words_nothing_changes():
    groups = [group("g01", "a", "b")]
    assert regrouped(groups, []) is groups
