"""A simulated project, control planes that only note what they are told, and the program run against both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

from components.clusters.gke.cluster import GkeClusterArgs, gke_cluster
from components.clusters.gke.settings import GkeTarget
from components.contracts.pools import NodePool
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.cloud import GCP
from simulation.clouds.gcp.control_planes import cluster_effects, node_pool_effects
from simulation.clouds.gcp.node_pool_launches import require_machines
from simulation.provider.store import Store
from simulation.provider.tables import Cloud, Effects
from simulation.provider.values import Object, Value
from tests.simulation.clouds.aws_account import AwsAccount, Made
from tests.simulation.clouds.noted_plane import NotedPlane, with_effects
from tests.simulation.clouds.recording import Recorder, run_program

REGION = "us-central1"
_SERVICES = ("compute", "container", "file", "iam", "cloudresourcemanager", "networkconnectivity")


class GcpProject:
    """A project of a test's own, called as the engine calls it but in this process.

    Attributes:
        plane: The control plane of whatever cluster is made.
        account: The account behind it.
    """

    def __init__(self, folder: Path) -> None:
        self.plane = NotedPlane()
        self.account = AwsAccount(folder, region=REGION, cloud=self._cloud())

    def _planes(self, store: Store, location: str, name: str) -> NotedPlane:
        assert (store.path, location) == (self.account.store.path, REGION), f"{name} is elsewhere"
        return self.plane

    def _cloud(self) -> Cloud:
        effects: dict[str, Effects] = {
            v.CLUSTER: cluster_effects(self._planes),
            v.NODE_POOL: node_pool_effects(self._planes, require_machines),
        }
        return with_effects(GCP, effects)

    def create(self, token: str, /, **inputs: Value) -> Made:
        return self.account.create(token, **inputs)

    def enable(self, *services: str) -> None:
        for service in services or _SERVICES:
            self.create(v.SERVICE, service=f"{service}.googleapis.com")

    def network(self, name: str = "net", **other: Value) -> Made:
        return self.create(v.NETWORK, name=name, autoCreateSubnetworks=False, **other)

    def subnet(self, network: Made, name: str = "net", cidr: str = "10.30.0.0/20", **other: Value) -> Made:
        return self.create(v.SUBNETWORK, name=name, network=network.identifier, ipCidrRange=cidr, **other)

    def cluster_subnet(self, network: Made) -> Made:
        ranges: list[Value] = [
            {"rangeName": "pods", "ipCidrRange": "10.32.0.0/14"},
            {"rangeName": "services", "ipCidrRange": "10.36.0.0/20"},
        ]
        return self.subnet(network, secondaryIpRanges=ranges)

    def nodes(self) -> Made:
        return self.create(v.SERVICE_ACCOUNT, accountId="prod-nodes")

    def cluster_inputs(self, network: Made, subnet: Made, **other: Value) -> Object:
        return {
            "name": "prod",
            "location": REGION,
            "nodeLocations": [f"{REGION}-a", f"{REGION}-b"],
            "minMasterVersion": "1.34",
            "releaseChannel": {"channel": "REGULAR"},
            "network": network.identifier,
            "subnetwork": subnet.identifier,
            "ipAllocationPolicy": {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
            "datapathProvider": "ADVANCED_DATAPATH",
            "enableMultiNetworking": True,
            "workloadIdentityConfig": {"workloadPool": f"{v.PROJECT}.svc.id.goog"},
            "removeDefaultNodePool": True,
            "initialNodeCount": 1,
            "deletionProtection": False,
            **other,
        }

    def standing(self, **other: Value) -> Made:
        """A cluster with everything that it needs."""
        self.enable()
        network = self.network()
        return self.create(v.CLUSTER, **self.cluster_inputs(network, self.cluster_subnet(network), **other))

    def pool_inputs(self, cluster: Made, config: Object | None = None, /, **other: Value) -> Object:
        machine: Object = {
            "machineType": "g2-standard-48",
            "diskType": "pd-balanced",
            "guestAccelerators": [
                {
                    "type": "nvidia-l4",
                    "count": 4,
                    "gpuDriverInstallationConfig": {"gpuDriverVersion": "DEFAULT"},
                }
            ],
        }
        inputs: Object = {
            "name": "gpus",
            "cluster": cluster.identifier,
            "location": REGION,
            "nodeLocations": [f"{REGION}-b"],
            "nodeCount": 1,
            "nodeConfig": {**machine, **(config or {})},
            **other,
        }
        return {key: value for key, value in inputs.items() if value is not None}

    def pool(self, cluster: Made, config: Object | None = None, /, **other: Value) -> Made:
        return self.create(v.NODE_POOL, **self.pool_inputs(cluster, config, **other))


def recorded(project: GcpProject, program: Callable[[], object]) -> Recorder:
    """What the program makes and asks in a project."""
    return run_program(project.account, "gcp", program, project.plane)


def recorded_cluster(project: GcpProject, target: GkeTarget, pools: Sequence[NodePool]) -> Recorder:
    """What the program makes of a GKE cluster, without asking the rules: the project has to refuse by itself."""

    def program() -> None:
        gke_cluster(target.name, GkeClusterArgs.of(target, pools))

    with mock.patch("components.clusters.gke.cluster.refuse"):
        return recorded(project, program)
