"""Queues, briefs, returns, the hero first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.core import batch as told
from safelight.core.edit import Edit, EditStep
from safelight.core.facts import Actor
from safelight.core.recipe import HeroRule
from safelight.errors import GateClosedError, UsageError
from safelight.plugins import step_named
from safelight.review.assign import Worker, choose
from safelight.review.briefs import BRIEFED, briefs_for, read_briefs, set_brief
from safelight.review.decide import decide, find_file
from safelight.review.hero import followers, leads_by_guide, propagate
from safelight.review.queues import queue_items, rounds
from safelight.review.reopen import client_return
from safelight.routing.calendar import Calendar
from safelight.routing.lanes import lane_of
from safelight.workflows.product_board import product_states
from safelight.workflows.products import Needs
from tests.review.story import Story

NOW = "2026-11-23T12:00:00+00:00"  # the Monday after the story's Saturday


def view(story, name, sku, side, *, stakes="standard", category="packshot", light="light-1"):
    story.file(name, stakes=stakes)
    body = {"path": name, "class": "pick", "stakes": stakes, "category": category, "sku": sku, "view": side}
    story.add(told.SORTED, f"asset-{name}", body | {"color": "", "lighting": light})
    reasons = [{"text": "because"}]
    story.add(told.ROUTED, f"{name}-v1", {"route": "review", "queue": "color", "confidence": 0.8, "reasons": reasons})


def say(story, name, decided, who, reason="", marks=()):
    batch = story.batch()
    story.take(decide(batch, find_file(batch, name), decided, who, reason, marks=marks))


def waiting(story, needs=None):
    batch = story.batch()
    return queue_items("spring", product_states(batch, needs or Needs()), NOW, Calendar())


def deliver(story, name):
    body = {"channel": "amazon-main", "name": "A1_front.jpg", "sha256": "f" * 64, "rules": []}
    story.add(told.DELIVERED, f"{name}-v1", body)


def test_what_moves_revenue_comes_first():
    story = Story()
    view(story, "a.jpg", "A1", "back")
    view(story, "b.jpg", "B2", "hero", stakes="high")
    view(story, "c.jpg", "C3", "front", category="jewelry")
    found = waiting(story)
    assert [each.product for each in found] == ["B2", "C3", "A1"]
    assert found[0].why == ("hero picture", "high stakes")


def test_what_is_overdue_comes_before_everything_and_says_so():
    story = Story()
    view(story, "a.jpg", "A1", "back")
    view(story, "b.jpg", "B2", "hero", stakes="high")
    batch = story.batch()
    board = product_states(batch, Needs())
    late = queue_items("spring", [each for each in board if each.sku == "A1"], "2026-11-25T12:00:00Z", Calendar())
    assert late[0].overdue
    assert late[0].why[0].startswith("overdue by")


def test_a_queue_is_by_product_and_counts_business_hours_only():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    view(story, "b.jpg", "A1", "back")
    (item,) = waiting(story)
    assert (sorted(item.files), item.queue, item.lane) == (["a.jpg", "b.jpg"], "color", "catalog")
    assert item.age_h == 3.0  # Monday from nine, whatever the weekend
    assert item.left_h == lane_of("packshot").sla_h - 3.0


def test_a_product_with_a_missing_view_is_an_exception_on_the_board():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    say(story, "a.jpg", "approve", "Ines")
    (item,) = waiting(story, Needs({"packshot": ("front", "back")}))
    assert (item.queue, item.problems) == ("exceptions", ("no back",))


def test_what_is_spared_its_own_look_waits_for_the_release():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    story.add(told.ROUTED, "a.jpg-v1", {"route": "spot_check", "queue": "edge_repair", "reasons": [{"text": "x"}]})
    (item,) = waiting(story)
    assert item.queue == "release"


def test_what_was_sent_back_waits_in_its_steps_queue_in_the_next_round():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    say(story, "a.jpg", "revise", "Tom", marks=["crop_off"])
    (item,) = waiting(story)
    assert (item.queue, item.reasons, item.round) == ("crop", ("crop_off",), 1)
    story.version("a.jpg", 2)
    assert rounds(story.batch().files["a.jpg"]) == 2


def test_work_goes_to_skill_and_the_least_load_and_never_to_who_made_it():
    story = Story()
    view(story, "a.jpg", "A1", "front", stakes="high")
    (item,) = waiting(story)
    desk = [
        Worker("Ada", frozenset({"color"}), load=4),
        Worker("Bea", frozenset({"color"}), load=1),
        Worker("Cem", frozenset({"crop"}), load=0),
        Worker("Dan", frozenset({"color"}), load=0, junior=True),
    ]
    assert choose(item, desk).name == "Bea"
    assert choose(item, []).why == "nobody at the desk works on color of packshot"
    look = replace(item, queue="review")
    assert choose(look, [Worker("Rosa"), Worker("Tom")], made_by=["rosa"]).name == "Tom"


def test_a_clients_return_reopens_a_delivered_file_and_keeps_what_was_delivered():
    story = Story()
    view(story, "a.jpg", "A1", "front")
    batch = story.batch()
    with pytest.raises(GateClosedError, match=r"a\.jpg was not delivered \(waiting\)"):
        client_return(batch, batch.files["a.jpg"], "Client", "too red")
    say(story, "a.jpg", "approve", "Ines")
    deliver(story, "a.jpg")
    with pytest.raises(GateClosedError, match="revise on it is a client's return"):
        say(story, "a.jpg", "revise", "Tom", "hm")
    batch = story.batch()
    story.take(client_return(batch, batch.files["a.jpg"], "Client", marks=["color_off"]))
    file = story.batch().files["a.jpg"]
    assert (file.standing, file.queue, len(file.past_deliveries)) == ("sent_back", "color", 1)
    with pytest.raises(GateClosedError, match="Client decided revise on this version"):
        say(story, "a.jpg", "approve", "Client")
    (item,) = waiting(story)
    assert item.why[0] == "a client sent it back"


def test_work_goes_by_its_briefs_from_the_widest_to_the_narrowest():
    story = Story()
    for about, text in (
        ("", "calm"),
        ("category:jewelry", "cold light"),
        ("product:A1", "stone up"),
        ("", "calm, warm"),
    ):
        (fact,) = set_brief("spring", about, text, [], "Lena")
        story.add(fact.kind, fact.subject, fact.body, **fact.personal)
    held = read_briefs(each for each in story.facts if each.kind == BRIEFED)
    found = briefs_for(held, category="jewelry", lane="catalog", queue="color", product="A1")
    assert [each.text for each in found] == ["calm, warm", "cold light", "stone up"]
    with pytest.raises(UsageError, match="it takes category:NAME, lane:NAME"):
        set_brief("spring", "jewelry", "x", [], "Lena")


def step_of(name, stops, *, by_person=False):
    by = Actor("person", "retoucher") if by_person else Actor("step", name, "1")
    params = step_named(name).params.accept({"stops": stops} if name == "exposure" else {}, fill=True)
    return EditStep(name, step_named(name).version, params, by, amended=by_person)


def told_by_machine(stops):
    """What exposure had been proposed for each file; of everything else nothing is known."""
    return lambda file, step: step_of("exposure", stops[file.path]) if step == "exposure" else None


def test_a_hero_hands_its_correction_on_once_it_is_approved_and_never_its_crop():
    story = Story()
    machine = {"hero.jpg": 0.1, "b.jpg": 0.9, "c.jpg": 0.4}
    for name, light in (("hero.jpg", "light-1"), ("b.jpg", "light-1"), ("c.jpg", "light-2")):
        view(story, name, name[0].upper(), "front", light=light)
        mine = step_of("exposure", 0.3, by_person=True) if name == "hero.jpg" else step_of("exposure", machine[name])
        edit = Edit(f"asset-{name}", (mine, step_of("crop_to_spec", 0)))
        made = {
            "asset": f"asset-{name}",
            "edit_key": "e",
            "blobs": {"master": "m"},
            "edit": edit.to_data(),
            "keys": {"exposure": "k"},
        }
        story.add(told.MADE, f"{name}-v1", made)
    batch, known = story.batch(), told_by_machine(machine)
    with pytest.raises(GateClosedError, match="a hero speaks for others once it is approved"):
        propagate(batch, batch.files["hero.jpg"], [], "Lena", "the tone", known)
    say(story, "hero.jpg", "approve", "Lena")
    batch = story.batch()
    assert [each.path for each in followers(batch, batch.files["hero.jpg"])] == ["b.jpg"]
    ((file, (fact,)),) = propagate(batch, batch.files["hero.jpg"], [], "Lena", "the tone", known)
    assert (file.path, fact.body["step"], fact.body["key"]) == ("b.jpg", "exposure", "k")
    assert fact.body["params"]["stops"] == pytest.approx(1.1)  # its own 0.9, and the 0.2 that a person added
    assert fact.body["reason"] == "the tone; stops +0.2 on top of its own baseline, as retoucher set the hero"
    said = "crop_to_spec of hero.jpg is not handed on: a hero gives what a person made .* which is: exposure"
    with pytest.raises(UsageError, match=said):
        propagate(batch, batch.files["hero.jpg"], ["crop_to_spec"], "Lena", "the tone", known)
    assert fact.body["hero"] == "asset-hero.jpg"
    own = {"path": "b.jpg", "step": "exposure", "version": 1, "params": {"stops": -1.0}, "artifacts": {}, "key": "k"}
    story.add(told.AMENDED, "asset-b.jpg", own, name="Tom")
    batch = story.batch()
    assert propagate(batch, batch.files["hero.jpg"], [], "Lena", "the tone", known) == [
        (batch.files["b.jpg"], [])  # Tom's
    ]
    story.add(told.AMENDED, "asset-b.jpg", own | {"hero": "asset-hero.jpg"}, name="Lena")
    batch = story.batch()
    ((_, (given,)),) = propagate(batch, batch.files["hero.jpg"], [], "Lena", "the tone", known)
    assert given.body["params"] == fact.body["params"]  # what a hero gave before is given anew, and not on top of it
    assert leads_by_guide(batch, batch.files["hero.jpg"], HeroRule(hero="hero"))
    assert not leads_by_guide(batch, batch.files["hero.jpg"], HeroRule(hero="b.jpg"))
    assert not leads_by_guide(batch, batch.files["hero.jpg"], None)
