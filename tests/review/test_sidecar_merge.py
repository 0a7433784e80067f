from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.media.sidecar import Fields, same
from safelight.review.sidecar_merge import MERGED, Base, Ours, changes, merge
from safelight.workflows.sidecar_rules import PICKS, SidecarRules

RULES = SidecarRules(("View|front", "Category|packshot", "red"))
WORDS = st.frozensets(st.sampled_from(["front", "packshot", "red", "client", "spring"]), max_size=4)
values = st.builds(
    Fields,
    rating=st.sampled_from([None, -1.0, 1.0, 2.0, 3.0, 5.0]),
    label=st.sampled_from([None, "Red", "Gelb", "Client A"]),
    pick=st.sampled_from([None, -1, 0, 1]),
    keywords=WORDS,
    tree=st.just(frozenset()),
)
people = st.frozensets(st.sampled_from(MERGED))


def ours(cull="pick", by_person=(), keywords=(), **fields):
    said = {"rating": RULES.ratings[cull], "pick": PICKS[cull], **fields}
    return Ours(cull, Fields(**said, keywords=frozenset(keywords), cull=cull, original="a"), frozenset(by_person))


def ledger(fields, by_person, cull="pick"):
    return Ours(cull, replace(fields, cull=cull, original="a"), by_person)


def base(added=(), **fields):
    return Base(Fields(**fields), {"keywords": frozenset(added), "tree": frozenset()})


def test_what_only_the_ledger_changed_is_written():
    found = merge(base(rating=3.0, pick=1), Fields(rating=3.0, pick=1), ours("reject", {"rating", "pick"}), RULES)
    assert (found.to_write.rating, found.to_write.pick, found.to_write.cull) == (-1, -1, "reject")
    assert not found.to_read


def test_what_only_the_file_changed_is_read_and_stays_in_the_file():
    found = merge(base(rating=3.0, pick=1), Fields(rating=5.0, pick=1), ours("pick", {"rating"}), RULES)
    assert found.to_read == {"rating": (3, 5)}
    assert found.to_write.rating == 5
    assert found.cull == ""


def test_different_fields_changed_on_both_sides_merge():
    found = merge(base(rating=3.0, pick=1), Fields(rating=3.0, pick=1, label="Red"), ours("reject", MERGED[:2]), RULES)
    assert found.to_read == {"label": (None, "Red")}
    assert (found.to_write.rating, found.to_write.label) == (-1, "Red")


def test_the_same_field_changed_by_two_people_is_a_conflict_and_both_are_kept():
    found = merge(base(rating=3.0, pick=1), Fields(rating=5.0, pick=1), ours("reject", MERGED[:2]), RULES)
    assert found.conflicts == {"rating": (-1, 5)}
    assert (found.to_write.rating, found.to_write.pick) == (5, 1)
    assert found.after_write.fields.rating == found.after_read.fields.rating == 3


@pytest.mark.parametrize(("settle", "written", "read"), [("ledger", -1, {}), ("file", 5, {"rating": (-1, 5)})])
def test_a_conflict_is_settled_to_the_side_that_is_named(settle, written, read):
    found = merge(base(rating=3.0, pick=1), Fields(rating=5.0, pick=1), ours("reject", MERGED[:2]), RULES, settle)
    assert found.to_write.rating == written
    assert found.to_read == read
    assert not found.conflicts


def test_a_person_outside_counts_more_than_the_machine():
    found = merge(Base(), Fields(rating=4.0), ours("reject"), RULES)
    assert found.to_read == {"rating": (-1, 4)}
    assert found.cull == "pick"
    assert found.to_write.rating == 4


def test_rating_flag_and_class_go_together():
    found = merge(Base(), Fields(rating=-1.0), ours("pick"), RULES)
    assert (found.to_write.rating, found.to_write.pick, found.to_write.cull) == (-1, None, None)
    assert found.cull == "reject"


def test_a_flag_of_lightroom_counts_without_stars():
    assert merge(Base(), Fields(rating=0.0, pick=-1), ours("pick"), RULES).cull == "reject"


def test_stars_that_we_wrote_are_no_word_of_theirs():
    found = merge(base(rating=3.0, pick=1), Fields(rating=3.0, pick=-1), ours("pick"), RULES)
    assert found.cull == "reject"
    assert not found.clash


def test_a_rating_and_a_flag_that_contradict_each_other_are_told_and_left():
    found = merge(Base(), Fields(rating=-1.0, pick=1), ours("alternate"), RULES)
    assert "contradict" in found.clash
    assert (found.to_write.rating, found.to_write.pick, found.to_read) == (-1, 1, {})


def test_foreign_keywords_stay_and_ours_join_them():
    found = merge(Base(), Fields(keywords=frozenset({"client"})), ours(keywords={"front"}), RULES)
    assert found.to_write.keywords == {"client", "front"}
    assert found.after_write.added["keywords"] == {"front"}


def test_a_keyword_of_ours_that_is_no_longer_meant_is_taken_out():
    found = merge(base({"front"}), Fields(keywords=frozenset({"client", "front"})), ours(), RULES)
    assert found.to_write.keywords == {"client"}


def test_a_keyword_that_was_there_before_us_is_never_taken_out():
    first = merge(Base(), Fields(keywords=frozenset({"front"})), ours(keywords={"front"}), RULES)
    then = merge(first.after_write, first.to_write, ours(), RULES)
    assert then.to_write.keywords == {"front"}


def test_a_keyword_of_ours_that_was_taken_out_does_not_come_back():
    now, held = Fields(), base({"front"})
    for _ in range(3):
        found = merge(held, now, ours(keywords={"front"}), RULES)
        assert found.to_write.keywords == set()
        held = found.after_write
    assert found.withdrawn == {"keywords": {"front"}}


def test_what_is_unclear_is_left_on_both_sides():
    found = merge(Base(), Fields(keywords=frozenset()), ours(keywords={"red"}), RULES, unclear=("rating", "keywords"))
    assert (found.to_write.rating, found.to_write.pick, found.to_write.keywords) == (None, None, set())


@given(was=values, file=values, mine=values, people=people)
def test_a_merge_drops_no_foreign_keyword(was, file, mine, people):
    held = Base(was, {"keywords": was.keywords & file.keywords, "tree": frozenset()})
    found = merge(held, file, ledger(mine, people), RULES)
    assert file.keywords - held.added["keywords"] <= found.to_write.keywords


@given(was=values, file=values, mine=values, people=people)
def test_a_merge_after_what_a_merge_wrote_changes_nothing_more(was, file, mine, people):
    first = merge(Base(was), file, ledger(mine, people), RULES)
    second = merge(first.after_write, first.to_write, ledger(mine, people), RULES)
    assert not changes(first.to_write, second.to_write)
    assert second.to_read.keys() == first.to_read.keys()
    assert second.conflicts == first.conflicts


@given(was=values, file=values, mine=values, people=people)
def test_nothing_is_lost_silently(was, file, mine, people):
    found = merge(Base(was), file, ledger(mine, people), RULES)
    for name in MERGED:
        old, new = getattr(file, name), getattr(found.to_write, name)
        if not same(name, old, new):
            # Only a value that nobody changed in the file is written over.
            assert same(name, old, getattr(was, name))
        told = name in found.to_read or name in found.conflicts or bool(found.clash)
        if not same(name, old, getattr(was, name)) and not same(name, old, getattr(mine, name)):
            assert told


@given(was=values, file=values, mine=values, other=values, people=people, name=st.sampled_from(["label", "keywords"]))
def test_independent_fields_merge_alike_whatever_the_others_are(was, file, mine, other, people, name):
    plain = merge(Base(was), file, ledger(mine, people), RULES)
    changed = {each: getattr(other, each) for each in ("rating", "pick", "label", "keywords") if each != name}
    mixed = merge(Base(was), replace(file, **changed), ledger(mine, people), RULES)
    assert getattr(mixed.to_write, name) == getattr(plain.to_write, name)


@given(was=values, file=values, people=people)
def test_agreement_changes_nothing(was, file, people):
    assume(not (file.rating == -1 and file.pick == 1))
    found = merge(Base(was), file, ledger(file, people), RULES)
    assert not found.to_read
    assert not found.conflicts
    assert found.to_write.keywords == file.keywords
