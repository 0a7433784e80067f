from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.media.names import display_name, slug


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a.jpg", "a.jpg"),
        ("a\nb.jpg", "a\\nb.jpg"),
        (b"caf\xe9.jpg", "caf\\xe9.jpg"),
        ("invoice\u202egpj.exe", "invoice\\u202egpj.exe"),
        ("\x1b[31mred.jpg", "\\x1b[31mred.jpg"),
        ("-rf.jpg", "./-rf.jpg"),
        ("cafe\u0301.jpg", "café.jpg"),
        ("写真.jpg", "写真.jpg"),
    ],
)
def test_a_name_is_shown_without_what_could_hide_or_forge_text(path, shown):
    assert display_name(path) == shown


def test_the_two_spellings_of_an_accent_are_shown_alike():
    assert display_name("Cr\u00e8me.jpg") == display_name("Cre\u0300me.jpg")


@given(st.binary(min_size=1, max_size=60).filter(lambda name: b"\0" not in name))
def test_any_name_of_bytes_is_printable(name):
    assert display_name(name).isprintable()


@given(st.text(max_size=300))
def test_any_text_becomes_a_stem_that_every_file_system_takes(text):
    stem = slug(text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    assert stem.isascii()
    assert 0 < len(stem) <= 205
    assert not set(stem) & set('/\\:*?"<>| \n')
    assert stem[0] not in ".-"
    assert os.path.basename(stem) == stem


def test_a_device_name_of_windows_is_not_used_as_a_stem():
    assert slug("CON") == "CON-file"
    assert slug("nul.jpg") == "nul.jpg-file"
