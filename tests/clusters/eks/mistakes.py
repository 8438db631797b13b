"""Wrong settings of an EKS cluster, one by one, and the correct cluster that each is put into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias

from components.clusters.eks.rules import eks_problems
from components.clusters.eks.settings import (
    EfaLayout,
    EksTarget,
    GroupAccess,
    IamRoles,
    LoadBalancerController,
    SecretsManager,
    StorageDriver,
    Support,
)
from components.contracts.api_access import PrivateAccess, PublicAccess
from components.contracts.capacity import CapacityBlock, FlexStart, Queued, Reservation, Spot
from components.contracts.gpu_sharing import Mig, TimeSlicing
from components.contracts.own_fabrics import InfinibandFabric
from components.contracts.pools import DriverOwner, GpuAdvertiser, PoolRange, Taint
from components.contracts.quantities import Duration
from components.networks.aws.settings import AdoptedVpc, TransitAttachment
from tests.mistakes import Mistake, Rules

from .pools import ZONES, gpu_pool, system_pool, target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BLOCK = CapacityBlock(kind="capacity-block", id="cr-0123456789abcdef0", ends=NOW + timedelta(days=14))
RESERVATION = Reservation(kind="reservation", id="cr-0123456789abcdef0")
ADMIN = "arn:aws:iam::123456789012:role/platform"
ADOPTED = AdoptedVpc(
    kind="adopt",
    id="vpc-0123456789abcdef0",
    cidr="10.20.0.0/16",
    private_subnets={"us-east-2a": "subnet-0123456789abcdef0", "us-east-2b": "subnet-0123456789abcdef1"},
)
RULES = Rules(
    problems=lambda cluster, pools: eks_problems(cluster, pools, NOW),
    target=target(),
    pools=(system_pool(), gpu_pool()),
)
Wrong: TypeAlias = Mistake[EksTarget]
cluster, gpus, bought, system = RULES.cluster, RULES.gpus, RULES.bought, RULES.cpus
network, adopted = partial(RULES.part, "network"), partial(cluster, network=ADOPTED, adopt_cluster=True)


def transit(*routes: str, **changes: object) -> EksTarget:
    joined = TransitAttachment(gateway="tgw-0123456789abcdef0", routes=routes)
    return network(transit=joined, **changes)


GB200 = "p6e-gb200.36xlarge"
MISTAKES: dict[str, Wrong] = {
    "a cabled fabric of a cloud's machines": Wrong(
        blamed="node_pools[1].fabric", said="built in, not infiniband", pools=gpus(fabric=InfinibandFabric())
    ),
    "slices of machines with EFA": Wrong(
        blamed="node_pools[1].rdma", said="write rdma: false", pools=gpus(sharing=TimeSlicing(replicas=4))
    ),
    "a partition that H100 lacks": Wrong(
        blamed="node_pools[1].sharing.profile", said="1g.10gb", pools=gpus(sharing=Mig(profile="1g.5gb"), rdma=False)
    ),
    "a boundary that is no policy": Wrong(
        blamed="target.iam.permissions_boundary",
        said="is no IAM policy",
        target=cluster(iam=IamRoles(permissions_boundary="arn:aws:iam::111122223333:role/boundary")),
    ),
    "a tag of AWS": Wrong(
        blamed="target.tags.aws:team", said="the cloud takes no key", target=cluster(tags={"aws:team": "x"})
    ),
    "a tag of Strata": Wrong(
        blamed="target.tags.strata.dev/cluster", said="is Strata's", target=cluster(tags={"strata.dev/cluster": "x"})
    ),
    # The control plane.
    "a version that EKS does not offer": Wrong(
        blamed="target.kubernetes_version", said="does not offer", target=cluster(kubernetes_version="1.29")
    ),
    "a version that does not exist yet": Wrong(
        blamed="target.kubernetes_version", said="use one of", target=cluster(kubernetes_version="1.99")
    ),
    "a version out of standard support": Wrong(
        blamed="target.kubernetes_version", said="2026-07-29", target=cluster(kubernetes_version="1.33")
    ),
    "a node image of another minor version": Wrong(
        blamed="target.node_release", said="another minor version", target=cluster(node_release="1.34.2-20261101")
    ),
    "a node image of a day that is none": Wrong(
        blamed="target.node_release", said="20261341", target=cluster(node_release="1.35.2-20261341")
    ),
    "a node image of the future": Wrong(
        blamed="target.node_release", said="no image was released", target=cluster(node_release="1.35.2-20270101")
    ),
    "an unknown add-on": Wrong(
        blamed="target.addon_versions.vpc-cnl",
        said="did you mean 'vpc-cni'?",
        target=cluster(addon_versions={"vpc-cnl": "v1.20.4-eksbuild.2"}),
    ),
    "an add-on that is not installed": Wrong(
        blamed="target.addon_versions.aws-fsx-csi-driver",
        said="shared_storage.kind: efs",
        target=cluster(addon_versions={"aws-fsx-csi-driver": "v1.8.0-eksbuild.1"}),
    ),
    "an add-on version without its build": Wrong(
        blamed="target.addon_versions.coredns", said="v1.11.4", target=cluster(addon_versions={"coredns": "v1.11.4"})
    ),
    "a network plugin older than EFA-only interfaces": Wrong(
        blamed="target.addon_versions.vpc-cni",
        said="v1.18.4",
        target=cluster(addon_versions={"vpc-cni": "v1.18.3-eksbuild.3"}),
    ),
    "a kube-proxy newer than the control plane": Wrong(
        blamed="target.addon_versions.kube-proxy",
        said="never newer",
        target=cluster(addon_versions={"kube-proxy": "v1.36.0-eksbuild.1"}),
    ),
    "an adopted cluster in a new VPC": Wrong(
        blamed="target.network.kind", said="could not reach the control plane", target=cluster(adopt_cluster=True)
    ),
    "a second load balancer controller": Wrong(
        blamed="target.load_balancer_controller",
        said="each other's load balancers",
        target=adopted(load_balancer_controller=LoadBalancerController.INSTALLED),
    ),
    "a load balancer controller that nobody installed": Wrong(
        blamed="target.load_balancer_controller",
        said="has none before",
        target=cluster(load_balancer_controller=LoadBalancerController.EXISTS),
    ),
    "drivers of a cluster that is made": Wrong(
        blamed="target.storage_drivers",
        said="gets its drivers as add-ons of EKS",
        target=cluster(storage_drivers=(StorageDriver.EBS,)),
    ),
    "a key for an adopted cluster": Wrong(
        blamed="target.kms_key",
        said="would be ignored",
        target=adopted(kms_key="arn:aws:kms:us-east-2:123456789012:key/1"),
    ),
    "extended support for an adopted cluster": Wrong(
        blamed="target.support", said="would be ignored", target=adopted(support=Support.EXTENDED)
    ),
    # Identities.
    "a team's role among the admins": Wrong(
        blamed="target.group_access[0].principal",
        said="is among the admins",
        target=cluster(group_access=(GroupAccess(principal=ADMIN, groups=("search-engineers",)),)),
    ),
    "a team in a group of Kubernetes": Wrong(
        blamed="target.group_access[0].groups[0]",
        said="begins with system:",
        target=cluster(
            group_access=(GroupAccess(principal="arn:aws:iam::123456789012:role/team", groups=("system:masters",)),)
        ),
    ),
    "an administrator twice": Wrong(blamed="target.admins[1]", said="already", target=cluster(admins=(ADMIN, ADMIN))),
    "a session as administrator": Wrong(
        blamed="target.admins[0]",
        said="arn:aws:iam::123456789012:role/platform",
        target=cluster(admins=("arn:aws:sts::123456789012:assumed-role/platform/jane",)),
    ),
    "a pattern of administrators": Wrong(
        blamed="target.admins[0]",
        said="letter by letter",
        target=cluster(admins=("arn:aws:iam::123456789012:role/platform-*",)),
    ),
    "a service-linked role as administrator": Wrong(
        blamed="target.admins[0]",
        said="service-linked",
        target=cluster(admins=("arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRole",)),
    ),
    "the account's root as administrator": Wrong(
        blamed="target.admins[0]",
        said="neither an IAM role nor a user",
        target=cluster(admins=("arn:aws:iam::123456789012:root",)),
    ),
    "the nodes' role as administrator": Wrong(
        blamed="target.admins[0]", said="role of the nodes", target=cluster(node_role=ADMIN)
    ),
    "a user as the control plane's role": Wrong(
        blamed="target.cluster_role",
        said="not an IAM role",
        target=cluster(cluster_role="arn:aws:iam::123456789012:user/eks"),
    ),
    "a key as the nodes' role": Wrong(
        blamed="target.node_role",
        said="not an IAM role",
        target=cluster(node_role="arn:aws:kms:us-east-2:123456789012:key/1"),
    ),
    "a key of another region": Wrong(
        blamed="target.kms_key",
        said="not a KMS key in us-east-2",
        target=cluster(kms_key="arn:aws:kms:us-east-1:123456789012:key/1"),
    ),
    "a key of secrets of another region": Wrong(
        blamed="target.secrets.kms_keys[0]",
        said="a key of us-west-2, and the secrets are in us-east-2",
        target=cluster(secrets=SecretsManager(prefix="genai/", kms_keys=("arn:aws:kms:us-west-2:123456789012:key/1",))),
    ),
    "a region of another partition": Wrong(
        blamed="target.region", said="partition", target=cluster(region="us-gov-west-1")
    ),
    # The network.
    "a VPC that is too small": Wrong(
        blamed="target.network.cidr", said="10.20.0.0/16", target=network(cidr="10.20.48.0/24")
    ),
    "a VPC that is too large": Wrong(
        blamed="target.network.cidr", said="/16 to /28", target=network(cidr="10.0.0.0/8")
    ),
    "a VPC of public addresses": Wrong(
        blamed="target.network.cidr", said="public addresses", target=network(cidr="8.8.0.0/16")
    ),
    "a VPC on a range of AWS's own": Wrong(
        blamed="target.network.cidr", said="172.17.0.0/16", target=network(cidr="172.17.0.0/16")
    ),
    "an adopted VPC of an impossible size": Wrong(
        blamed="target.network.cidr",
        said="not what the VPC has",
        target=cluster(network=ADOPTED.model_copy(update={"cidr": "10.0.0.0/8"})),
    ),
    "one zone, twice": Wrong(
        blamed="target.network.zones", said="two availability zones", target=network(zones=(ZONES[0], ZONES[0]))
    ),
    "a zone twice": Wrong(blamed="target.network.zones[2]", said="already", target=network(zones=(*ZONES, ZONES[0]))),
    "a zone of another region": Wrong(
        blamed="target.network.zones[2]", said="not a zone of us-east-2", target=network(zones=(*ZONES, "us-west-2a"))
    ),
    "a local zone": Wrong(
        blamed="target.network.zones[2]", said="local zone", target=network(zones=(*ZONES, "us-east-2-chi-1a"))
    ),
    "one adopted subnet for two zones": Wrong(
        blamed="target.network.private_subnets.us-east-2b",
        said="two of them",
        target=cluster(
            network=ADOPTED.model_copy(update={"private_subnets": dict.fromkeys(ZONES, "subnet-0123456789abcdef0")})
        ),
    ),
    "a route into the VPC itself": Wrong(
        blamed="target.network.transit.routes[0]", said="of the VPC", target=transit("10.20.128.0/20")
    ),
    "a route to the addresses of services": Wrong(
        blamed="target.network.transit.routes[1]",
        said="Kubernetes services",
        target=transit("10.250.0.0/16", "172.20.8.0/24"),
    ),
    "a route twice": Wrong(
        blamed="target.network.transit.routes[1]", said="already", target=transit("10.250.0.0/16", "10.250.0.0/16")
    ),
    "two ways to the internet": Wrong(
        blamed="target.network.transit.routes[0]", said="nat: none", target=transit("0.0.0.0/0")
    ),
    "nodes that outgrow their subnets": Wrong(
        blamed="target.network.cidr",
        said="pool h100",
        target=network(cidr="10.20.0.0/20"),
        pools=gpus(count=12),
    ),
    "interfaces that eat the addresses": Wrong(
        blamed="target.network.cidr",
        said="the subnet of us-east-2a has 512 addresses",
        target=network(cidr="10.20.0.0/19").model_copy(update={"efa_layout": EfaLayout.BANDWIDTH_OPTIMISED}),
        pools=gpus(count=18),
    ),
    "an API server open to everyone": Wrong(
        blamed="target.api_access.cidrs[0]",
        said="everyone",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",))),
    ),
    "an API server in an adopted VPC open to everyone": Wrong(
        blamed="target.api_access.cidrs[0]",
        said="everyone",
        target=cluster(network=ADOPTED, api_access=PublicAccess(kind="public-cidrs", cidrs=("0.0.0.0/0",))),
    ),
    "private addresses on the internet": Wrong(
        blamed="target.api_access.cidrs[0]",
        said="private network",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("10.0.0.0/8",))),
    ),
    "a network that may connect twice": Wrong(
        blamed="target.api_access.cidrs[1]",
        said="already",
        target=cluster(api_access=PublicAccess(kind="public-cidrs", cidrs=("198.51.100.0/24", "198.51.100.0/24"))),
    ),
    "a private API server that nothing is joined to": Wrong(
        blamed="target.api_access",
        said="joined to no other",
        target=cluster(api_access=PrivateAccess(kind="private", cidrs=("10.250.0.0/16",))),
    ),
    "a private API server that lets nobody in": Wrong(
        blamed="target.api_access.cidrs",
        said="such as 10.250.0.0/16",
        target=transit("10.250.0.0/16").model_copy(update={"api_access": PrivateAccess(kind="private")}),
    ),
    "a private network without a way back": Wrong(
        blamed="target.api_access.cidrs[0]",
        said="no route leads back",
        target=transit("10.250.0.0/16").model_copy(
            update={"api_access": PrivateAccess(kind="private", cidrs=("10.251.0.0/16",))}
        ),
    ),
    # Pools: machines and capacity.
    "a machine of another cloud": Wrong(
        blamed="node_pools[1].instance_type", said="a machine of gcp", pools=gpus("a3-highgpu-8g")
    ),
    "flex-start": Wrong(
        blamed="node_pools[1].capacity.kind", said="not sold by AWS", pools=bought(FlexStart(kind="flex-start"))
    ),
    "a queue": Wrong(blamed="node_pools[1].capacity.kind", said="not sold by AWS", pools=bought(Queued(kind="queued"))),
    "flex-start for a month": Wrong(
        blamed="node_pools[1].capacity.longest_run",
        said="7 days",
        pools=bought(FlexStart(kind="flex-start", longest_run=Duration(30 * 86_400))),
    ),
    "a reservation by a name of Google's": Wrong(
        blamed="node_pools[1].capacity.id",
        said="not an EC2 capacity reservation",
        pools=bought(Reservation(kind="reservation", id="projects/p/reservations/r")),
    ),
    "a reservation in two zones": Wrong(
        blamed="node_pools[1].zones", said="in one zone", pools=bought(RESERVATION, "g6e.xlarge", zones=ZONES)
    ),
    "a block in two zones": Wrong(blamed="node_pools[1].zones", said="in one zone", pools=bought(BLOCK, zones=ZONES)),
    "a reservation for two types": Wrong(
        blamed="node_pools[2].capacity.id",
        said="machines of one type",
        pools=(*bought(RESERVATION), gpu_pool("p5en.48xlarge").model_copy(update={"capacity": RESERVATION})),
    ),
    "a block of machines that are not sold in blocks": Wrong(
        blamed="node_pools[1].capacity.kind", said="no capacity blocks of", pools=bought(BLOCK, "g6e.48xlarge")
    ),
    "a block that has ended": Wrong(
        blamed="node_pools[1].capacity.ends",
        said="ended at 2026-11-20T11:30",
        pools=bought(BLOCK.model_copy(update={"ends": NOW - timedelta(minutes=30)})),
    ),
    "a block that is about to end": Wrong(
        blamed="node_pools[1].capacity.ends",
        said="less than 40 minutes",
        pools=bought(BLOCK.model_copy(update={"ends": NOW + timedelta(minutes=35)})),
    ),
    "a block that begins after its nodes are drained": Wrong(
        blamed="node_pools[1].capacity.starts",
        said="is not before the block's nodes are drained",
        pools=bought(BLOCK.model_copy(update={"starts": BLOCK.ends})),
    ),
    "a block that lasts for years": Wrong(
        blamed="node_pools[1].capacity.ends",
        said="no block lasts that long",
        pools=bought(BLOCK.model_copy(update={"ends": NOW + timedelta(days=400)})),
    ),
    "more nodes than a block holds": Wrong(
        blamed="node_pools[1].count", said="64 machines", pools=bought(BLOCK, count=65)
    ),
    "an UltraServer on demand": Wrong(
        blamed="node_pools[1].capacity.kind",
        said="capacity blocks only",
        pools=gpus(GB200, compute_domains=True),
    ),
    "spot machines that may not be deleted": Wrong(
        blamed="node_pools[1].protect", said="taken away", pools=bought(Spot(kind="spot"), protect=True)
    ),
    # Pools: numbers and places.
    "a pool that nobody scales": Wrong(
        blamed="node_pools[0].autoscaled",
        said="target.has_autoscaler is not set",
        target=cluster(has_autoscaler=False),
        pools=system(autoscaled=PoolRange(minimum=1, maximum=4)),
    ),
    "a minimum above the maximum": Wrong(
        blamed="node_pools[0].autoscaled.minimum",
        said="at most 4",
        pools=system(autoscaled=PoolRange(minimum=5, maximum=4)),
    ),
    "a count outside the autoscaler's range": Wrong(
        blamed="node_pools[0].count", said="from 3 to 9", pools=system(autoscaled=PoolRange(minimum=3, maximum=9))
    ),
    "a zone without a subnet": Wrong(
        blamed="node_pools[1].zones[0]", said="us-east-2a or us-east-2b", pools=gpus(zones=("us-east-2c",))
    ),
    "the default zone of local clusters": Wrong(
        blamed="node_pools[1].zones[0]", said="zone-a", pools=gpus(zones=("zone-a",))
    ),
    "a zone twice in a pool": Wrong(
        blamed="node_pools[0].zones[2]", said="already", pools=system(zones=(*ZONES, ZONES[0]))
    ),
    "EFA across zones": Wrong(blamed="node_pools[1].zones", said="efa does not reach", pools=gpus(zones=ZONES)),
    "EFA across zones once it has grown": Wrong(
        blamed="node_pools[1].zones",
        said="4 nodes",
        pools=gpus(zones=ZONES, count=1, autoscaled=PoolRange(minimum=1, maximum=4)),
    ),
    "more trays than an NVLink domain": Wrong(
        blamed="node_pools[1].count",
        said="18 share an NVLink domain",
        pools=bought(BLOCK, GB200, compute_domains=True, count=19),
    ),
    "nothing for CoreDNS to run on": Wrong(blamed="node_pools", said="CoreDNS", pools=(gpu_pool(),)),
    "x86 and Arm for the same pods": Wrong(
        blamed="node_pools[1].instance_type",
        said="exec format error",
        pools=(system_pool(), system_pool().model_copy(update={"name": "arm", "instance_type": "m7g.2xlarge"})),
    ),
    # Pools: who owns the GPUs.
    "no driver": Wrong(blamed="node_pools[1].driver", said="for CPU pools", pools=gpus(driver=DriverOwner.NONE)),
    "a driver of the platform's": Wrong(
        blamed="node_pools[1].driver", said="does not exist on EKS", pools=gpus(driver=DriverOwner.PLATFORM)
    ),
    "a driver of the GPU operator's": Wrong(
        blamed="node_pools[1].driver", said="Amazon Linux 2023", pools=gpus(driver=DriverOwner.GPU_OPERATOR)
    ),
    "DRA on a Kubernetes without it": Wrong(
        blamed="node_pools[1].advertiser",
        said="1.34",
        target=cluster(kubernetes_version="1.33", support=Support.EXTENDED),
        pools=gpus(advertiser=GpuAdvertiser.DRA),
    ),
    "a rack of NVLink that nobody opens to pods": Wrong(
        blamed="node_pools[1].compute_domains", said="only NVIDIA's DRA driver", pools=bought(BLOCK, GB200)
    ),
    "a rack of NVLink that nobody opens, with its GPUs claimed": Wrong(
        blamed="node_pools[1].compute_domains",
        said="DRA driver opens",
        pools=bought(BLOCK, GB200, advertiser=GpuAdvertiser.DRA),
    ),
    "domains of machines whose NVLink ends inside": Wrong(
        blamed="node_pools[1].compute_domains", said="ends inside the machine", pools=gpus(compute_domains=True)
    ),
    "domains on a Kubernetes without DRA": Wrong(
        blamed="node_pools[1].compute_domains",
        said="1.34",
        target=cluster(kubernetes_version="1.33", support=Support.EXTENDED),
        pools=bought(BLOCK, GB200, compute_domains=True),
    ),
    "one driver for claims here and for domains beside a plugin there": Wrong(
        blamed="node_pools[1].advertiser",
        said="on all of its nodes or on none",
        pools=(
            *bought(BLOCK, GB200, compute_domains=True),
            gpu_pool().model_copy(update={"name": "claimed", "advertiser": GpuAdvertiser.DRA}),
        ),
    ),
    # Pools: labels and taints.
    "a label of Kubernetes": Wrong(
        blamed="node_pools[0].labels.node-role.kubernetes.io/system",
        said="example.com/system",
        pools=system(labels={"node-role.kubernetes.io/system": ""}),
    ),
    "a label of EKS": Wrong(
        blamed="node_pools[0].labels.eks.amazonaws.com/tier",
        said="reserved",
        pools=system(labels={"eks.amazonaws.com/tier": "a"}),
    ),
    "a label of Strata": Wrong(
        blamed="node_pools[0].labels.strata.dev/pool",
        said="set by Strata itself",
        pools=system(labels={"strata.dev/pool": "other"}),
    ),
    "a label that GPU nodes carry anyway": Wrong(
        blamed="node_pools[1].labels.nvidia.com/gpu.present",
        said="set by Strata itself",
        pools=gpus(labels={"nvidia.com/gpu.present": "false"}),
    ),
    "a taint of Kubernetes": Wrong(
        blamed="node_pools[1].taints[0].key",
        said="reserved",
        pools=gpus(taints=(Taint(key="node.kubernetes.io/not-ready"),)),
    ),
    "a taint twice": Wrong(
        blamed="node_pools[1].taints[1]",
        said="one taint for each key and effect",
        pools=gpus(taints=(Taint(key="team", value="a"), Taint(key="team", value="b"))),
    ),
    "the taint of GPU nodes once more": Wrong(
        blamed="node_pools[1].taints[0]", said="already", pools=gpus(taints=(Taint(key="nvidia.com/gpu", value="yes"),))
    ),
    "more taints than EKS takes": Wrong(
        blamed="node_pools[1].taints",
        said="51 taints, with those of Strata",
        pools=gpus(taints=tuple(Taint(key=f"taint-{place}") for place in range(50))),
    ),
    "a taint with a long prefix": Wrong(
        blamed="node_pools[1].taints[0].key",
        said="63",
        pools=gpus(taints=(Taint(key=f"{'a' * 60}.example/team"),)),
    ),
}
