"""Nodes with broken GPUs are cordoned and drained within budgets; docs/decisions/node-repair.md says why by these two.

Kubernetes' node-problem-detector turns lines of the kernel log into a condition of the node, and ``repair_program``
acts on the condition. The detector's chart is in no Go module, and is one DaemonSet, which differs from this one only
in how nodes are chosen and in what it looks for. Source: kubernetes/node-problem-detector v1.34.0, ``deployment`` and
``config/kernel-monitor.json``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
from pulumi_kubernetes import apps, core, meta, rbac

from ..contracts.arguments import checked, checked_arguments
from ..contracts.cluster_facts import ClusterFacts
from ..contracts.names import short_hash
from ..contracts.versions import NODE_PROBLEM_DETECTOR, PYTHON
from ..workloads.daemons import daemon_set, on_pools, tolerations_of
from ..workloads.identity import Identity
from ..workloads.metadata import metadata, platform_metadata
from ..workloads.network_policies import anywhere_egress
from ..workloads.security import container_security, pod_security
from . import xids
from .known import NODE_REPAIR as SERVICE
from .service import ServiceSources
from .space import KUBERNETES_PORTS, ServiceSpace, service_space

DETECTOR = "node-problem-detector"
"""Name of the image, and of the DaemonSet."""
DETECTOR_ROLE = "system:node-problem-detector"
"""Role that every API server makes for it."""
_SETTINGS_FILE, _SETTINGS_FOLDER = "gpu-xids.json", "/config"
_PROGRAM_FILE, _PROGRAM_FOLDER = "repair_program.py", "/program"
_KERNEL_LOG = "/dev/kmsg"
_TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"
# Of the last four weeks, which is as good as since the machine was booted: a detector that starts again would otherwise
# take back what it said.
_LOOKBACK = "672h"
_PERIOD_SECONDS = 15


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class NodeRepairArgs:
    """The cluster, and how many nodes may be emptied at once.

    Attributes:
        facts: The cluster.
        nodes_at_once: Most nodes that are being emptied at the same time.
        nodes_out: Most nodes that are out of service for repair; None for a fifth of those with GPUs, and at least one.
        sources: Where images come from.
    """

    facts: ClusterFacts
    nodes_at_once: int = 1
    nodes_out: int | None = None
    sources: ServiceSources = field(default_factory=ServiceSources)


class NodeRepair(pulumi.ComponentResource):
    """The detector on every node with GPUs, and the program that acts on what it finds."""

    @checked
    def __init__(self, name: str, args: NodeRepairArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:services:NodeRepair", name, None, opts)
        self._name = name
        self._args = args
        space = service_space(
            f"{name}-namespace",
            ServiceSpace(
                service=SERVICE,
                egress=(anywhere_egress(KUBERNETES_PORTS),),
                # The kernel log is a device of the host.
                pod_security="privileged",
                is_critical=True,
                customize=args.sources.customize,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self._after = pulumi.ResourceOptions(parent=self, depends_on=list(space))
        self._detector()
        self._repairer()
        self.register_outputs({})

    def _detector(self) -> None:
        identity = self._identity(DETECTOR)
        settings = json.dumps(detector_settings(), indent=1)
        self._config(identity, {_SETTINGS_FILE: settings})
        self._account(identity, DETECTOR_ROLE)
        pools = self._args.facts.gpu_pools
        pod = core.v1.PodSpecArgs(
            service_account_name=DETECTOR,
            automount_service_account_token=True,
            enable_service_links=False,
            priority_class_name="system-node-critical",
            affinity=on_pools(pools),
            tolerations=tolerations_of(pools),
            containers=[_detector_container(self._args.sources, short_hash(settings))],
            volumes=[
                _config_volume(DETECTOR),
                core.v1.VolumeArgs(name="kernel-log", host_path=core.v1.HostPathVolumeSourceArgs(path=_KERNEL_LOG)),
            ],
        )
        daemon_set(f"{self._name}-detector", identity, SERVICE.namespace, pod, self._after)

    def _repairer(self) -> None:
        identity = self._identity(SERVICE.name)
        program = Path(__file__).with_name(_PROGRAM_FILE).read_text()
        self._config(identity, {_PROGRAM_FILE: program})
        role = rbac.v1.ClusterRole(
            f"{self._name}-role",
            metadata=platform_metadata(f"strata-{SERVICE.name}", self._args.sources.customize),
            rules=[
                rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes"], verbs=["get", "list", "patch"]),
                rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["list"]),
                rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["pods/eviction"], verbs=["create"]),
            ],
            opts=self._after,
        )
        self._account(identity, role.metadata.name)
        pod = core.v1.PodSpecArgs(
            service_account_name=SERVICE.name,
            automount_service_account_token=True,
            enable_service_links=False,
            security_context=pod_security(),
            priority_class_name="system-cluster-critical",
            # There may be nodes with GPUs only; on a node that is emptied it leaves as well, and goes on elsewhere.
            tolerations=tolerations_of(self._args.facts.pools),
            containers=[_repair_container(self._args, short_hash(program))],
            volumes=[_config_volume(SERVICE.name)],
        )
        apps.v1.Deployment(
            f"{self._name}-repairer",
            metadata=metadata(identity, SERVICE.namespace),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=1,
                # Two of them would empty twice as many nodes.
                strategy=apps.v1.DeploymentStrategyArgs(type="Recreate"),
                selector=meta.v1.LabelSelectorArgs(match_labels=identity.selector),
                template=core.v1.PodTemplateSpecArgs(metadata=meta.v1.ObjectMetaArgs(labels=identity.labels), spec=pod),
            ),
            opts=self._after,
        )

    def _identity(self, name: str) -> Identity:
        return Identity(name=name, instance=name, component=SERVICE.name, customize=self._args.sources.customize)

    def _config(self, identity: Identity, data: dict[str, str]) -> None:
        core.v1.ConfigMap(
            f"{self._name}-{identity.name}-config",
            metadata=metadata(identity, SERVICE.namespace),
            data=data,
            opts=self._after,
        )

    def _account(self, identity: Identity, role: pulumi.Input[str]) -> None:
        core.v1.ServiceAccount(
            f"{self._name}-{identity.name}-account",
            metadata=metadata(identity, SERVICE.namespace),
            automount_service_account_token=False,
            opts=self._after,
        )
        rbac.v1.ClusterRoleBinding(
            f"{self._name}-{identity.name}-binding",
            metadata=platform_metadata(f"strata-{identity.name}", self._args.sources.customize),
            role_ref=rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=role),
            subjects=[rbac.v1.SubjectArgs(kind="ServiceAccount", name=identity.name, namespace=SERVICE.namespace)],
            opts=self._after,
        )


def detector_settings() -> dict[str, object]:
    """What the detector looks for, as it reads it."""
    return {
        "plugin": "kmsg",
        "logPath": _KERNEL_LOG,
        "lookback": _LOOKBACK,
        "bufferSize": 10,
        "source": "gpu-xids",
        "conditions": [
            {"type": xids.CONDITION, "reason": xids.HEALTHY, "message": "the kernel log has no Xid that needs somebody"}
        ],
        "rules": [
            {"type": "permanent", "condition": xids.CONDITION, "reason": reason, "pattern": pattern}
            for reason, pattern in xids.patterns().items()
        ],
    }


def _detector_container(sources: ServiceSources, settings: str) -> core.v1.ContainerArgs:
    node = core.v1.EnvVarSourceArgs(field_ref=core.v1.ObjectFieldSelectorArgs(field_path="spec.nodeName"))
    return core.v1.ContainerArgs(
        name=DETECTOR,
        image=NODE_PROBLEM_DETECTOR.reference(sources.image_mirror, sources.image_digests.get(DETECTOR)),
        image_pull_policy="IfNotPresent",
        command=["/node-problem-detector"],
        args=[
            f"--config.system-log-monitor={_SETTINGS_FOLDER}/{_SETTINGS_FILE}",
            "--port=0",
            "--prometheus-port=0",
        ],
        env=[
            core.v1.EnvVarArgs(name="NODE_NAME", value_from=node),
            # It reads its settings once: others make another pod.
            core.v1.EnvVarArgs(name="SETTINGS_HASH", value=settings),
        ],
        # As published: no other pod may open a device of the host.
        security_context=core.v1.SecurityContextArgs(
            privileged=True, allow_privilege_escalation=True, run_as_non_root=False, run_as_user=0
        ),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "80Mi", "ephemeral-storage": "10Mi"},
            limits={"cpu": "100m", "memory": "160Mi", "ephemeral-storage": "50Mi"},
        ),
        volume_mounts=[
            core.v1.VolumeMountArgs(name="config", mount_path=_SETTINGS_FOLDER, read_only=True),
            core.v1.VolumeMountArgs(name="kernel-log", mount_path=_KERNEL_LOG, read_only=True),
        ],
    )


def _repair_container(args: NodeRepairArgs, program: str) -> core.v1.ContainerArgs:
    sources = args.sources
    variables = {
        "API_SERVER": "https://kubernetes.default.svc",
        "TOKEN_FILE": f"{_TOKENS}/token",
        "CA_FILE": f"{_TOKENS}/ca.crt",
        "CONDITION": xids.CONDITION,
        "NODES_AT_ONCE": str(args.nodes_at_once),
        "PERIOD_SECONDS": str(_PERIOD_SECONDS),
        "PROGRAM_HASH": program,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if args.nodes_out is not None:
        variables["NODES_OUT"] = str(args.nodes_out)
    return core.v1.ContainerArgs(
        name=SERVICE.name,
        image=PYTHON.reference(sources.image_mirror, sources.image_digests.get("python")),
        image_pull_policy="IfNotPresent",
        command=["python3", f"{_PROGRAM_FOLDER}/{_PROGRAM_FILE}"],
        env=[core.v1.EnvVarArgs(name=name, value=value) for name, value in variables.items()],
        security_context=container_security(),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "20m", "memory": "64Mi", "ephemeral-storage": "10Mi"},
            limits={"cpu": "200m", "memory": "256Mi", "ephemeral-storage": "50Mi"},
        ),
        volume_mounts=[core.v1.VolumeMountArgs(name="config", mount_path=_PROGRAM_FOLDER, read_only=True)],
    )


def _config_volume(config: str) -> core.v1.VolumeArgs:
    return core.v1.VolumeArgs(name="config", config_map=core.v1.ConfigMapVolumeSourceArgs(name=config))
