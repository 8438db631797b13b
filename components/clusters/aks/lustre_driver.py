"""The driver that mounts Azure Managed Lustre, on the nodes of the pools; AKS has no add-on for it.

Objects of ours in place of a chart: kubernetes-sigs/azurelustre-csi-driver has none (v0.4.0, ``charts/README.md``:
"currently unsupported"). They are those of its ``deploy`` with four differences. Nodes of the system pool, which mount
nothing, have no such pod. There is no controller: it buys file systems for claims, and ours is made beside the cluster.
The pods have no rights at the API server: published ones may read every Secret of the cluster, which nothing of the
node's part does, and patch every node, to take away a start-up taint that our pools do not have
(``pkg/azurelustre/azurelustre.go``). And what they only read they cannot write.

A new node mounts nothing before its pod has fetched the client's kernel modules from packages.microsoft.com, some
minutes; pods with the volume wait for it in ContainerCreating. Modules are there for kernels 6.8 of Ubuntu 24.04 and
5.15 of 22.04 (learn.microsoft.com/azure/azure-managed-lustre/client-install-plan): on a node with a newer kernel the
pod never becomes ready (kubernetes-sigs/azurelustre-csi-driver#295), and its log names the package that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import core, storage

from ...contracts.cluster_facts import PoolFacts
from ...contracts.customize import ObjectCustomize
from ...contracts.sources import ImageMirror, Sha256Digest
from ...contracts.versions import (
    AZURE_LUSTRE_JAMMY,
    AZURE_LUSTRE_LIVENESS,
    AZURE_LUSTRE_NOBLE,
    AZURE_LUSTRE_REGISTRAR,
    Image,
)
from ...workloads.daemons import daemon_set, on_pools
from ...workloads.identity import Identity
from ...workloads.metadata import metadata, platform_metadata
from .facts import LUSTRE_DRIVER

NAMESPACE = "kube-system"
"""Where it runs, as published: pods of the class system-node-critical are admitted there."""
_NAME = "csi-azurelustre-node"
_OS_LABEL = "kubernetes.azure.com/os-sku-effective"
_KUBELET = "/var/lib/kubelet"
_PLUGIN = f"{_KUBELET}/plugins/{LUSTRE_DRIVER}"
_HEALTH_PORT = 29763
_READY = ("/app/readinessProbe.sh",)
_Sized = tuple[dict[str, str], dict[str, str]]
_SIDECAR: _Sized = ({"cpu": "10m", "memory": "20Mi"}, {"cpu": "100m", "memory": "100Mi"})
_DRIVER: _Sized = ({"cpu": "10m", "memory": "20Mi"}, {"cpu": "1", "memory": "200Mi"})


@dataclass(frozen=True, kw_only=True)
class _Release:
    """A release of Ubuntu, for each of which the driver has an image and a build of the client.

    Attributes:
        name: Its code name, which the pod compares with that of its node.
        image: The driver's image.
        image_name: Its name among ``contracts.versions.IMAGES``.
        systems: What AKS calls it on nodes.
        client: Version of the Lustre client.
        build: Its build.
    """

    name: str
    image: Image
    image_name: str
    systems: Sequence[str]
    client: str
    build: str


# deploy/csi-azurelustre-node-jammy.yaml and -noble.yaml of v0.4.0 (2026-04-01). AKS runs Ubuntu 22.04 up to Kubernetes
# 1.34 and 24.04 from 1.35 (https://learn.microsoft.com/azure/aks/upgrade-os-version): an upgrade goes from one to the
# other, node by node.
_RELEASES = (
    _Release(
        name="jammy",
        image=AZURE_LUSTRE_JAMMY,
        image_name="azurelustre-csi-jammy",
        systems=("Ubuntu2204", "Ubuntu2004"),
        client="2.15.7",
        build="33-g79ddf99",
    ),
    _Release(
        name="noble",
        image=AZURE_LUSTRE_NOBLE,
        image_name="azurelustre-csi-noble",
        systems=("Ubuntu2404",),
        client="2.16.1",
        build="14-gbc76088",
    ),
)


@dataclass(frozen=True, kw_only=True)
class LustreDriverArgs:
    """Where the driver runs.

    Attributes:
        pools: Pools whose nodes mount the file system.
        image_mirror: Registry that replaces the images' own.
        image_digests: Digest by image name.
    """

    pools: Sequence[PoolFacts]
    image_mirror: ImageMirror | None = None
    image_digests: Mapping[str, Sha256Digest] = field(default_factory=dict[str, Sha256Digest])

    def reference(self, image: Image, name: str) -> str:
        """What a pod names."""
        return image.reference(self.image_mirror, self.image_digests.get(name))


class AksLustreDriver(pulumi.ComponentResource):
    """The driver. Pods with the volume go before it: without it their node could not unmount.

    Attributes:
        installed: Depend on it to come after it and to go before it.
    """

    installed: list[pulumi.Resource]

    def __init__(self, name: str, args: LustreDriverArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:AksLustreDriver", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        driver = storage.v1.CSIDriver(
            name,
            metadata=platform_metadata(LUSTRE_DRIVER, ObjectCustomize()),
            spec=storage.v1.CSIDriverSpecArgs(attach_required=False, pod_info_on_mount=True, fs_group_policy="File"),
            opts=inside,
        )
        account = core.v1.ServiceAccount(
            f"{name}-account",
            metadata=metadata(_identity(_NAME), NAMESPACE),
            automount_service_account_token=False,
            opts=inside,
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[driver, account])
        daemons = [
            daemon_set(
                f"{name}-{release.name}",
                _identity(f"{_NAME}-{release.name}"),
                NAMESPACE,
                _pod(release, args),
                after,
            )
            for release in _RELEASES
        ]
        self.installed = [driver, *daemons]
        self.register_outputs({})


def _identity(instance: str) -> Identity:
    return Identity(name=_NAME, instance=instance, component="storage")


def _pod(release: _Release, args: LustreDriverArgs) -> core.v1.PodSpecArgs:
    return core.v1.PodSpecArgs(
        service_account_name=_NAME,
        automount_service_account_token=False,
        enable_service_links=False,
        priority_class_name="system-node-critical",
        # The file system's servers see nodes, and the client is the node's kernel.
        host_network=True,
        dns_policy="Default",
        affinity=on_pools(args.pools, {_OS_LABEL: release.systems}),
        # A node that is emptied still has to unmount.
        tolerations=[core.v1.TolerationArgs(operator="Exists")],
        containers=[_liveness(args), _registrar(args), _driver(release, args)],
        volumes=[
            _host("socket", _PLUGIN, "DirectoryOrCreate"),
            _host("registration", f"{_KUBELET}/plugins_registry", "Directory"),
            _host("kubelet", _KUBELET, "Directory"),
            # It ends without a cloud's settings, though it asks no cloud for anything.
            _host("cloud", "/etc/kubernetes", "DirectoryOrCreate"),
            _host("devices", "/dev", "Directory"),
            _host("system", "/etc/os-release", "File"),
            core.v1.VolumeArgs(name="registered", empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit="1Mi")),
        ],
    )


def _liveness(args: LustreDriverArgs) -> core.v1.ContainerArgs:
    return core.v1.ContainerArgs(
        name="liveness-probe",
        image=args.reference(AZURE_LUSTRE_LIVENESS, "azurelustre-livenessprobe"),
        image_pull_policy="IfNotPresent",
        args=["--csi-address=/csi/csi.sock", "--probe-timeout=120s", f"--health-port={_HEALTH_PORT}", "--v=2"],
        security_context=_root_without_more(),
        resources=_resources(_SIDECAR),
        volume_mounts=[core.v1.VolumeMountArgs(name="socket", mount_path="/csi")],
    )


def _registrar(args: LustreDriverArgs) -> core.v1.ContainerArgs:
    path = f"--kubelet-registration-path={_PLUGIN}/csi.sock"
    return core.v1.ContainerArgs(
        name="node-driver-registrar",
        image=args.reference(AZURE_LUSTRE_REGISTRAR, "azurelustre-registrar"),
        image_pull_policy="IfNotPresent",
        args=["--csi-address=/csi/csi.sock", path, "--v=2"],
        liveness_probe=core.v1.ProbeArgs(
            exec_=core.v1.ExecActionArgs(
                command=["/csi-node-driver-registrar", path, "--mode=kubelet-registration-probe"]
            ),
            initial_delay_seconds=30,
            timeout_seconds=15,
        ),
        security_context=_root_without_more(),
        resources=_resources(_SIDECAR),
        volume_mounts=[
            core.v1.VolumeMountArgs(name="socket", mount_path="/csi"),
            core.v1.VolumeMountArgs(name="registration", mount_path="/registration"),
            # Its probe is a file that it writes where the socket's folder is on the node
            # (cmd/csi-node-driver-registrar/main.go, registrationProbePath).
            core.v1.VolumeMountArgs(name="registered", mount_path=_PLUGIN),
        ],
    )


def _driver(release: _Release, args: LustreDriverArgs) -> core.v1.ContainerArgs:
    node = core.v1.EnvVarSourceArgs(field_ref=core.v1.ObjectFieldSelectorArgs(field_path="spec.nodeName"))
    settings = {
        "CSI_ENDPOINT": "unix:///csi/csi.sock",
        "AZURELUSTRE_CSI_INSTALL_LUSTRE_CLIENT": "yes",
        "LUSTRE_VERSION": release.client,
        "CLIENT_SHA_SUFFIX": release.build,
    }
    ready = core.v1.ExecActionArgs(command=list(_READY))
    return core.v1.ContainerArgs(
        name="azurelustre",
        image=args.reference(release.image, release.image_name),
        image_pull_policy="IfNotPresent",
        args=[
            "-v=5",
            "--endpoint=$(CSI_ENDPOINT)",
            "--nodeid=$(KUBE_NODE_NAME)",
            "--remove-not-ready-taint=false",
        ],
        env=[
            *(core.v1.EnvVarArgs(name=name, value=value) for name, value in settings.items()),
            core.v1.EnvVarArgs(name="KUBE_NODE_NAME", value_from=node),
        ],
        ports=[core.v1.ContainerPortArgs(name="healthz", container_port=_HEALTH_PORT, protocol="TCP")],
        lifecycle=core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(
                exec_=core.v1.ExecActionArgs(command=["/bin/sh", "-c", "lustre_rmmod"])
            )
        ),
        liveness_probe=core.v1.ProbeArgs(
            http_get=core.v1.HTTPGetActionArgs(path="/healthz", port="healthz"),
            failure_threshold=5,
            initial_delay_seconds=60,
            timeout_seconds=10,
            period_seconds=30,
        ),
        readiness_probe=core.v1.ProbeArgs(
            exec_=ready, failure_threshold=5, initial_delay_seconds=10, timeout_seconds=10, period_seconds=30
        ),
        # Ten minutes for the client's packages.
        startup_probe=core.v1.ProbeArgs(
            exec_=ready, failure_threshold=120, initial_delay_seconds=10, timeout_seconds=5, period_seconds=5
        ),
        security_context=core.v1.SecurityContextArgs(
            privileged=True, allow_privilege_escalation=True, run_as_non_root=False, run_as_user=0
        ),
        resources=_resources(_DRIVER),
        volume_mounts=[
            core.v1.VolumeMountArgs(name="socket", mount_path="/csi"),
            core.v1.VolumeMountArgs(name="kubelet", mount_path=_KUBELET, mount_propagation="Bidirectional"),
            core.v1.VolumeMountArgs(name="cloud", mount_path="/etc/kubernetes", read_only=True),
            core.v1.VolumeMountArgs(name="devices", mount_path="/dev"),
            core.v1.VolumeMountArgs(name="system", mount_path="/etc/host-os-release", read_only=True),
        ],
    )


def _root_without_more() -> core.v1.SecurityContextArgs:
    """Sockets below the kubelet's folder belong to root."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=False,
        run_as_user=0,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def _resources(sized: _Sized) -> core.v1.ResourceRequirementsArgs:
    requests, limits = sized
    return core.v1.ResourceRequirementsArgs(requests=requests, limits=limits)


def _host(name: str, path: str, kind: str) -> core.v1.VolumeArgs:
    return core.v1.VolumeArgs(name=name, host_path=core.v1.HostPathVolumeSourceArgs(path=path, type=kind))
