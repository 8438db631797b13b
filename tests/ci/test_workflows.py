"""The workflows are what GitHub takes, and ask for no more than they need."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).resolve().parents[2] / ".github" / "workflows"
# What whoever opens a pull request can write: pasted into a script, it would run there.
FOREIGN_TEXT = re.compile(r"\$\{\{[^}]*(github\.event|github\.head_ref|matrix\.|inputs\.)[^}]*\}\}")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@v\d+(\.\d+)*")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Step(_Model):
    id: str = ""
    name: str = ""
    run: str = ""
    uses: str = ""
    condition: str = Field("", alias="if")
    arguments: dict[str, str | bool] = Field(default={}, alias="with")
    env: dict[str, str] = {}


class Job(_Model):
    runs_on: str = Field(alias="runs-on")
    minutes: int = Field(alias="timeout-minutes")
    needs: str = ""
    strategy: dict[str, object] = {}
    environment: dict[str, str] = {}
    permissions: dict[str, str] = {}
    outputs: dict[str, str] = {}
    env: dict[str, str] = {}
    steps: list[Step]


class Workflow(_Model):
    name: str
    on: dict[str, object]
    permissions: dict[str, str]
    concurrency: dict[str, str | bool] = {}
    jobs: dict[str, Job]


@pytest.fixture(params=sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> Workflow:
    content = yaml.safe_load(Path(request.param).read_text())
    # YAML 1.1 reads the key `on` as true.
    return Workflow.model_validate({("on" if key is True else key): value for key, value in content.items()})


@pytest.fixture
def preview() -> Job:
    content = yaml.safe_load((FOLDER / "preview.yml").read_text())
    return Job.model_validate(content["jobs"]["preview"])


def test_the_default_token_may_only_read(workflow: Workflow) -> None:
    assert workflow.permissions == {"contents": "read"}


def test_every_job_knows_the_jobs_that_it_waits_for(workflow: Workflow) -> None:
    assert {job.needs for job in workflow.jobs.values()} - {""} <= set(workflow.jobs)


def test_actions_are_pinned_and_each_step_does_one_thing(workflow: Workflow) -> None:
    for job in workflow.jobs.values():
        for step in job.steps:
            assert bool(step.run) != bool(step.uses), step
            assert not step.uses or PINNED.fullmatch(step.uses), step.uses


def test_no_script_contains_text_of_a_stranger(workflow: Workflow) -> None:
    for job in workflow.jobs.values():
        for step in job.steps:
            assert not FOREIGN_TEXT.search(step.run), f"pass it through env: {step.run}"


def test_every_make_target_exists(workflow: Workflow, project: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (project / "Makefile").read_text(), re.MULTILINE))
    for job in workflow.jobs.values():
        for step in job.steps:
            assert set(re.findall(r"\bmake ([a-z-]+)", step.run)) <= targets


def test_the_preview_logs_in_without_keys_and_only_where_a_role_is_named(preview: Job) -> None:
    assert preview.permissions["id-token"] == "write"
    logins = [step for step in preview.steps if step.name.startswith("Log in")]
    assert len(logins) == 3
    for step in logins:
        assert "env.SIMULATED == '0'" in step.condition
        assert "secrets." not in str(step.arguments)


def test_forks_never_meet_a_real_cloud(preview: Job) -> None:
    decide = preview.steps[1]
    assert "head.repo.full_name != github.repository" in decide.env["FORK"]
    assert decide.run.index('"$FORK" = true') < decide.run.index("SIMULATED=1") < decide.run.index("SIMULATED=0")
