"""States of 3d70e42 under today's program: a preview creates, deletes and replaces nothing.

The states of all example stacks are imported into one copy of the project. One embedded control plane stands
for every cluster, as a preview asks an API server about kinds only; the accounts of the clouds are empty but for
what the program looks up in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from tests.sandbox import Sandbox, sandbox

from .recorded import resources_of, state
from .settings import told, write_settings
from .stand_in import placeholders, stand_in

pytestmark = [pytest.mark.engine, pytest.mark.slow]
STACKS = ("dev", "aws", "gcp", "azure", "onprem", "hybrid", "aws-foundation", "aws-platform", "aws-serving")
NAMESPACE = "models"
KEPT = {"same", "read"}
"""What the engine may do to a resource without a reason: nothing, or look at another stack's outputs."""


@dataclass(frozen=True, kw_only=True)
class Update:
    """An update that is meant.

    Attributes:
        resource: Stack, ``/``, type and name, with ``*`` for any text.
        why: What is better for it, and why nobody is disturbed.
    """

    resource: str
    why: str


UPDATES: tuple[Update, ...] = (
    *(
        Update(
            resource=f"*/kubernetes:networking.k8s.io/v1:NetworkPolicy {name}",
            why="name lookups pass a cache on the node too; policies change in place, and nothing is cut off meanwhile",
        )
        for name in ("models-allow-dns", "model-catalog-policy")
    ),
    Update(
        resource="*/kubernetes:core/v1:ConfigMap model-catalog-program",
        why="the Job says why a volume cannot be written; the Job that ran keeps its name and is not run again",
    ),
    *(
        Update(
            resource=f"*/kubernetes:core/v1:PersistentVolume {name}",
            why="the volume belongs to the catalog and names the claim that it is bound to already",
        )
        # As it was called then and as it is called now, by an alias.
        for name in ("storage-strata-shared", "model-catalog-file-system")
    ),
    *(
        Update(
            resource=f"{stack}/kubernetes:apps/v1:Deployment qwen2-7b-servers",
            why="a cold start compiles and may take as long; servers are replaced one by one, and requests go on",
        )
        for stack in ("aws", "aws-serving")
    ),
    Update(
        resource="gcp/kubernetes:apps/v1:Deployment qwen2-7b-servers",
        why="NCCL would end where gIB is installed; servers are replaced one by one, and requests go on",
    ),
    Update(
        resource="onprem/command:remote:Command strata-site-add-ons",
        why="hosts made no snapshots of volumes; the command applies the same files again and some more",
    ),
    Update(
        resource="gcp/gcp:container/cluster:Cluster strata-gcp",
        why="GKE replaces no node by itself any more; a maintenance policy changes in place and no node notices",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Addition:
    """A resource that is new on purpose.

    Attributes:
        resource: Stack, ``/``, type and name.
        why: What is better for it.
    """

    resource: str
    why: str


_STREAMING = "streaming of images, which pools ask for, needs the API and the right to use it"
ADDITIONS: tuple[Addition, ...] = (
    Addition(resource="gcp/gcp:projects/service:Service strata-gcp-containerfilesystem", why=_STREAMING),
    Addition(
        resource="gcp/gcp:projects/iAMMember:IAMMember strata-gcp-nodes-serviceusage.serviceUsageConsumer",
        why=_STREAMING,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """An object that takes the place of another on purpose, and is there before the other goes.

    Attributes:
        new: Stack, ``/``, type and name of what is created, with ``*`` for any text.
        old: The same of what is deleted.
        why: What is better for it, and why nobody is disturbed.
    """

    new: str
    old: str
    why: str


_ATTACHMENT = "*/aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EXCHANGES: tuple[Exchange, ...] = (
    Exchange(
        new=f"{_ATTACHMENT} *-nodes-AmazonEKSWorkerNodePolicy",
        old=f"{_ATTACHMENT} *-nodes-AmazonEKSWorkerNodeMinimalPolicy",
        why="nodes never join without ec2:DescribeInstances; the new policy allows all that the old one does",
    ),
    Exchange(
        new=f"{_ATTACHMENT} *-aws-ebs-csi-driver-AmazonEBSCSIDriverPolicyV2",
        old=f"{_ATTACHMENT} *-aws-ebs-csi-driver-AmazonEBSCSIDriverPolicy",
        why="the driver may touch only what carries its tag, as all its volumes do since they were made",
    ),
)


CREATED: tuple[Update, ...] = (
    tuple(
        Update(
            resource=f"*/{resource}",
            why="nobody told Kubernetes about the GPUs of nodes whose image has no device plugin, and no server ran",
        )
        for resource in (
            "strata:accelerators:Accelerators accelerators",
            "strata:operations:GuardedNamespace accelerators-namespace",
            "kubernetes:core/v1:Namespace accelerators-namespace",
            "kubernetes:core/v1:LimitRange accelerators-namespace-defaults",
            "kubernetes:networking.k8s.io/v1:NetworkPolicy accelerators-namespace-*",
            "kubernetes:core/v1:ResourceQuota accelerators-critical-pods",
            "kubernetes:helm.sh/v4:Chart accelerators-device-plugin",
            "kubernetes:apps/v1:DaemonSet accelerators-device-plugin:strata-accelerators/nvidia-device-plugin*",
            "kubernetes:apps/v1:DaemonSet accelerators-efa-plugin",
            "kubernetes:helm.sh/v4:Chart accelerators-gpu-operator",
            "kubernetes:* accelerators-gpu-operator[-:]*",
        )
    )
    + tuple(
        Update(resource=f"onprem/{resource}", why="hosts come without metrics-server; nothing that runs notices it")
        for resource in (
            "strata:services:MetricsServer metrics-server",
            "strata:operations:GuardedNamespace metrics-server-namespace",
            "kubernetes:* metrics-server-*",
        )
    )
    + tuple(
        Update(
            resource=f"onprem/{resource}", why="hosts with broken GPUs stayed in service; no server is touched by it"
        )
        for resource in (
            "strata:services:NodeRepair node-repair",
            "strata:operations:GuardedNamespace node-repair-namespace",
            "kubernetes:* node-repair-*",
        )
    )
    + tuple(
        Update(
            resource=f"aws*/aws:eks/addon:Addon *-{name}", why="EKS made no snapshots and no certificates for webhooks"
        )
        for name in ("cert-manager", "snapshot-controller")
    )
)
"""Resources that are new since then."""


class Step(BaseModel):
    """What the engine would do to one resource."""

    model_config = ConfigDict(extra="ignore")
    op: str
    urn: str
    reasons: list[str] | None = Field(default=None, alias="diffReasons")

    @property
    def resource(self) -> str:
        """Its type and name, without its parents."""
        stack, _, types, name = self.urn.removeprefix("urn:pulumi:").split("::", 3)
        return f"{stack}/{types.rpartition('$')[2]} {name}"


class Preview(BaseModel):
    """What ``pulumi preview --json`` tells."""

    model_config = ConfigDict(extra="ignore")
    steps: list[Step]
    changes: dict[str, int] = Field(alias="changeSummary")


@pytest.fixture(scope="module")
def box(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox(project, tmp_path_factory.mktemp("states"), *STACKS) as made:
        for stack in STACKS:
            write_settings(made.folder, made.folder, stack)
        started = made.strata("start")
        assert started.returncode == 0, started.stderr
        # It also writes what a shell needs to meet simulated clouds.
        assert made.beside("aws").strata("check").returncode == 0
        yield made


@pytest.fixture(scope="module")
def imported(box: Sandbox) -> Sandbox:
    """Every stack with the state that 3d70e42 left."""
    stand_in(box)
    values = placeholders(box)
    for stack in STACKS:
        file = box.folder / "state.json"
        file.write_text(json.dumps(told(stack, state(stack, values))))
        pulumi(box, stack, f"stack init {stack} --non-interactive", check=stack != "dev")
        pulumi(box, stack, f"stack import --stack {stack} --file {file}")
    return box


def pulumi(box: Sandbox, stack: str, command: str, *, check: bool = True) -> str:
    """Run the engine on the backend of the stack's mode; what it prints."""
    done = box.run(["sh", "-c", f"pulumi {command}"]) if stack == "dev" else box.simulated(f"pulumi {command}")
    assert done.returncode == 0 or not check, f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def put_updated(box: Sandbox, stack: str) -> None:
    """Make the objects that are meant to be updated, as the stack left them: a preview asks the API server to try."""
    recorded = resources_of(state(stack, placeholders(box)))
    updated = [
        found
        for found in recorded
        if found.type.startswith("kubernetes:")
        and any(
            fnmatchcase(f"{stack}/{found.type} {found.urn.rpartition('::')[2]}", update.resource) for update in UPDATES
        )
    ]
    if not updated:
        return
    box.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")
    box.kubectl("create", "namespace", NAMESPACE)
    box.kubectl("delete", "persistentvolumes", "--all", "--wait=true")
    for found in updated:
        file = box.folder / "object.json"
        file.write_text(json.dumps(found.object))
        # Whoever applies another value to a field has to be its manager.
        box.kubectl(
            "apply", "--server-side", f"--field-manager={found.outputs['__fieldManager']}", f"--filename={file}"
        )


def previewed(box: Sandbox, stack: str) -> Preview:
    """What today's program would do to the stack; nothing is refreshed."""
    return Preview.model_validate_json(pulumi(box, stack, f"preview --json --non-interactive --stack {stack}"))


def changes(preview: Preview) -> dict[str, Step]:
    """What would happen to which resource, but for components that only group others, exchanges and additions."""
    meant = {step.urn for pair in exchanges(preview) for step in pair} | {step.urn for step in additions(preview)}
    return {step.resource: step for step in preview.steps if step.op not in KEPT and step.urn not in meant}


def additions(preview: Preview) -> list[Step]:
    """What is created because a later version needs it."""
    wanted = {addition.resource for addition in ADDITIONS}
    return [step for step in preview.steps if step.op == "create" and step.resource in wanted]


def exchanges(preview: Preview) -> list[tuple[Step, Step]]:
    """What comes and what goes for it, where both do."""
    found: list[tuple[Step, Step]] = []
    for exchange in EXCHANGES:
        new = [step for step in preview.steps if step.op == "create" and fnmatchcase(step.resource, exchange.new)]
        old = [step for step in preview.steps if step.op == "delete" and fnmatchcase(step.resource, exchange.old)]
        if len(new) == len(old) == 1:
            found.append((new[0], old[0]))
    return found


def _is_listed(resource: str, listed: Sequence[Update]) -> bool:
    return any(fnmatchcase(resource, entry.resource) for entry in listed)


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_created_deleted_or_replaced(imported: Sandbox, stack: str) -> None:
    put_updated(imported, stack)
    preview = previewed(imported, stack)
    assert preview.changes.get("same", 0) > 5, "a preview of an empty state would hold for anything"
    changed = changes(preview)
    created = {name for name, step in changed.items() if step.op == "create" and _is_listed(name, CREATED)}
    assert {name: step.op for name, step in changed.items() if step.op != "update" and name not in created} == {}
    for new, old in exchanges(preview):
        assert preview.steps.index(new) < preview.steps.index(old), "what needs it would be without either"
    unargued = {
        name: step.reasons for name, step in changed.items() if name not in created and not _is_listed(name, UPDATES)
    }
    assert unargued == {}, "undo these updates, or list them with a reason"


@pytest.mark.parametrize("stack", ["aws", "gcp", "azure", "onprem", "aws-foundation"])
def test_the_kubeconfig_of_a_cloud_s_stack_reaches_an_api_server(imported: Sandbox, stack: str) -> None:
    kubeconfig = imported.folder / "kubeconfig"
    kubeconfig.write_text(pulumi(imported, stack, f"stack output kubeconfig --show-secrets --stack {stack}"))
    answer = imported.simulated(f"kubectl --kubeconfig {kubeconfig} get --raw /readyz")
    assert answer.stdout == "ok", f"its objects would be called unchanged unseen: {answer.stderr}"


def test_another_name_would_be_seen(imported: Sandbox) -> None:
    path = imported.folder / "components/operations/namespaces.py"
    before = path.read_text()
    after = before.replace('f"{name}-{DEFAULT_DENY}"', 'f"{name}-closed"')
    assert after != before
    path.write_text(after)
    put_updated(imported, "dev")
    try:
        preview = previewed(imported, "dev")
    finally:
        path.write_text(before)
    policy = "dev/kubernetes:networking.k8s.io/v1:NetworkPolicy"
    seen = {name: step.op for name, step in changes(preview).items() if not _is_listed(name, CREATED)}
    assert {name: op for name, op in seen.items() if op != "update"} == {
        f"{policy} models-closed": "create",
        f"{policy} models-default-deny": "delete",
    }
