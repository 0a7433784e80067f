import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.errors import DeclarationError
from safelight.workflows.lines import lines_of
from safelight.workflows.toml import MOST_BYTES, read_toml, read_toml_file

EVERYTHING = '''# comment
title = "a # b"
"odd key".'x.y' = 'c\\'   # dotted
[t]
  list = [ 1,
    2, # two
    { deep = 3, text = """
 "" quoted \\""" still
"""},
  ]
[t.inner]
day = 1979-05-27
[[row]]
k = 1
[[row]]
k = 2
[row.sub]
m = true
'''


def test_every_kind_of_key_knows_its_line():
    tomllib.loads(EVERYTHING)
    lines = lines_of(EVERYTHING)
    assert lines[("title",)] == 2
    assert lines[("odd key", "x.y")] == 3
    assert lines[("t",)] == 4
    assert [lines[("t", "list", n)] for n in range(3)] == [5, 6, 7]
    assert lines[("t", "list", 2, "text")] == 7
    assert lines[("t", "inner", "day")] == 12
    assert (lines[("row", 0, "k")], lines[("row", 1, "k")], lines[("row", 1, "sub", "m")]) == (14, 16, 18)


keys = st.text("abc-_", min_size=1, max_size=4)
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8).map(
    lambda s: '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
scalars = st.one_of(st.integers(-99, 99).map(str), st.booleans().map(lambda b: str(b).lower()), texts)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3).map(lambda v: f"[{', '.join(v)}]"), max_leaves=6
)


@given(st.dictionaries(keys, values, max_size=6), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_a_key_is_found_on_the_line_it_was_written_on(pairs, gaps):
    text, line, expected = "", 1, {}
    for (key, value), gap in zip(pairs.items(), gaps, strict=False):
        text += "# gap\n" * gap + f"{key} = {value}\n"
        expected[(key,)] = line + gap
        line += gap + 1
    found = lines_of(text)
    assert {k: v for k, v in found.items() if len(k) == 1} == expected


def test_windows_line_ends_count_once():
    assert lines_of("a = 1\r\n[t]\r\nb = 2\r\n")[("t", "b")] == 3


def test_what_is_no_toml_is_told_with_its_line():
    with pytest.raises(DeclarationError, match=r"^acme.toml line 2: this is not TOML: "):
        read_toml("a = 1\nb == 2", "acme.toml")


def test_an_unknown_key_names_the_allowed_and_the_nearest():
    table = read_toml("client = 'A'\n[picture]\nbackgruond = '#fff'", "acme.toml").table("picture")
    with pytest.raises(DeclarationError) as error:
        table.allow("background", "fill")
    assert str(error.value) == (
        "acme.toml line 3: no key called picture.backgruond; nearest is 'background'; it takes: background, fill"
    )


@pytest.mark.parametrize(
    ("text", "read", "said"),
    [
        ("a = 'x'", lambda t: t.number("a", 1.0, least=0, most=2), "a is 'x'; it takes 0 to 2 (default 1.0)"),
        ("a = true", lambda t: t.number("a", least=0, most=2, unit="px"), "a is true px; it takes 0 to 2 px"),
        ("a = 1.5", lambda t: t.number("a", least=0, most=2, whole=True), "a is 1.5; it takes a whole number, 0 to 2"),
        ("a = nan", lambda t: t.number("a", least=0, most=2), "a is nan; it takes 0 to 2"),
        ("a = 1", lambda t: t.text("a"), "a is 1; it takes text"),
        ("a = 1", lambda t: t.flag("a", default=False), "a is 1; it takes true or false (default false)"),
        ("a = 'b'", lambda t: t.choice("a", ("c", "d")), "a is 'b'; it takes one of c, d"),
        ("a = [1]", lambda t: t.texts("a"), "a holds 1; it takes a list of texts"),
        ("a = 1", lambda t: t.table("a"), "a is 1; it takes a table: [a]"),
        ("b = 1", lambda t: t.text("a"), "a is missing; it takes text"),
    ],
)
def test_a_value_that_does_not_fit_is_told_with_what_does(text, read, said):
    with pytest.raises(DeclarationError) as error:
        read(read_toml(text, "x.toml"))
    assert str(error.value) == f"x.toml line 1: {said}"


def test_a_guide_in_latin_1_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_bytes("client = 'Jürgen'".encode("latin-1"))
    with pytest.raises(DeclarationError, match=r"acme.toml is not UTF-8 at byte 11; save it as UTF-8"):
        read_toml_file(path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_bytes(b"\xef\xbb\xbfclient = 'A'")
    assert read_toml_file(path).text("client") == "A"


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DeclarationError, match=r"acme.toml cannot be read: No such file"):
        read_toml_file(tmp_path / "acme.toml")


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(DeclarationError, match="larger than 1000000 bytes"):
        read_toml_file(path)


def test_a_thousandfold_nesting_is_refused():
    with pytest.raises(DeclarationError):
        read_toml("a = " + "[" * 100_000, "deep.toml")
