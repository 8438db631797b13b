"""AWS Load Balancer Controller: a Network Load Balancer for each Service that names its class.

Owns its chart, its role and who may take that on. Namespaces are declared after it and deleted before it: a load
balancer whose controller is gone stays in the account, and the VPC with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes

from ...contracts.service_accounts import AccountName
from ...contracts.sources import ChartMirror, ImageMirror, Sha256Digest
from ...contracts.versions import LOAD_BALANCER_CONTROLLER, LOAD_BALANCER_CONTROLLER_CHART
from ...workloads.chart_values import Amounts, ImageValues, ResourceValues, image_values
from ...workloads.charts import ChartRelease, ChartValues, deploy_chart
from .load_balancer_policy import STATEMENTS
from .pod_identity import PodIdentityArgs, pod_identity
from .settings import IamRoles

RELEASE = "aws-load-balancer-controller"
"""Name of the release, of its Deployment and of its service account."""
NAMESPACE = "kube-system"
"""Where it runs, as its guide has it."""
IMAGE_NAME = "load-balancer-controller"
"""Name of the image, by which settings pin its digest."""


class SeccompProfile(ChartValues):
    """Which system calls are let through."""

    type: str


class PodSecurity(ChartValues):
    """``podSecurityContext``."""

    fs_group: int
    seccomp_profile: SeccompProfile


class Capabilities(ChartValues):
    """Linux capabilities."""

    drop: tuple[str, ...]


class ContainerSecurity(ChartValues):
    """``securityContext``."""

    capabilities: Capabilities
    read_only_root_filesystem: bool
    run_as_non_root: bool
    allow_privilege_escalation: bool


class DisruptionBudget(ChartValues):
    """``podDisruptionBudget``."""

    max_unavailable: int


class IngressClassParameters(ChartValues):
    """``ingressClassParams``."""

    create: bool


class WebhookValues(ChartValues):
    """``webhookConfig``."""

    disable_ingress_validation: bool


class ControllerConfiguration(ChartValues):
    """``controllerConfig``."""

    feature_gates: dict[str, bool]


class ControllerValues(ChartValues):
    """Values of the chart."""

    cluster_name: str
    region: str
    image: ImageValues
    pod_security_context: PodSecurity
    security_context: ContainerSecurity
    resources: ResourceValues
    pod_disruption_budget: DisruptionBudget
    default_target_type: str
    default_load_balancer_scheme: str
    default_tags: dict[str, str]
    enable_cert_manager: bool
    enable_endpoint_slices: bool
    enable_service_mutator_webhook: bool
    enable_shield: bool
    enable_waf: bool
    enable_wafv2: bool
    create_ingress_class_resource: bool
    ingress_class_params: IngressClassParameters
    webhook_config: WebhookValues
    controller_config: ControllerConfiguration


@dataclass(frozen=True, kw_only=True)
class LoadBalancersArgs:
    """The cluster whose Services get load balancers.

    Attributes:
        prefix: Beginning of the names of its role and of its objects' resources.
        cluster: Name of the cluster as it is written.
        cluster_name: The same, known once the control plane is active.
        region: AWS region.
        vpc_id: The cluster's VPC; pods cannot ask the machine for it.
        provider: The cluster's provider, which comes after nodes and add-ons.
        charts: Where charts are taken from in place of their own repositories.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
        iam: Path and permissions boundary of its role.
        tags: Tags of its role and of everything that it makes.
    """

    prefix: str
    cluster: str
    cluster_name: pulumi.Input[str]
    region: str
    vpc_id: pulumi.Input[str]
    provider: kubernetes.Provider
    charts: ChartMirror | None = None
    image_mirror: ImageMirror | None = None
    image_digest: Sha256Digest | None = None
    iam: IamRoles = field(default_factory=IamRoles)
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])


class EksLoadBalancers(pulumi.ComponentResource):
    """The controller.

    Attributes:
        installed: Depend on it to come after it and to go before it.
    """

    installed: list[pulumi.Resource]

    def __init__(self, name: str, args: LoadBalancersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strata:clusters:EksLoadBalancers", name, None, opts)
        allowed = self._identity(args)
        release = ChartRelease(
            chart=LOAD_BALANCER_CONTROLLER_CHART,
            release=RELEASE,
            namespace=NAMESPACE,
            values=controller_values(args.cluster, args.region, args.image_mirror, args.image_digest),
            mirror=args.charts,
            late={"vpcId": args.vpc_id},
        )
        chart = deploy_chart(
            f"{args.prefix}-{RELEASE}",
            release,
            pulumi.ResourceOptions(parent=self, provider=args.provider, depends_on=allowed),
        )
        self.installed = [chart]
        self.register_outputs({})

    def _identity(self, args: LoadBalancersArgs) -> list[pulumi.Resource]:
        """The role of its pods, and everything without which they cannot take it on."""
        wanted = PodIdentityArgs(
            cluster_name=args.cluster_name,
            account=AccountName(namespace=NAMESPACE, name=RELEASE),
            statements=STATEMENTS,
            iam=args.iam,
            tags=args.tags,
        )
        return pod_identity(f"{args.prefix}-load-balancers", wanted, pulumi.ResourceOptions(parent=self))


# The chart sets none. Its guide names no figures; the controller keeps every Service, pod and node in memory.
_AMOUNTS = ResourceValues(
    requests=Amounts(cpu="50m", memory="128Mi"),
    limits=Amounts(cpu="1", memory="512Mi"),
)


def controller_values(
    cluster: str, region: str, image_mirror: str | None = None, image_digest: str | None = None
) -> ControllerValues:
    """Values with which the controller makes load balancers of Services that name its class, and of nothing else.

    Args:
        cluster: Name of the cluster.
        region: AWS region.
        image_mirror: Registry that replaces the image's own.
        image_digest: ``sha256:…`` of the image.
    """
    return ControllerValues(
        cluster_name=cluster,
        region=region,
        image=image_values(LOAD_BALANCER_CONTROLLER, image_mirror, image_digest),
        pod_security_context=PodSecurity(fs_group=65534, seccomp_profile=SeccompProfile(type="RuntimeDefault")),
        security_context=ContainerSecurity(
            capabilities=Capabilities(drop=("ALL",)),
            read_only_root_filesystem=True,
            run_as_non_root=True,
            allow_privilege_escalation=False,
        ),
        resources=_AMOUNTS,
        pod_disruption_budget=DisruptionBudget(max_unavailable=1),
        default_target_type="ip",
        default_load_balancer_scheme="internal",
        default_tags={"strata.dev/cluster": cluster},
        # The chart's own certificate is another one each time that it is rendered.
        enable_cert_manager=True,
        enable_endpoint_slices=True,
        # A Service is the controller's where it says so; else one that is made while no pod of it runs is refused.
        enable_service_mutator_webhook=False,
        enable_shield=False,
        enable_waf=False,
        enable_wafv2=False,
        create_ingress_class_resource=False,
        ingress_class_params=IngressClassParameters(create=False),
        webhook_config=WebhookValues(disable_ingress_validation=True),
        controller_config=ControllerConfiguration(
            feature_gates={"ALBGatewayAPI": False, "NLBGatewayAPI": False, "ServiceTypeLoadBalancerOnly": True}
        ),
    )
