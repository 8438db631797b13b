"""What is known about a cluster at preview, whichever environment it lives in.

Serialises as a stack output and is read back by other stacks, so every field is plain data.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from .api_access import Cidr
from .api_groups import ApiGroup, ApiGroups, translated_switches
from .arguments import checked
from .devices import DevicePart
from .dns import DnsFacts
from .errors import StrataError, nearest
from .fabric import FabricProfile
from .gpu_sharing import GpuSharing, slice_resource
from .model import Contract
from .names import ExistingName, LabelKey, LabelValue, ObjectName
from .pools import DriverOwner, GpuAdvertiser, Taint
from .quantities import ByteSize, CpuAmount
from .secret_stores import SecretStoreFacts
from .sequences import Items
from .way_out import WayOut


class VolumeBinding(StrEnum):
    """When a volume is made for a claim, as Kubernetes spells it."""

    IMMEDIATE = "Immediate"
    """At once: for storage that every node reaches."""
    FIRST_CONSUMER = "WaitForFirstConsumer"
    """When the first pod is placed: for disks that live in one zone."""


class Authentication(StrEnum):
    """Who tells the API server names of users and groups, and so how they are spelled."""

    AWS_IAM = "aws-iam"
    """Access entries of EKS."""
    GOOGLE = "google"
    """Google accounts and Google Groups."""
    ENTRA = "entra"
    """Microsoft Entra ID."""


class KubeletCertificates(StrEnum):
    """Who signs the certificates with which kubelets answer."""

    CLUSTER = "cluster"
    """The cluster's own authority."""
    SELF_SIGNED = "self-signed"
    """Nobody else: each kubelet its own."""


class NodeRepair(StrEnum):
    """Who takes care of nodes that fall ill."""

    NOBODY = "nobody"
    """They stay as they are until a person comes."""
    UNREADY = "unready"
    """The cloud replaces nodes that are not ready; a node with a broken GPU is ready."""
    GPUS = "gpus"
    """The cloud watches GPUs as well, and replaces or reboots nodes for them."""


def require_provisioner(name: str, provisioner: str, *, is_created: bool) -> None:
    """Raise ValueError for a storage class that is to be created by nobody.

    Args:
        name: Name of the class.
        provisioner: Who makes its volumes; empty where nobody says.
        is_created: Whether Strata creates the class.
    """
    if is_created and not provisioner:
        raise ValueError(f"storage class {name} is to be created, but no provisioner is given")


class VolumeClass(Contract):
    """One storage class and what it can do."""

    name: ExistingName
    """Name of the storage class."""
    provisioner: str = ""
    """CSI driver or in-tree provisioner, such as ``efs.csi.aws.com``; only a class that Strata creates needs it."""
    read_bytes_per_second: Annotated[float, Field(gt=0)]
    """Sustained read bandwidth that one node sees, bytes per second."""
    parameters: dict[str, str] = {}
    """Parameters of the provisioner."""
    binding: VolumeBinding = VolumeBinding.IMMEDIATE
    """When a volume is made for a claim; an immediate disk may land in a zone without the pod's nodes."""
    capacity: ByteSize | None = None
    """Size of the one file system behind the class; None where each claim gets a volume of its own size."""
    managed: bool = False
    """Whether Strata creates the class; otherwise it exists already."""

    @model_validator(mode="after")
    def _can_be_created(self) -> Self:
        require_provisioner(self.name, self.provisioner, is_created=self.managed)
        return self


class StorageFacts(Contract):
    """Storage classes by what they are for."""

    read_write_once: VolumeClass
    read_write_many: VolumeClass
    scratch: VolumeClass | None = None
    """Fast storage local to a node; None where nodes have none."""


class PoolFacts(Contract):
    """One node pool as the scheduler sees it."""

    name: ObjectName
    instance_type: str
    nodes: Annotated[int, Field(ge=1)]
    most_nodes: Annotated[int, Field(ge=1)] | None = None
    """Nodes that an autoscaler may give it; None where nobody scales it."""
    zones: Items[LabelValue]
    selector: dict[LabelKey, LabelValue]
    """Labels that choose this pool and no other."""
    tolerations: Items[Taint] = ()
    """Taints that a pod on this pool has to tolerate."""
    gpu: str | None = None
    """Name in the GPU catalog, such as ``H100-SXM``; None for a pool without GPUs."""
    gpus_per_node: Annotated[int, Field(ge=0)] = 0
    """GPUs of a node as pods ask for them: of shared GPUs every slice counts."""
    sharing: GpuSharing | None = None
    """How one GPU serves several pods; None for whole GPUs."""
    slices_per_gpu: Annotated[int, Field(ge=1)] = 1
    """Pods that one GPU serves."""
    driver: DriverOwner = DriverOwner.NONE
    """Who installs the NVIDIA driver; nobody on a pool without GPUs."""
    advertiser: GpuAdvertiser = GpuAdvertiser.DEVICE_PLUGIN
    provides: Items[DevicePart] | None = None
    """What nodes come with, from their image or their cloud; None where it is not known."""
    driver_root: str = "/"
    """Folder of the host below which the NVIDIA driver's files are."""
    compute_domain_gpus: Annotated[int, Field(ge=0)] = 0
    """GPUs of one NVLink domain of several nodes whose pods share GPU memory; 0 where NVLink ends inside a node, or
    nobody runs IMEX daemons."""
    cpu_per_node: CpuAmount
    """Allocatable CPU of a node."""
    memory_per_node: ByteSize
    """Allocatable memory of a node."""
    ephemeral_storage_per_node: ByteSize
    """Allocatable ephemeral storage of a node."""
    fabric: FabricProfile
    resources: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Further devices of a node by resource name, such as ``rdma/ib: 8``, once something advertises them."""

    @property
    def most_nodes_known(self) -> int:
        """Nodes that the pool can grow to."""
        return max(self.nodes, self.most_nodes or 0)

    @property
    def compute_domain_nodes(self) -> int:
        """Nodes of one NVLink domain; 1 where NVLink ends inside a node."""
        return max(1, self.compute_domain_gpus // self.gpus_per_node) if self.gpus_per_node else 1

    @property
    def gpus(self) -> int:
        """GPUs of the whole pool, or slices of them."""
        return self.nodes * self.gpus_per_node

    @property
    def gpu_resource(self) -> str:
        """What pods ask for to get one of them."""
        return slice_resource(self.sharing)


class ClusterFacts(Contract):
    """The static facts that every package above ``clusters`` works from."""

    name: ObjectName
    environment: str
    """Kind of target, for people to read; code must not branch on it."""
    kubernetes_version: str
    pools: Items[PoolFacts]
    storage: StorageFacts
    storage_classes: Items[VolumeClass] = ()
    """Storage classes that layers above the foundation add."""
    load_balancer_class: str | None = None
    load_balancer_annotations: dict[str, str] = {}
    apis: ApiGroups = ()
    """API groups that are installed, or are about to be; an object of an unknown group fails the run."""
    pod_monitors: Annotated[bool, Field(exclude=True, repr=False)] = False
    """Deprecated: outputs of earlier versions have it; it is converted to an entry of ``apis``."""
    scaled_objects: Annotated[bool, Field(exclude=True, repr=False)] = False
    """Deprecated, as ``pod_monitors``."""
    internet: bool = True
    """Whether nodes reach the internet; False only where it is known that they do not."""
    workload_identity: str | None = None
    """Issuer or mechanism by which service accounts become cloud identities."""
    authentication: Authentication | None = None
    """Who names users and groups; None where nobody knows."""
    way_out: Annotated[WayOut | None, Field(exclude_if=lambda way_out: way_out is None)] = None
    """How pods reach what is outside; None where nothing is between. Versions before this one read facts without it."""
    pod_ranges: Items[Cidr] = ()
    """Ranges of pods and Services that network policies do not take for outside addresses, where they are known."""
    namespaces: Items[str] = ()
    """Namespaces that the cluster comes with, besides those of Kubernetes; ``x-*`` is all that begin with ``x-``."""
    kubelet_certificates: KubeletCertificates | None = None
    """Who signs the certificates with which kubelets answer; None where nobody knows, or where there are none."""
    prometheus: str | None = None
    """Address inside the cluster of the Prometheus that scrapes what has a monitor; None where nobody knows one."""
    services: Items[str] = ()
    """Services of the cluster that Strata runs on it, such as ``metrics-server``."""
    containerd_config: str | None = None
    """File of containerd that NVIDIA's container toolkit has to edit in place; None where it may add one of its own."""
    dns: Annotated[DnsFacts | None, Field(exclude_if=lambda dns: dns is None)] = None
    """Zones in which names of Services may be written; None where there are none."""
    secrets: Annotated[SecretStoreFacts | None, Field(exclude_if=lambda secrets: secrets is None)] = None
    """Where secrets are kept that pods may use; None where there is no such place."""
    node_repair: NodeRepair | None = None
    """Who takes care of nodes that fall ill; None where nobody knows, or nodes are simulated."""
    existed: bool = False
    """Whether the cluster was there before Strata, so that others may have installed operators on it."""

    @model_validator(mode="after")
    def _translate_switches(self) -> Self:
        # A validator that runs before would see JSON's lists as lists, which a strict contract refuses.
        vars(self).update(
            translated_switches(self.apis, pod_monitors=self.pod_monitors, scaled_objects=self.scaled_objects)
        )
        return self

    @checked
    def with_apis(self, groups: Sequence[ApiGroup]) -> ClusterFacts:
        """The same cluster, with API groups that something else installs.

        Args:
            groups: API groups without a version, such as ``["keda.sh"]``.

        Raises:
            StrataError: It is no list of API groups.
        """
        return self.model_copy(update={"apis": tuple(sorted({*self.apis, *groups}))})

    @property
    def gpu_pools(self) -> tuple[PoolFacts, ...]:
        """Pools with GPUs."""
        return tuple(pool for pool in self.pools if pool.gpus_per_node)

    @checked
    def pool(self, name: str) -> PoolFacts:
        """The pool of that name.

        Args:
            name: Name of the pool.

        Raises:
            StrataError: There is none.
        """
        for pool in self.pools:
            if pool.name == name:
                return pool
        names = [pool.name for pool in self.pools]
        near = nearest(name, names)
        raise StrataError.of(
            "pool",
            cause=f"cluster {self.name} has no pool {name!r}",
            consequence="nothing could be placed on it",
            fix=f"did you mean {near!r}?" if near else f"use one of: {', '.join(names)}",
        )
