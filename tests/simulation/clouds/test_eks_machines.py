"""Nodes behind node groups and add-ons: they show what was sent, and add-ons without nodes stay degraded."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from components.contracts.pools import Taint, TaintEffect
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import set_quota
from simulation.clouds.aws.node_group_launches import set_stock
from simulation.clouds.aws.outside_changes import delete, scale
from simulation.clouds.aws.versions import KUBERNETES
from simulation.control_plane.rolling import Replacement
from simulation.provider.errors import PartialFailureError, ProviderError
from simulation.provider.faults import Fault
from simulation.provider.values import Object, Value, at
from tests.simulation.clouds.aws_account import InputsRefusedError, Made
from tests.simulation.clouds.eks_account import EksAccount

_ZONE = "us-east-2b"


@pytest.fixture
def eks(tmp_path: Path) -> EksAccount:
    made = EksAccount(tmp_path)
    made.cluster()
    return made


def _interfaces() -> list[Value]:
    kinds = ["interface", "efa-only", *["efa-only"] * 31]
    places = [(0, 0), (0, 1), *((card, 0) for card in range(1, 32))]
    return [
        {"networkCardIndex": card, "deviceIndex": device, "interfaceType": kind}
        for kind, (card, device) in zip(kinds, places, strict=True)
    ]


def _gpu_group(eks: EksAccount, **other: Value) -> Made:
    inputs: Object = {
        "nodeGroupName": "h100",
        "instanceTypes": ["p5.48xlarge"],
        "amiType": "AL2023_x86_64_NVIDIA",
        "subnetIds": [eks.private[_ZONE].identifier],
        "labels": {"strata.dev/pool": "h100", "nvidia.com/gpu.present": "true"},
        "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
        **other,
    }
    template = eks.template("prod-h100", networkInterfaces=_interfaces())
    return eks.group(template, **inputs)


def test_nodes_show_what_the_node_group_says(eks: EksAccount) -> None:
    _gpu_group(eks)
    first, second = eks.plane.groups["h100"]
    assert first.name != second.name
    assert (first.instance_type, first.zone, first.region) == ("p5.48xlarge", _ZONE, "us-east-2")
    assert first.labels["strata.dev/pool"] == "h100"
    assert first.labels["eks.amazonaws.com/nodegroup"] == "h100"
    assert first.taints == (Taint(key="nvidia.com/gpu", value="true", effect=TaintEffect.NO_SCHEDULE),)
    assert first.has_driver
    assert first.devices == {"vpc.amazonaws.com/efa": 32}
    assert first.kubernetes_version.startswith("1.34.")


def test_what_the_program_forgets_the_nodes_lack(eks: EksAccount) -> None:
    eks.group(nodeGroupName="h100", instanceTypes=["g6e.xlarge"], labels={})
    assert {machine.has_driver for machine in eks.plane.groups["h100"]} == {False}
    assert {len(machine.devices) + len(machine.taints) for machine in eks.plane.groups["h100"]} == {0}


def test_nodes_are_spread_over_the_zones_of_the_subnets(eks: EksAccount) -> None:
    eks.group()
    assert [machine.zone for machine in eks.plane.groups["system"]] == ["us-east-2a", "us-east-2b"]


def test_a_new_version_means_other_machines_and_a_new_label_does_not(eks: EksAccount) -> None:
    template = eks.template()
    made = eks.group(template, version="1.33")
    before = eks.plane.groups["system"]
    made = eks.aws.update(made, **eks.group_inputs(template, version="1.33", labels={"tier": "a"}))
    assert [machine.name for machine in eks.plane.groups["system"]] == [machine.name for machine in before]
    assert eks.plane.groups["system"][0].labels["tier"] == "a"
    made = eks.aws.update(made, **eks.group_inputs(template, version="1.34"))
    after = eks.plane.groups["system"]
    assert {machine.kubernetes_version.rpartition(".")[0] for machine in after} == {"1.34"}
    assert not {machine.name for machine in after} & {machine.name for machine in before}
    assert str(made.outputs["releaseVersion"]).startswith("1.34.")


def test_b16_a_new_launch_template_takes_the_newest_image_and_there_is_no_way_back(
    eks: EksAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = eks.template()
    first = "1.34.2-20260401"
    made = eks.group(template, releaseVersion=first)
    monkeypatch.setitem(KUBERNETES, "1.34", "1.34.9")
    made = eks.aws.update(made, **eks.group_inputs(template, releaseVersion=first, labels={"tier": "a"}))
    assert _release(eks) == first, "labels are changed in place"
    template = eks.aws.update(template, name="prod-pool", userData=base64.b64encode(b"MIME-Version: 1.0").decode())
    second: Value = {"id": template.identifier, "version": "2"}
    made = eks.aws.update(made, **eks.group_inputs(template, releaseVersion=first, launchTemplate=second))
    assert _release(eks) == "1.34.9-20260401"
    with pytest.raises(ProviderError, match=r"older than 1\.34\.9-20260401"):
        eks.aws.update(made, **eks.group_inputs(template, releaseVersion="1.34.2-20260301", launchTemplate=second))
    eks.aws.update(made, **eks.group_inputs(template, releaseVersion="1.34.9-20260501", launchTemplate=second))
    assert _release(eks) == "1.34.9-20260501"


def _release(eks: EksAccount) -> str:
    found = eks.aws.ask("aws:eks/getNodeGroup:getNodeGroup", clusterName="prod", nodeGroupName="system")
    return str(found["releaseVersion"])


def test_nodes_go_with_their_group(eks: EksAccount) -> None:
    eks.aws.delete(eks.group())
    assert eks.plane.groups["system"] == ()


def test_the_cluster_goes_with_all_that_eks_made_beside_it(eks: EksAccount) -> None:
    eks.add_on("metrics-server") if eks.group() else None
    eks.aws.delete(Made(v.NODE_GROUP, "prod:system", {}, {}))
    eks.aws.delete(Made(v.CLUSTER, "prod", {}, {}))
    assert not eks.plane.exists
    left = {record.kind for kind in (v.ADDON, v.SECURITY_GROUP, v.LOG_GROUP) for record in eks.aws.records(kind)}
    assert left == {v.LOG_GROUP}, "EKS keeps the logs that nobody owns"


def test_the_cluster_tells_the_group_of_its_nodes(eks: EksAccount) -> None:
    found = eks.aws.ask("aws:eks/getCluster:getCluster", name="prod")
    (group,) = [
        record for record in eks.aws.records(v.SECURITY_GROUP) if record.text("name").startswith("eks-cluster-sg")
    ]
    assert at(found, "vpcConfig.clusterSecurityGroupId") == group.identifier
    assert found["endpoint"] == "https://127.0.0.1:6443"


def test_a_preview_of_an_upgrade_knows_the_group_that_eks_chose(tmp_path: Path) -> None:
    eks = EksAccount(tmp_path)
    made = eks.cluster(version="1.34")
    seen = eks.aws.preview_update(made, **eks.cluster_inputs(version="1.35"))
    assert at(seen, "version") == "1.35"
    chosen = "vpcConfig.clusterSecurityGroupId"
    assert at(seen, chosen) == at(made.outputs, chosen) is not None


def test_a_zone_without_machines_fails_the_group_after_it_was_taken(eks: EksAccount) -> None:
    with eks.aws.store.transaction() as account:
        set_stock(account, "p5.48xlarge", _ZONE, 1)
    with pytest.raises(PartialFailureError) as failure:
        _gpu_group(eks)
    assert failure.value.identifier == "prod:h100"
    assert (
        "waiting for EKS Node Group (prod:h100) create: unexpected state 'CREATE_FAILED', wanted target 'ACTIVE'. "
        "last error: AsgInstanceLaunchFailures: Could not launch On-Demand Instances. InsufficientInstanceCapacity - "
        "We currently do not have sufficient p5.48xlarge capacity in the Availability Zone you requested (us-east-2b)"
    ) in str(failure.value)
    assert "h100" not in eks.plane.groups


def test_a_failure_that_a_test_asks_for_reads_the_same(eks: EksAccount) -> None:
    eks.aws.will_fail(Fault(operation="create", kind=v.NODE_GROUP, code="InsufficientInstanceCapacity"))
    with pytest.raises(PartialFailureError, match="Could not launch On-Demand Instances"):
        eks.group()
    (left,) = eks.aws.records(v.NODE_GROUP)
    assert left.status == "CREATE_FAILED"


def test_a_quota_ends_like_a_lack_of_machines(eks: EksAccount) -> None:
    with eks.aws.store.transaction() as account:
        set_quota(account, "L-417A185B", 192)
    with pytest.raises(PartialFailureError, match="VcpuLimitExceeded - You have requested more vCPU capacity"):
        _gpu_group(eks)


def test_nodes_without_a_way_out_never_join(eks: EksAccount) -> None:
    for route in eks.aws.records(v.ROUTE):
        delete(eks.aws.provider.operations, v.ROUTE, route.identifier)
    with pytest.raises(PartialFailureError, match="NodeCreationFailure: Instances failed to join"):
        eks.group()


def test_nodes_without_a_network_plugin_never_become_ready(eks: EksAccount) -> None:
    delete(eks.aws.provider.operations, v.ADDON, "prod:vpc-cni")
    with pytest.raises(PartialFailureError, match="NodeCreationFailure: Unhealthy nodes"):
        eks.group()


_PULL = "AmazonEC2ContainerRegistryPullOnly"


@pytest.mark.parametrize(
    "policies",
    [(_PULL,), ("AmazonEKSWorkerNodeMinimalPolicy", _PULL), ("AmazonEKSWorkerNodePolicy",)],
    ids=["pulls only", "made for Auto Mode, whose nodes name themselves otherwise", "pulls nothing"],
)
def test_a1_nodes_whose_role_may_not_do_what_they_do_never_join(eks: EksAccount, policies: tuple[str, ...]) -> None:
    role = eks.role("bare", "ec2.amazonaws.com", *policies)
    with pytest.raises(PartialFailureError, match="NodeCreationFailure: Instances failed to join"):
        eks.group(nodeRoleArn=role.outputs["arn"])


def test_add_ons_wait_for_nodes_that_take_their_pods(eks: EksAccount) -> None:
    _gpu_group(eks)
    with pytest.raises(PartialFailureError) as failure:
        eks.add_on("coredns")
    assert (
        "waiting for EKS Add-On (prod:coredns) create: timeout while waiting for state to become 'ACTIVE' "
        "(last state: 'DEGRADED', timeout: 20m0s)"
    ) in str(failure.value)
    eks.group()
    eks.add_on("metrics-server")


def test_storage_drivers_come_and_go_with_their_add_ons(eks: EksAccount) -> None:
    eks.group()
    made = [eks.add_on(f"aws-{name}-csi-driver") for name in ("ebs", "efs", "fsx")]
    assert eks.plane.drivers == ["ebs.csi.aws.com", "efs.csi.aws.com", "fsx.csi.aws.com"]
    eks.aws.delete(made[0])
    assert eks.plane.drivers == ["efs.csi.aws.com", "fsx.csi.aws.com"]


def test_a_refresh_sees_what_somebody_else_scaled(eks: EksAccount) -> None:
    made = eks.group()
    scale(eks.aws.provider.operations, "prod", "system", 1)
    assert len(eks.plane.groups["system"]) == 1
    seen = eks.aws.read(made)
    assert at(seen or {}, "scalingConfig.desiredSize") == 1


def test_a_refresh_sees_what_somebody_else_deleted(eks: EksAccount) -> None:
    made = eks.group()
    delete(eks.aws.provider.operations, v.NODE_GROUP, "prod:system")
    assert eks.aws.read(made) is None
    assert eks.plane.groups["system"] == ()


def test_an_action_is_scheduled_for_groups_that_eks_made_and_times_to_come(eks: EksAccount) -> None:
    group = at(eks.group().outputs, "resources.autoscalingGroups.name")
    name = group[0] if isinstance(group, list) else group
    later: Object = {"scheduledActionName": "empty", "desiredCapacity": 0, "startTime": "2100-01-01T00:00:00Z"}
    made = eks.aws.create(v.SCHEDULE, autoscalingGroupName=name, **later)
    with pytest.raises(ProviderError, match="ValidationError: Auto Scaling group eks-other not found"):
        eks.aws.create(v.SCHEDULE, autoscalingGroupName="eks-other", **later)
    with pytest.raises(ProviderError, match=r"updating .*ValidationError: Given start time is in the past"):
        eks.aws.update(made, autoscalingGroupName=name, **{**later, "startTime": "2020-01-01T00:00:00Z"})
    with pytest.raises(InputsRefusedError, match="startTime"):
        eks.aws.update(made, autoscalingGroupName=name, **{**later, "startTime": "2100-01-01 00:00"})


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("DEFAULT", Replacement(surge=2, unavailable=0)),
        ("MINIMAL", Replacement(surge=0, unavailable=2)),
    ],
)
def test_b1_machines_are_replaced_in_the_order_that_was_asked_for(
    eks: EksAccount, strategy: str, expected: Replacement
) -> None:
    _gpu_group(eks, updateConfig={"maxUnavailable": 2, "updateStrategy": strategy})
    assert eks.plane.replacements["h100"] == expected
