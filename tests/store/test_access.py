"""Who may do what."""

from __future__ import annotations

import pytest

from safelight.access import embedded_role, may, personal, require, roles, verbs
from safelight.core.facts import SYSTEM, Actor
from safelight.errors import AccessDeniedError, UnknownNameError

ANN = Actor("person", "Ann")


def test_a_named_admin_may_do_everything():
    assert all(may(ANN, "admin", verb) for verb in verbs())


@pytest.mark.parametrize("actor", [SYSTEM, Actor("step", "cutout", "1"), Actor("person", ""), Actor("person", "  ")])
@pytest.mark.parametrize("verb", sorted(personal()))
def test_nobody_without_a_name_decides_or_releases(actor, verb):
    assert not any(may(actor, role, verb) for role in roles())


def test_those_who_decide():
    assert {role for role in roles() if may(ANN, role, "decide")} == {"admin", "lead", "senior", "reviewer"}


def test_those_who_release():
    assert {role for role in roles() if may(ANN, role, "release")} == {"admin", "lead"}


def test_a_client_looks_notes_and_returns_only():
    assert {verb for verb in verbs() if may(ANN, "client", verb)} == {"view", "note", "return"}


def test_only_the_admin_restores_erases_and_configures():
    for verb in ("restore", "erase", "configure"):
        assert {role for role in roles() if may(ANN, role, verb)} == {"admin"}


def test_every_role_may_look_and_knows_only_known_verbs():
    for role, own in roles().items():
        assert "view" in own, role
        assert own <= verbs()


def test_a_refusal_names_actor_verb_and_those_who_may():
    with pytest.raises(
        AccessDeniedError, match=r"person 'Ann' is vendor and may not release; those who may: admin, lead"
    ):
        require(ANN, "vendor", "release")


def test_a_refusal_for_want_of_a_name_says_how_to_give_one():
    with pytest.raises(AccessDeniedError, match="by name; say who with --as NAME"):
        require(Actor("person", ""), "admin", "release")
    require(ANN, "admin", "release")


def test_an_unknown_role_or_verb_is_refused_with_the_list():
    with pytest.raises(UnknownNameError, match="no role called 'boss'; there are: admin"):
        may(ANN, "boss", "view")
    with pytest.raises(UnknownNameError, match="no verb called 'relase'"):
        may(ANN, "admin", "relase")


def test_the_person_at_an_embedded_store_is_the_admin():
    assert embedded_role(ANN) == "admin"
    assert embedded_role(SYSTEM) == "service"
