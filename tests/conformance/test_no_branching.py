"""Which environment a stack is on, and which scope it has, is asked nowhere but where it is decided.

Everything else takes the values: an ``Environment`` joined to its target, a ``Stack`` with its layers, a row of a table
for the cloud of a machine. ``branching`` says what is looked for in the sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clusters import environments
from components.clusters.environment import Environment
from components.clusters.environments import ENVIRONMENTS
from components.contracts.network_facts import Place
from stacks.definitions import OURS

from .branching import Finding, Knowledge, findings
from .branching_exceptions import EXCEPTIONS

READ = ("components", "stacks", "cli", "simulation", "tools", "__main__.py", "setup.py")
# Each environment's own code, by the value of ``target.kind``; the settings unions and the layers.
CLOUDS = {"aws": "eks", "gcp": "gke", "azure": "aks", "onprem": "kubeadm"}
TWINS = {"aws": "eks", "gcp": "gke", "azure": "aks", "command": "kubeadm"}
KINDS = [environment.settings.__module__.split(".")[-2] for environment in ENVIRONMENTS]
OWNERS = {
    **{f"components/clusters/{kind}/": kind for kind in KINDS},
    **{f"components/networks/{cloud}/": CLOUDS[cloud] for cloud in ("aws", "gcp", "azure")},
    **{f"simulation/clouds/{twin}/": kind for twin, kind in TWINS.items()},
}
DECIDE = ("stacks/settings.py", "stacks/targets.py", "stacks/layers/")
_SCOPES = "the layers"
KNOWN = Knowledge(
    types={
        *(environment.settings.__name__ for environment in ENVIRONMENTS),
        *(scope.settings.__name__ for scope in OURS.scopes.values()),
    },
    values={name for name, value in vars(environments).items() if isinstance(value, Environment)},
    words={**{kind: kind for kind in KINDS}, **CLOUDS, **dict.fromkeys(OURS.scopes, _SCOPES)},
    members={place.name: CLOUDS.get(place.value, "kubeadm") for place in Place},
    packages={
        "stacks.targets": _SCOPES,
        **{f"components.clusters.{kind}": kind for kind in KINDS},
        **{f"simulation.clouds.{twin}": kind for twin, kind in TWINS.items()},
    },
    # What else has a kind: pools, purchases, links and circuits, parameters of functions, and the simulation's records.
    others={
        "kind": ("capacity", "pool", "link", "circuit", "diff", "parameter", "fault", "call", "record", "holder"),
        "scope": ("native", "quantization"),
    },
)


def sources(project: Path) -> list[Path]:
    return [path for part in READ for path in sorted((project / part).rglob("*.py")) or [project / part]]


def found_in(project: Path) -> Iterator[Finding]:
    for path in sources(project):
        name = path.relative_to(project).as_posix()
        if not name.startswith(DECIDE):
            owner = next((owner for prefix, owner in OWNERS.items() if name.startswith(prefix)), "")
            yield from findings(name, path.read_text(), KNOWN, owner)


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
    assert KNOWN.values == {"AKS", "EKS", "EXISTING", "GKE", "KUBEADM", "LOCAL"}


_BRANCHES = {
    "isinstance": "if isinstance(settings.target, EksTarget): pass",
    "isinstance, module-qualified": "from components.clusters import eks\nif isinstance(t, eks.EksTarget): pass",
    "isinstance, module of settings": "from stacks import settings as s\nif isinstance(x, s.ServingSettings): pass",
    "isinstance, renamed": "from stacks.settings import ServingSettings as SS\nif isinstance(x, SS): pass",
    "isinstance, union": "if isinstance(settings, Settings | HybridSettings): pass",
    "isinstance, any environment's settings": "if isinstance(target, environment.settings): pass",
    "isinstance, by name": "if isinstance(target, getattr(module, 'EksTarget')): pass",
    "issubclass": "if issubclass(type(x), ServingSettings): pass",
    "issubclass, any scope's settings": "if issubclass(kind, scopes[name].settings): pass",
    "class pattern": "match target:\n    case GkeTarget(): pass",
    "class pattern, module-qualified": "match x:\n    case s.ServingSettings() as q: pass",
    "class pattern with kind": "match target:\n    case object(kind=wanted): pass",
    "type is": "if type(x) is ServingSettings: pass",
    "type in": "if type(x) in (ServingSettings,): pass",
    "types compared": "if type(x) is type(y): pass",
    "type matched": "match type(x):\n    case y: pass",
    "name of a type": "if type(x).__name__ == name: pass",
    "name of a type, spelled": "name = 'EksTarget'",
    "__class__": "if x.__class__ is wanted: pass",
    "target.kind": "if target.kind == name: pass",
    "kind of anything": "if t.kind == name: pass",
    "kind, constant": "EKS = 'eks'",
    "kind, enumeration": "if t.kind == Kind.EKS.value: pass",
    "kind, set": "if kind in {'local', 'existing'}: pass",
    "kind, pattern": "match kind:\n    case 'eks' | 'gke': pass",
    "kind, mapping pattern": "match raw:\n    case {'kind': wanted}: pass",
    "kind, subscript": "if raw['kind'] == wanted: pass",
    "kind, get": "if raw.get('kind') == wanted: pass",
    "kind, getattr": "if getattr(x, 'kind') == y: pass",
    "kind, renamed": "k = target.kind\nif k == y: pass",
    "kind, in an expression": "if (k := target.kind) == x: pass",
    "kind, f-string": "if f'{target.kind}' == x: pass",
    "kind, prefix": "if t.kind.startswith('ek'): pass",
    "name, prefix": "if x.startswith('eks'): pass",
    "name, longer prefix": "if x.startswith('eks-'): pass",
    "name, in a text": "if x in 'eks,gke': pass",
    "table by kind": "f = {'eks': 1, 'gke': 2}[x]",
    "table by type": "f = {EksTarget: 1}",
    "table by kind, any words": "f = table[t.kind]",
    "one environment": "if env is EKS: pass",
    "one environment, imported": "from components.clusters.eks import ENVIRONMENT\nif environment is ENVIRONMENT: pass",
    "one environment, renamed": "from components.clusters.environments import EKS as ours",
    "one environment, by place": "first = ENVIRONMENTS[0]",
    "environments compared": "if bound.environment is wanted: pass",
    "environment of facts": "if facts.environment == somewhere: pass",
    "environment of facts, matched": "match facts.environment:\n    case Known.EKS: pass",
    "environment's module, in a text": "import_module('components.clusters.eks.cluster')",
    "targets": "from stacks.targets import Target",
    "cloud": "if machine.cloud == 'azure': pass",
    "cloud, prefix": "if machine.cloud.startswith(('az', 'aw')): pass",
    "cloud, table": "resource = {'azure': 1}.get(machine.cloud)",
    "place": "if facts.place is not Place.AWS: pass",
    "place, renamed": "if facts.place is Where.GCP: pass",
    "scope": "if settings.scope == 'all': pass",
    "scope, anything": "if stack.scope == wanted: pass",
    "scope, pattern": "match scope:\n    case 'serving': pass",
    "scope, enumeration": "match stack.scope:\n    case X.SERVING: pass",
    "scope, table": "f = {'all': 1, 'serving': 2}[x]",
    "scope, from values": "if values.get('scope') == wanted: pass",
    "layer, by name": "if layer.name == 'serving': pass",
    "layer, in a list": "if 'serving' in stack.layers: pass",
    "fields of a target": "if hasattr(target, 'bastion'): pass",
    "fields of settings": "if 'networks' in type(x).model_fields: pass",
}


@pytest.mark.parametrize("source", _BRANCHES.values(), ids=_BRANCHES)
def test_each_way_to_branch_is_seen(source: str) -> None:
    assert list(findings("cli/example.py", source, KNOWN))


@pytest.mark.parametrize("other", ["components/clusters/eks/rules/example.py", "simulation/clouds/aws/example.py"])
def test_an_environment_names_itself_and_no_other(other: str) -> None:
    own = "from .settings import EksTarget\nkind = 'eks'"
    foreign = ("kind = 'gke'", "from ...clusters.gke.settings import GkeTarget", "Place.GCP", "scope = 'serving'")
    assert not list(findings(other, own, KNOWN, "eks"))
    for source in foreign:
        assert list(findings(other, source, KNOWN, "eks")), source


@pytest.mark.parametrize(
    "source",
    [
        "if pool.kind == 'gpu' and presence is Presence.CLOUD: pass",
        "bound = environment.bind(target, pools)",
        "if stack.environment is None: pass",
        "nodes = clouds()[machine.cloud]",
        "def f():\n    'eks'",
        "__all__ = ['Settings']",
    ],
)
def test_what_is_no_branch_is_left_alone(source: str) -> None:
    assert not list(findings("cli/example.py", source, KNOWN))
