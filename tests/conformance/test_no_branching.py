"""Which environment a stack is on, and which scope it has, is asked nowhere but where it is decided.

Everything else takes the values: an ``Environment`` joined to its target, a ``Stack`` with its layers, a row of a table
for the cloud of a machine. ``branching`` says what is looked for in the sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .branching import Finding, findings
from .branching_exceptions import EXCEPTIONS
from .branching_knowledge import DECIDE, KNOWN, OWNERS, READ, owner_of, sources
from .branching_samples import BRANCHES, LEFT_ALONE


def found_in(project: Path) -> Iterator[Finding]:
    for path in sources(project):
        name = path.relative_to(project).as_posix()
        if not name.startswith(DECIDE):
            yield from findings(name, path.read_text(), KNOWN, owner_of(name))


@pytest.fixture(scope="module")
def found(project: Path) -> list[Finding]:
    return list(found_in(project))


def test_nothing_tells_environments_or_scopes_apart(found: list[Finding]) -> None:
    assert [str(finding) for finding in found if not any(allowed.covers(finding) for allowed in EXCEPTIONS)] == []


def test_every_exception_is_still_needed(found: list[Finding]) -> None:
    assert [allowed for allowed in EXCEPTIONS if not any(map(allowed.covers, found))] == []


@pytest.mark.parametrize(("field", "name"), [(field, name) for field, names in KNOWN.others.items() for name in names])
def test_every_variable_with_another_kind_or_scope_is_still_there(project: Path, field: str, name: str) -> None:
    assert any(f"{name}.{field}" in path.read_text() for path in sources(project))


def test_all_code_is_read(project: Path) -> None:
    paths = [path.relative_to(project).as_posix() for path in sources(project)]
    assert len(paths) > 400, "the rule was held against too few files"
    assert {path.split("/")[0] for path in paths} == set(READ)
    assert all(any(path.startswith(prefix) for path in paths) for prefix in OWNERS), "an environment's code has moved"
    assert {*KNOWN.words} >= {"eks", "aws", "onprem", "all", "hybrid", "serving"}
    assert {*KNOWN.classes} >= {"EksCluster", "EksClusterArgs", "CreatedVpc", "EfsStorage", "AwsAttachment"}
    assert KNOWN.values == {
        "AKS",
        "EKS",
        "EXISTING",
        "GKE",
        "KUBEADM",
        "LOCAL",
        "FOUNDATION",
        "ACCELERATORS",
        "SERVICES",
        "PLATFORM",
        "SERVING",
    }


@pytest.mark.parametrize("source", BRANCHES.values(), ids=BRANCHES)
def test_each_way_to_branch_is_seen(source: str) -> None:
    assert list(findings("cli/example.py", source, KNOWN))


@pytest.mark.parametrize("other", ["components/clusters/eks/rules/example.py", "simulation/clouds/aws/example.py"])
def test_an_environment_names_itself_and_no_other(other: str) -> None:
    own = "from .settings import EksTarget\nkind = 'eks'\nif name.startswith('AWS'): v = EfsStorage()"
    foreign = (
        "kind = 'gke'",
        "from ...clusters.gke.settings import GkeTarget",
        "Place.GCP",
        "scope = 'serving'",
        "if isinstance(storage, FilestoreStorage): pass",
        "if provider == 'Azure': pass",
    )
    assert not list(findings(other, own, KNOWN, "eks"))
    for source in foreign:
        assert list(findings(other, source, KNOWN, "eks")), source


def test_links_are_told_apart_by_their_own_package_only() -> None:
    source = "match link, network:\n    case DirectConnectLink(), AwsAttachment(): pass"
    assert not list(findings("components/networks/interconnect/rules/example.py", source, KNOWN))
    for path in ("stacks/links.py", "components/networks/addresses.py", "components/operations/example.py"):
        assert {finding.what for finding in findings(path, source, KNOWN)} == {
            "class DirectConnectLink",
            "class AwsAttachment",
        }


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("components/contracts/network_facts.py", "def place_of(name):\n    return 1 if name == 'aws' else 2"),
        ("components/networks/interconnect/rules/ends.py", "PLACES = 1 if p is Place.AWS else 2"),
        ("simulation/control_plane/cloud_nodes.py", "CLOUD_NODES = {'aws': 1}[name]"),
        ("stacks/definitions.py", "def define(raw):\n    return raw['scope'] == wanted"),
        ("stacks/reading.py", "def parse(raw):\n    if raw['scope'] == wanted: pass"),
        ("stacks/recording.py", "def record(settings):\n    if settings.scope == wanted: pass"),
        ("cli/questions.py", "def _of_stack(stack):\n    if stack.scope == wanted: pass"),
    ],
)
def test_an_exception_for_naming_one_is_none_for_telling_them_apart(path: str, source: str) -> None:
    found = list(findings(path, source, KNOWN))
    assert [finding for finding in found if not any(allowed.covers(finding) for allowed in EXCEPTIONS)]


@pytest.mark.parametrize("source", LEFT_ALONE)
def test_what_is_no_branch_is_left_alone(source: str) -> None:
    assert not list(findings("cli/example.py", source, KNOWN))
