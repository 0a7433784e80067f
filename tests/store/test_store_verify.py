"""Every damaged, missing and misplaced blob is found, with what rests on it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.facts import Asset, Capture, NewFact
from safelight.errors import ParameterError
from safelight.store import Store
from safelight.store.assets import Seen, Sighting
from safelight.store.originals import Reference
from safelight.store.verify import _is_in


@pytest.fixture
def thousand(store):
    """A store with 1,000 blobs, a version resting on each."""
    names = [store.blobs.put(f"blob {n}".encode() * (n % 7 + 1)) for n in range(1000)]
    store.ledger.append([NewFact("version.made", f"v{n}", {"proof": name}) for n, name in enumerate(names)])
    return store, names


def rewrite(store: Store, name: str, data: bytes) -> None:
    path = store.blobs.path(name)
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


def flip(store: Store, name: str, chance: random.Random) -> None:
    data = bytearray(store.blobs.get(name))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    rewrite(store, name, bytes(data))


def swap(store: Store, one: str, two: str) -> None:
    first, second = store.blobs.get(one), store.blobs.get(two)
    rewrite(store, one, second)
    rewrite(store, two, first)


def test_a_whole_store_is_clean(thousand):
    store, _ = thousand
    report = store.verify(read_data=True)
    assert report.is_clean
    assert (report.facts, report.blobs, report.extra, report.strays) == (1000, 1000, (), ())
    assert report.lines() == [f"clean: 1000 facts, 1000 blobs, {report.bytes} bytes read"]
    assert report.bytes == sum(store.blobs.size(each) for each in store.blobs.iterate())


def test_a_flipped_bit_in_each_of_a_thousand_blobs_is_found(thousand):
    store, names = thousand
    chance = random.Random(1)
    for each in names:
        flip(store, each, chance)
    trouble = store.verify(read_data=True).trouble
    assert sorted(each.sha256 for each in trouble) == sorted(names)
    assert {each.problem for each in trouble} == {"damaged"}
    assert store.verify().is_clean  # sizes alone cannot tell


def test_flipped_deleted_truncated_and_swapped_blobs_are_found_and_their_versions_named(thousand):
    store, names = thousand
    chance = random.Random(2)
    expected = {}
    for n in range(0, 1000, 10):
        flip(store, names[n], chance)
        expected[names[n]] = ({"damaged"}, f"v{n}")
        store.blobs.path(names[n + 1]).unlink()
        expected[names[n + 1]] = ({"missing"}, f"v{n + 1}")
        rewrite(store, names[n + 2], store.blobs.get(names[n + 2])[:-1])
        expected[names[n + 2]] = ({"wrong_size"}, f"v{n + 2}")
        swap(store, names[n + 3], names[n + 4])
        for m in (n + 3, n + 4):
            expected[names[m]] = ({"damaged", "wrong_size"}, f"v{m}")
    report = store.verify(read_data=True)
    assert {each.sha256 for each in report.trouble} == expected.keys()
    for each in report.trouble:
        problems, version = expected[each.sha256]
        assert each.problem in problems
        assert each.mentions.versions == (version,)
        assert version in each.text
    # The structure check finds without reading what changed its size or went.
    quick = {each.sha256 for each in store.verify().trouble}
    assert quick >= {
        name for name, (problems, _) in expected.items() if problems & {"missing"} or problems == {"wrong_size"}
    }


def test_seven_subsets_cover_a_thousand_damaged_blobs_once(thousand):
    store, names = thousand
    chance = random.Random(3)
    for each in names:
        flip(store, each, chance)
    found = [each.sha256 for n in range(1, 8) for each in store.verify(read_data=True, subset=(n, 7)).trouble]
    assert sorted(found) == sorted(names)


@given(st.binary(min_size=32, max_size=32).map(bytes.hex), st.integers(1, 400))
def test_any_blob_is_in_exactly_one_part(name, parts):
    assert sum(_is_in(name, (n, parts)) for n in range(1, parts + 1)) == 1


@pytest.mark.parametrize("subset", [(0, 7), (8, 7), (1, 0)])
def test_a_subset_outside_its_parts_is_refused(store, subset):
    with pytest.raises(ParameterError, match="n from 1 to t"):
        store.verify(read_data=True, subset=subset)


def test_the_assets_that_rest_on_a_blob_are_named(store):
    name = store.blobs.put(b"original")
    matte = store.blobs.put(b"matte")
    edit = store.blobs.put(f'{{"original":"{name}","matte":"{matte}"}}'.encode())
    asset = Asset(name, "/a.nef", 8, "raw", 1, 1, 14, "camera", Capture())
    store.ledger.append_assets(
        [Seen(asset, Sighting("b", Reference("/a.nef", 8, 1, name), copied=True), (NewFact("asset.seen", name, {}),))]
    )
    store.ledger.append([NewFact("edit.proposed", name, {"edit": edit, "version": "v9"})], [("key", {"edit": edit})])
    store.blobs.path(matte).unlink()
    (trouble,) = store.verify().trouble
    assert trouble.sha256 == matte
    assert trouble.mentions.assets == (name,)
    assert trouble.mentions.versions == ("v9",)
    assert trouble.mentions.work == ("key",)
    assert trouble.mentions.facts == ((2, "edit.proposed", name),)
    assert name in trouble.text


def test_an_original_that_is_only_referenced_is_not_missed(store):
    asset = Asset("a" * 64, "/a.nef", 8, "raw", 1, 1, 14, "camera", Capture())
    fact = NewFact("asset.seen", "a" * 64, {"sha256": "a" * 64})
    store.ledger.append_assets([Seen(asset, Sighting("b", Reference("/a.nef", 8, 1, "a" * 64)), (fact,))])
    assert store.verify(read_data=True).is_clean


def test_a_blob_that_nothing_rests_on_is_extra_and_no_damage(store):
    name = store.blobs.put(b"interrupted work")
    report = store.verify(read_data=True)
    assert report.is_clean
    assert report.extra == (name,)


def test_a_damaged_page_of_the_database_is_told_and_blobs_are_checked_all_the_same(thousand):
    store, names = thousand
    store.close()
    data = bytearray(store.layout.ledger.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = random.Random(4).randbytes(4096)
    store.layout.ledger.write_bytes(data)
    with Store.open(store.root, inspect=True) as again:
        rewrite(again, names[0], b"other")
        report = again.verify(read_data=True)
    assert not report.is_clean
    assert report.tables or report.chain
    assert report.blobs == 1000
    assert names[0] in {each.sha256 for each in report.trouble}
