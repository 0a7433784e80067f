"""What ships, held against what ships."""

import pytest

from safelight.delivery.packs import pack_names
from safelight.plugins import check_named, step_named, step_names
from safelight.workflows.guide_file import load_guide
from safelight.workflows.questions import write_guide
from safelight.workflows.workflow import load_workflow, workflow_names


def test_the_houses_guide_holds_against_what_is_installed():
    guide = load_guide("house", channels=pack_names())
    plan = guide.plan("packshot")
    for use in plan.steps:
        assert step_named(use.step).params.accept(use.params) == dict(use.params)


@pytest.mark.parametrize("name", workflow_names())
def test_every_workflow_holds_against_what_is_installed(name):
    flow = load_workflow(name)
    assert all(check_named(each.check).specs for each in flow.checks)


def test_a_new_guide_holds_against_what_is_installed(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_text(write_guide({"client": "Acme"}, pack_names()), encoding="utf-8")
    assert load_guide(str(path), channels=pack_names()).client == "Acme"


@pytest.mark.parametrize("name", step_names())
def test_every_steps_task_is_on_the_reliability_map(name):
    known = load_guide("house", channels=pack_names()).reliability()
    assert step_named(name).task in known.tasks
