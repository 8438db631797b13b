"""A simulated project, control planes that only note what they are told, and the program run against both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast
from unittest import mock

from pulumi.provider.experimental import provider as protocol
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime import test as run_to_end  # pyright: ignore[reportUnknownVariableType] - the SDK leaves it untyped

from components.clusters.gke.cluster import GkeClusterArgs, gke_cluster
from components.clusters.gke.settings import GkeTarget
from components.contracts.pools import NodePool
from simulation.clouds.gcp import vocabulary as v
from simulation.clouds.gcp.cloud import GCP
from simulation.clouds.gcp.control_planes import ClusterEffects, NodePoolEffects
from simulation.clouds.gcp.node_pool_launches import require_machines
from simulation.provider.managed_cluster import Endpoint, Machine
from simulation.provider.store import Store
from simulation.provider.tables import Cloud, Effects
from simulation.provider.values import Object, Value, object_to_wire
from tests.simulation.clouds.aws_account import AwsAccount, Made, finished

REGION = "us-central1"
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # sdk/python/lib/pulumi/runtime/rpc.py
_SERVICES = ("compute", "container", "file", "iam", "cloudresourcemanager", "networkconnectivity")


@dataclass
class NotedPlane:
    """A control plane that runs nothing."""

    exists: bool = False
    groups: dict[str, tuple[Machine, ...]] = field(default_factory=dict[str, tuple[Machine, ...]])
    drivers: set[str] = field(default_factory=set[str])
    definitions: list[Path] = field(default_factory=list[Path])

    def create(self) -> Endpoint:
        self.exists = True
        return Endpoint(server="https://127.0.0.1:6443", certificate_authority="Q0E=")

    def define(self, folder: Path) -> None:
        self.definitions.append(folder)

    def set_machines(self, group: str, machines: Sequence[Machine]) -> None:
        self.groups[group] = tuple(machines)

    def install_driver(self, provisioner: str) -> None:
        self.drivers.add(provisioner)

    def remove_driver(self, provisioner: str) -> None:
        self.drivers.discard(provisioner)

    def delete(self) -> None:
        self.exists = False


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
            v.CLUSTER: ClusterEffects(self._planes),
            v.NODE_POOL: NodePoolEffects(self._planes, require_machines),
        }
        kinds = {token: replace(GCP.kinds[token], effects=each) for token, each in effects.items()}
        return replace(GCP, kinds={**GCP.kinds, **kinds})

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
        """A cluster with what it stands on."""
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


class GcpRecorder(Mocks):
    """Answers a program out of a simulated project.

    Attributes:
        tokens: Every type of Google Cloud that the program made.
        asked: Every look-up that it made.
        problems: What the tables lack, and what the simulated cloud refused.
    """

    def __init__(self, project: GcpProject) -> None:
        self.tokens: set[str] = set()
        self.asked: set[str] = set()
        self.problems: list[str] = []
        self._account = project.account

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, Object]:
        inputs = cast("Object", _plain(cast("Value", args.inputs)))  # pyright: ignore[reportUnknownMemberType]
        if args.typ == "pulumi:providers:gcp":
            return self._configured(args.name, inputs)
        if not args.typ.startswith("gcp:"):
            return f"{args.name}-id", inputs
        self.tokens.add(args.typ)
        try:
            made = self._account.create_named(args.typ, args.name, inputs)
        except Exception as error:  # noqa: BLE001 - all of them are what this is about
            self.problems.append(f"{args.typ} ({args.name}): {error}")
            return f"{args.name}-id", inputs
        return made.identifier, made.outputs

    def call(self, args: MockCallArgs) -> tuple[Object, list[tuple[str, str]]]:
        self.asked.add(args.token)
        arguments = cast("Object", _plain(cast("Value", args.args)))  # pyright: ignore[reportUnknownMemberType]
        return self._account.ask(args.token, **arguments), []

    def _configured(self, name: str, inputs: Object) -> tuple[str, Object]:
        request = protocol.CheckRequest("", {}, object_to_wire(inputs), b"")
        for each in finished(self._account.provider.check_config(request)).failures or ():
            self.problems.append(f"provider {name}: {each.property}: {each.reason}")
        self._account.configure(**inputs)
        return f"{name}-id", inputs


def recorded(project: GcpProject, program: Callable[[], None]) -> GcpRecorder:
    """What the program makes and asks in a project."""
    recorder = GcpRecorder(project)
    asyncio.set_event_loop(asyncio.new_event_loop())
    set_mocks(recorder, project="strata", stack="test", preview=False)
    run_to_end(program)()
    return recorder


def recorded_cluster(project: GcpProject, target: GkeTarget, pools: Sequence[NodePool]) -> GcpRecorder:
    """What the program makes of a GKE cluster, without asking the rules: the project has to refuse by itself."""

    def program() -> None:
        gke_cluster(target.name, GkeClusterArgs.of(target, pools))

    with mock.patch("components.clusters.gke.cluster.refuse"):
        return recorded(project, program)


def _plain(value: Value) -> Value:
    """Values as they were written: numbers travel as floats, secrets in an envelope."""
    match value:
        case {"value": inner, **rest} if _SECRET_MARK in rest:
            return _plain(inner)
        case dict():
            return {key: _plain(each) for key, each in value.items() if each is not None}
        case list():
            return [_plain(each) for each in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
