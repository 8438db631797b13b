"""Every resource of AWS that our components declare: of all example stacks, their variants, and the tests' clusters."""

from __future__ import annotations

import copy
import ipaddress
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

from components.clusters.eks.settings import EksTarget
from components.contracts.pools import NodePool
from components.networks.aws.settings import AdoptedVpc
from simulation.clouds.aws.account import seed_subnet, seed_vpc
from simulation.provider.values import Object
from stacks.layers.foundation import FoundationPart
from stacks.reading import read_stack
from stacks.yaml_file import Value, read_yaml
from tests.conftest import PROJECT
from tests.networks.interconnect.sample import Json, network
from tests.simulation.clouds import eks_variants
from tests.simulation.clouds.aws_account import AwsAccount
from tests.simulation.clouds.aws_program import recorded, recorded_cluster
from tests.simulation.clouds.recording import Recorder
from tests.simulation.clouds.test_aws_links import SETTINGS as LINKS
from tests.simulation.clouds.test_aws_links import declared as declare_link
from tests.stacks.test_variants import cases, changed


@dataclass(frozen=True)
class Cluster:
    """One cluster that is declared.

    Attributes:
        label: Where it comes from, such as ``aws: lustre``.
        target: Its settings.
        pools: Its pools.
    """

    label: str
    target: EksTarget
    pools: Sequence[NodePool]


def clusters() -> Iterator[Cluster]:
    """Those of the examples, of their variants and of the simulation's tests."""
    for path in sorted(PROJECT.glob("Pulumi.*.yaml")):
        stack = path.name.split(".")[1]
        yield from _of_file(stack, stack, read_yaml(path).value)
    for stack, variant in cases():
        yield from _of_file(f"{stack}: {variant}", stack, changed(PROJECT, stack, variant))
    for label, target in eks_variants.CLUSTERS.items():
        yield Cluster(label, target, eks_variants.pools_of(target))
    block = eks_variants.in_a_block(datetime.now(UTC) + timedelta(days=7))
    yield Cluster("a capacity block", eks_variants.target(), [block, eks_variants.POOLS[0]])


def _of_file(label: str, stack: str, file: Value) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as folder:
        for path in PROJECT.glob("Pulumi*.yaml"):
            shutil.copy(path, folder)
        (Path(folder) / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(copy.deepcopy(file)))
        found = read_stack(Path(folder), stack).stack.part(FoundationPart)
    if found is not None and isinstance(found.target, EksTarget):
        yield Cluster(label, found.target, found.node_pools)


@cache
def programs() -> Mapping[str, Recorder]:
    """What each of these programs sent to a simulated account, by its label."""
    made: dict[str, Recorder] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, cluster in enumerate(clusters()):
            account = eks_variants.company(_below(folder, f"cluster {number}"))
            _with_network(account, cluster.target)
            made[cluster.label] = recorded_cluster(account, cluster.target, cluster.pools)
        for label, settings in LINKS.items():
            made[label] = _link(_below(folder, f"link {len(made)}"), settings())
    return made


def _with_network(folder: Path, target: EksTarget) -> None:
    """Put the VPC that the cluster adopts into the account."""
    network = target.network
    if not isinstance(network, AdoptedVpc):
        return
    with AwsAccount(folder).store.transaction() as account:
        seed_vpc(account, network.id, network.cidr, target.region)
        ranges = ipaddress.IPv4Network(network.cidr).subnets(new_prefix=20)
        for (zone, subnet), cidr in zip(network.private_subnets.items(), ranges, strict=False):
            seed_subnet(account, subnet, network.id, str(cidr), zone)


def _link(folder: Path, settings: dict[str, Json]) -> Recorder:
    return recorded(folder, lambda: declare_link(network(settings)))


def _below(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def sent() -> Iterator[tuple[str, str, Object]]:
    """Program, type token and inputs of every resource."""
    for label, recorder in programs().items():
        for token, resources in recorder.sent.items():
            for inputs in resources:
                yield label, token, inputs
