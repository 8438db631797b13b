"""Plans to start servers from: what the planner answers, with single numbers changed."""

from __future__ import annotations

from collections.abc import Mapping

from components.contracts.autoscaling import Autoscaling, FixedReplicas
from components.contracts.customize import ServerCustomize
from components.contracts.quantities import Duration
from components.contracts.serving import RolePlan, ServingPlan
from components.serving import ModelService, ModelServiceArgs
from tests.planner.clusters import MIXED, plan_for, planned
from tests.registration import Registrations, registered

H100 = MIXED.pool("h100")


def plan(**fixed: object) -> ServingPlan:
    """A plan for an 8 B model on an H100, with whatever else is asked for."""
    return planned(plan_for("Qwen/Qwen3-8B", MIXED, gpu="H100-SXM", **fixed))


def role(**changes: object) -> RolePlan:
    """The replicas of that plan, with these numbers instead."""
    return plan().roles[0].model_copy(update=changes)


def with_role(of: ServingPlan, **changes: object) -> ServingPlan:
    """The plan with other numbers for its replicas."""
    return of.model_copy(update={"roles": (of.roles[0].model_copy(update=changes),)})


def service(  # noqa: PLR0913 - as many as the component has options
    of: ServingPlan,
    *,
    autoscaling: Autoscaling | None = None,
    drain: Duration = Duration(60),  # noqa: B008 - immutable
    spare_gpus: int = 0,
    monitored: bool = True,
    image_mirror: str | None = None,
    image_digests: Mapping[str, str] | None = None,
    customize: ServerCustomize | None = None,
) -> Registrations:
    """What a model's service called ``chat`` registers in the namespace ``models``."""
    args = ModelServiceArgs(
        plan=of,
        pool=H100,
        namespace="models",
        catalog_claim="catalog",
        model_path="/models/chat",
        catalog_mount="/models",
        priority_class="strata-serving",
        autoscaling=autoscaling or FixedReplicas(),
        drain=drain,
        spare_gpus=spare_gpus,
        monitored=monitored,
        image_mirror=image_mirror,
        image_digests=image_digests or {},
        customize=customize or ServerCustomize(),
    )
    return registered(lambda: ModelService("chat", args))
