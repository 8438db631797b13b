"""Wrong arguments of clusters and their networks, as a program without a type checker passes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime

import pulumi
import pytest

from components.clusters.aks.args import AksAdmin, AksClusterArgs
from components.clusters.aks.cluster import AksCluster
from components.clusters.cluster import Cluster, ClusterArgs
from components.clusters.eks.args import EksClusterArgs
from components.clusters.eks.cluster import EksCluster
from components.clusters.eks.rules import eks_problems
from components.clusters.eks.settings import Support
from components.clusters.existing.cluster import ExistingCluster
from components.clusters.gke.args import GkeClusterArgs
from components.clusters.gke.cluster import GkeCluster
from components.clusters.kubeadm.args import KubeadmClusterArgs
from components.clusters.kubeadm.cluster import KubeadmCluster
from components.contracts.errors import StrataError
from components.contracts.pools import GpuPool
from components.networks.aws.args import ExistingAwsVpc, NewAwsVpc, TransitGateway
from components.networks.azure.args import ExistingVnet, NewVnet
from components.networks.gcp.args import ExistingGcpVpc, NewGcpVpc
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.registration import assert_refused, refusal
from tests.untyped import untyped

Mistakes = Mapping[str, tuple[Mapping[str, object], str]]
"""Arguments that replace the right ones, and the field that has to be blamed, by what is wrong."""
_POOL = eks.gpu_pool()
_OTHER_CLOUD = NewGcpVpc(nodes="10.30.0.0/20", pods="10.32.0.0/14", services="10.36.0.0/20")
_ROLE = "arn:aws:iam::123456789012:role/platform"


def _values(args: EksClusterArgs | GkeClusterArgs | AksClusterArgs | KubeadmClusterArgs) -> dict[str, object]:
    return {field.name: getattr(args, field.name) for field in fields(args)}


def _common(args: str) -> Mistakes:
    """Mistakes that every cluster may be given, with arguments of that class."""
    return {
        "no pools": ({"pools": None}, f"{args}.pools"),
        "one pool for a list": ({"pools": _POOL}, f"{args}.pools"),
        "a pool as a mapping": ({"pools": [{"name": "h100"}]}, f"{args}.pools[0]"),
        "the class for a pool": ({"pools": [_POOL, type(_POOL)]}, f"{args}.pools[1]"),
        "a version as a number": ({"kubernetes_version": 1.34}, f"{args}.kubernetes_version"),
        "one group for a list": ({"apis": "keda.sh"}, f"{args}.apis"),
        "no groups": ({"apis": None}, f"{args}.apis"),
        "no group": ({"apis": ["bad group!"]}, "apis[0]"),
        "text for a switch": ({"protect": "yes"}, f"{args}.protect"),
        "a name with a space": ({"name": "Bad Name"}, f"{args}.name"),
        "an empty name": ({"name": ""}, f"{args}.name"),
        "no shared storage": ({"shared_storage": None}, f"{args}.shared_storage"),
        "an unknown argument": ({"zone": "a"}, f"{args}.zone"),
    }


def _in_clouds(args: str) -> Mistakes:
    return {
        **_common(args),
        "no region": ({"region": None}, f"{args}.region"),
        "a region of nobody": ({"region": "Ohio!"}, "region"),
        "no network": ({"network": None}, f"{args}.network"),
        "a network as a mapping": ({"network": {"cidr": "10.0.0.0/16"}}, f"{args}.network"),
        "access in words": ({"api_access": "public"}, f"{args}.api_access"),
        "administrators as a list": ({"admins": [_ROLE]}, f"{args}.admins"),
        "no administrators": ({"admins": None}, f"{args}.admins"),
    }


_EKS: Mistakes = {
    **_in_clouds("EksClusterArgs"),
    "two pools of one name": ({"pools": [eks.system_pool(), eks.gpu_pool(), eks.gpu_pool()]}, "pools[2].name"),
    "a pool without zones": (
        {"pools": [eks.system_pool(), GpuPool(name="h100", instance_type="p5.48xlarge", count=1)]},
        "pools[1].zones",
    ),
    "an unknown machine": (
        {"pools": [eks.system_pool(), eks.gpu_pool("p5.48xlagre")]},
        "pools[1].instance_type",
    ),
    "nobody among administrators": ({"admins": {}}, "admins"),
    "an administrator as a number": ({"admins": {"platform": 1}}, "EksClusterArgs.admins.platform"),
    "an administrator without an ARN": ({"admins": {"platform": "me"}}, "EksClusterArgs.admins.platform"),
    "a pattern among administrators": ({"admins": {"all": "arn:aws:iam::123456789012:role/*"}}, "admins['all']"),
    "an administrator twice": ({"admins": {"a": _ROLE, "b": _ROLE}}, "admins['b']"),
    "no tags": ({"tags": None}, "EksClusterArgs.tags"),
    "tags as a list": ({"tags": ["team"]}, "EksClusterArgs.tags"),
    "a tag as a number": ({"tags": {"team": 1}}, "EksClusterArgs.tags.team"),
    "the mark of a cluster": ({"tags": {"strata.dev/cluster": "other"}}, "tags['strata.dev/cluster']"),
    "a tag of AWS": ({"tags": {"aws:x": "1"}}, "tags['aws:x']"),
    "a long tag": ({"tags": {"team": "x" * 257}}, "tags['team']"),
    "no versions of add-ons": ({"addon_versions": None}, "EksClusterArgs.addon_versions"),
    "a role as a number": ({"node_role": 3}, "EksClusterArgs.node_role"),
    "support in other words": ({"support": "premium"}, "EksClusterArgs.support"),
    "the network of another cloud": ({"network": _OTHER_CLOUD}, "EksClusterArgs.network"),
}
_GKE: Mistakes = {
    **_in_clouds("GkeClusterArgs"),
    "two pools of one name": ({"pools": [gke.system_pool(), gke.gpu_pool(), gke.gpu_pool()]}, "pools[2].name"),
    "one zone for a list": ({"zones": "us-central1-a"}, "GkeClusterArgs.zones"),
    "no zones": ({"zones": None}, "GkeClusterArgs.zones"),
    "no project": ({"project": None}, "GkeClusterArgs.project"),
    "text for a number": ({"max_pods_per_node": "64"}, "GkeClusterArgs.max_pods_per_node"),
    "an administrator that IAM spells otherwise": ({"admins": {"a": "me"}}, "GkeClusterArgs.admins.a"),
    "no labels": ({"labels": None}, "GkeClusterArgs.labels"),
    "a label in capitals": ({"labels": {"Team": "x"}}, "labels['Team']"),
    "the mark of a cluster": ({"labels": {"strata-cluster": "other"}}, "labels['strata-cluster']"),
}
_AKS: Mistakes = {
    **_in_clouds("AksClusterArgs"),
    "two pools of one name": ({"pools": [aks.cpu_pool(), aks.gpu_pool(), aks.gpu_pool()]}, "pools[2].name"),
    "an administrator as text": ({"admins": {"a": "u"}}, "AksClusterArgs.admins.a"),
    "no system pool": ({"system_pool": None}, "AksClusterArgs.system_pool"),
    "no disk": ({"os_disk": None}, "AksClusterArgs.os_disk"),
    "a resource group with a slash": ({"resource_group": "bad group!!/"}, "resource_group"),
    "a tag of Azure": ({"tags": {"microsoft-x": "1"}}, "tags['microsoft-x']"),
    "the mark of a cluster": ({"tags": {"strata.dev-cluster": "other"}}, "tags['strata.dev-cluster']"),
}
_HOSTS: Mistakes = {
    **_common("KubeadmClusterArgs"),
    "one worker for a list": ({"workers": "10.0.0.1"}, "KubeadmClusterArgs.workers"),
    "no control plane": ({"control_plane": None}, "KubeadmClusterArgs.control_plane"),
    "a key as a number": ({"private_key": 1}, "KubeadmClusterArgs.private_key"),
}
_EXISTING: Mistakes = {
    "no pools": ({"pools": None}, "ExistingCluster.pools"),
    "one pool for a list": ({"pools": _POOL}, "ExistingCluster.pools"),
    "a pool as a mapping": ({"pools": [{"name": "h100"}]}, "ExistingCluster.pools[0]"),
    "two pools of one name": ({"pools": [_POOL, _POOL]}, "pools[1].name"),
    "unknown machines in two pools": (
        {"pools": [eks.gpu_pool("p5.48xlagre"), eks.gpu_pool().model_copy(update={"name": "other"})]},
        "pools[0].instance_type",
    ),
    "no storage": ({"storage": None}, "ExistingCluster.storage"),
    "a class with spaces": ({"storage": "Not A Name"}, "ExistingCluster.storage"),
    "an old version": ({"kubernetes_version": "1.20"}, "kubernetes_version"),
    "a version in words": ({"kubernetes_version": "abc"}, "ExistingCluster.kubernetes_version"),
    "a version as a number": ({"kubernetes_version": 1.34}, "ExistingCluster.kubernetes_version"),
    "one group for a list": ({"apis": "keda.sh"}, "ExistingCluster.apis"),
    "a name with a space": ({"name": "Lab Cluster!"}, "ExistingCluster.name"),
    "a long name": ({"name": "a" * 300}, "ExistingCluster.name"),
    "no kubeconfig": ({"kubeconfig": None}, "ExistingCluster.kubeconfig"),
}


def _eks(changes: Mapping[str, object]) -> object:
    right = _values(EksClusterArgs.of(eks.target(), (eks.system_pool(), eks.gpu_pool())))
    return EksCluster("prod", untyped(EksClusterArgs, {**right, **changes}))


def _gke(changes: Mapping[str, object]) -> object:
    right = _values(GkeClusterArgs.of(gke.target(), (gke.system_pool(), gke.gpu_pool())))
    return GkeCluster("prod", untyped(GkeClusterArgs, {**right, **changes}))


def _aks(changes: Mapping[str, object]) -> object:
    right = _values(AksClusterArgs.of(aks.target(), (aks.cpu_pool(), aks.gpu_pool())))
    return AksCluster("prod", untyped(AksClusterArgs, {**right, **changes}))


def _hosts(changes: Mapping[str, object]) -> object:
    target, pools = site()
    right = _values(KubeadmClusterArgs.of(target, pools, "key"))
    return KubeadmCluster("prod", untyped(KubeadmClusterArgs, {**right, **changes}))


def _existing(changes: Mapping[str, object]) -> object:
    right: dict[str, object] = {"name": "lab", "kubeconfig": "/kubeconfig", "pools": [_POOL], "storage": "files"}
    return untyped(ExistingCluster, {**right, **changes})


_CLUSTERS: Mapping[str, tuple[Callable[[Mapping[str, object]], object], Mistakes]] = {
    "eks": (_eks, _EKS),
    "gke": (_gke, _GKE),
    "aks": (_aks, _AKS),
    "hosts": (_hosts, _HOSTS),
    "existing": (_existing, _EXISTING),
}
_CASES = {
    f"{cluster}: {label}": (declare, *mistake)
    for cluster, (declare, mistakes) in _CLUSTERS.items()
    for label, mistake in mistakes.items()
}


@pytest.mark.parametrize(("declare", "changes", "field"), _CASES.values(), ids=_CASES)
def test_a_wrong_argument_is_refused_before_anything_is_registered(
    declare: Callable[[Mapping[str, object]], object], changes: Mapping[str, object], field: str
) -> None:
    assert_refused(lambda: declare(changes), field)


_ARGUMENTS: Mapping[str, Callable[..., object]] = {
    "EksCluster": EksCluster,
    "GkeCluster": GkeCluster,
    "AksCluster": AksCluster,
    "KubeadmCluster": KubeadmCluster,
    "Cluster": Cluster,
}


@pytest.mark.parametrize("args", [None, {"region": "us-east-2"}, EksClusterArgs, _POOL], ids=repr)
@pytest.mark.parametrize(("label", "cluster"), _ARGUMENTS.items(), ids=_ARGUMENTS)
def test_arguments_of_another_type_are_refused(label: str, cluster: Callable[..., object], args: object) -> None:
    assert_refused(lambda: cluster("prod", args), f"{label}.args")


def test_options_of_another_type_are_refused() -> None:
    args = EksClusterArgs.of(eks.target(), (eks.system_pool(), eks.gpu_pool()))
    assert_refused(lambda: untyped(EksCluster, {"name": "prod", "args": args, "opts": {}}), "EksCluster.opts")
    assert_refused(lambda: untyped(EksCluster, {"name": 3, "args": args}), "EksCluster.name")
    assert_refused(lambda: untyped(EksCluster, {"name": "prod"}), "EksCluster.args")


_VPC = {"id": "vpc-01234567", "cidr": "10.20.0.0/16", "private_subnets": {"us-east-2a": "subnet-01234567"}}
_NEW_VPC = {"cidr": "10.20.0.0/16", "zones": eks.ZONES}
_GCP = {"network": "n", "subnet": "s", "nodes": "10.30.0.0/20", "pods": {"name": "p"}, "services": "10.36.0.0/20"}
_VNET = {"id": "/subscriptions/x", "cidr": "10.20.0.0/16", "private_subnets": {"eastus2-1": "/x"}}
_NETWORKS: Mapping[str, tuple[Callable[..., object], Mapping[str, object], str]] = {
    "subnets as a list": (ExistingAwsVpc, {**_VPC, "private_subnets": ["subnet-1"]}, "ExistingAwsVpc.private_subnets"),
    "no subnets": (ExistingAwsVpc, {**_VPC, "private_subnets": None}, "ExistingAwsVpc.private_subnets"),
    "no id": (ExistingAwsVpc, {**_VPC, "id": None}, "ExistingAwsVpc.id"),
    "no range": (ExistingAwsVpc, {**_VPC, "cidr": None}, "ExistingAwsVpc.cidr"),
    "no zones": (NewAwsVpc, {**_NEW_VPC, "zones": None}, "NewAwsVpc.zones"),
    "one zone for a list": (NewAwsVpc, {**_NEW_VPC, "zones": "us-east-2a"}, "NewAwsVpc.zones"),
    "a gateway as text": (NewAwsVpc, {**_NEW_VPC, "transit": "tgw"}, "NewAwsVpc.transit"),
    "an unknown way out": (NewAwsVpc, {**_NEW_VPC, "nat": "everywhere"}, "NewAwsVpc.nat"),
    "one route for a list": (TransitGateway, {"gateway": "tgw-1", "routes": "10.0.0.0/8"}, "TransitGateway.routes"),
    "a range as a mapping": (ExistingGcpVpc, _GCP, "ExistingGcpVpc.pods"),
    "a range as text": (ExistingGcpVpc, _GCP, "ExistingGcpVpc.services"),
    "no range for pods": (NewGcpVpc, {"nodes": "10.30.0.0/20", "services": "10.36.0.0/20"}, "NewGcpVpc.pods"),
    "subnets of Azure as a list": (ExistingVnet, {**_VNET, "private_subnets": ["/x"]}, "ExistingVnet.private_subnets"),
    "another way out": (ExistingVnet, {**_VNET, "egress": "nat"}, "ExistingVnet.egress"),
    "no zones of Azure": (NewVnet, {"cidr": "10.20.0.0/16", "zones": None}, "NewVnet.zones"),
    "an object without its type": (AksAdmin, {"object_id": aks.SUBSCRIPTION}, "AksAdmin.type"),
    "an object that is no id": (AksAdmin, {"object_id": "me", "type": "User"}, "AksAdmin.object_id"),
    "a cluster without facts": (ClusterArgs, {"kubeconfig": "/kubeconfig", "facts": None}, "ClusterArgs.facts"),
}


@pytest.mark.parametrize(("kind", "values", "field"), _NETWORKS.values(), ids=_NETWORKS)
def test_a_wrong_part_of_arguments_is_refused(
    kind: Callable[..., object], values: Mapping[str, object], field: str
) -> None:
    with pytest.raises(StrataError) as refused:
        kind(**values)
    assert field in [problem.field for problem in refused.value.problems]


def test_a_form_is_told_by_an_example() -> None:
    right = _values(EksClusterArgs.of(eks.target(), (eks.system_pool(),)))
    with pytest.raises(StrataError) as early:
        untyped(EksClusterArgs, {**right, "admins": {"platform": "me"}})
    with pytest.raises(StrataError) as later:
        untyped(EksClusterArgs, {**right, "kms_key": "mine"}).settings("prod")
    for refused in (early, later):
        assert "such as `arn:aws:" in str(refused.value)
        assert "^arn" not in str(refused.value), "a regular expression is no answer"


def test_natural_values_are_taken() -> None:
    network = untyped(NewAwsVpc, {**_NEW_VPC, "zones": list(eks.ZONES), "nat": "single"})
    pools = [eks.system_pool(), eks.gpu_pool()]
    right = _values(EksClusterArgs.of(eks.target(), pools))
    args = untyped(EksClusterArgs, {**right, "support": "extended", "apis": ["keda.sh"], "network": network})
    settings = args.settings("prod")
    assert (settings.support, settings.apis) == (Support.EXTENDED, ("keda.sh",))
    assert list(eks_problems(settings, args.pools, datetime(2026, 11, 1, tzinfo=UTC))) == []


class _Role(pulumi.CustomResource):
    """A resource of a cloud with two values by which it may be meant."""

    arn: pulumi.Output[str]

    def __init__(self) -> None:
        super().__init__("cloud:iam:Role", "role", {"arn": "arn:aws:iam::123456789012:role/platform"})


@pytest.mark.parametrize(
    ("argument", "entry", "value"),
    [
        ("cluster_role", "", "pass its `.arn` (ARN of"),
        ("admins", ".platform", "pass its `.arn` (ARN of"),
        ("tags", ".team", "pass one of its outputs"),
    ],
)
def test_a_resource_of_a_cloud_is_answered_with_the_value_that_is_meant(argument: str, entry: str, value: str) -> None:
    args = _values(EksClusterArgs.of(eks.target(), [_POOL]))

    def declare() -> None:
        role = _Role()
        untyped(EksClusterArgs, {**args, argument: {entry.removeprefix("."): role} if entry else role})

    error, _ = refusal(declare)
    assert [problem.field for problem in error.problems] == [f"EksClusterArgs.{argument}{entry}"]
    assert value in str(error)
