"""A hot folder end to end: a good file and a broken one arrive; one is worked, the other says why not."""

from __future__ import annotations

from tests.journeys.cli import lines, safelight
from tests.shoots import SPOT_CHECK_GUIDE, jpeg, product


def test_what_arrives_is_run_from_copies_and_put_away(tmp_path):
    (tmp_path / "in" / "packshots").mkdir(parents=True)
    (tmp_path / "in" / "packshots" / "SKU00_front.jpg").write_bytes(jpeg(product(0)))
    (tmp_path / "in" / "packshots" / "broken.jpg").write_bytes(jpeg(product(9))[:9000])
    (tmp_path / "acme.toml").write_text(SPOT_CHECK_GUIDE)
    done = lines(safelight("watch", "in", "--guide", "acme.toml", "--once", "--json", folder=tmp_path))
    told = {each["file"]: each for each in done}
    assert told["packshots/SKU00_front.jpg"]["done"]
    assert "broken.jpg" in told["packshots/broken.jpg"]["reason"]
    claim = told["packshots/SKU00_front.jpg"]["claim"]
    assert (tmp_path / "in" / "done" / claim / "packshots" / "SKU00_front.jpg").is_file()
    assert (tmp_path / "in" / "error" / claim / "packshots" / "broken.jpg.reason.txt").read_text()
    # The original has moved; the release works from the store's copy.
    safelight("release", claim, "--as", "Ines", "--yes", folder=tmp_path)
    assert len(list((tmp_path / "out" / claim / "delivery").rglob("*.jpg"))) == 2
    assert "clean" in safelight("verify", folder=tmp_path).stdout
