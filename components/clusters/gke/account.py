"""What only the Google Cloud project can tell: versions, quotas, machines on offer, reservations, adopted networks.

Asked at preview, before anything is made; every question is a read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pulumi
import pulumi_gcp as gcp

from ...contracts.errors import Problem, raise_problems
from ..rules.pool_view import pool_views
from ..rules.versions import minor
from .account_drivers import driver_problems
from .account_network import adopted_subnet_problems
from .account_quotas import quota_problems
from .account_reservations import reservation_problems
from .args import GkeClusterArgs
from .images import has_version
from .inquiry import Inquiry, Refusal
from .roles import needed_services
from .settings import channel_name

_QUOTAS = "cloudquotas.googleapis.com"


def require_account(name: str, args: GkeClusterArgs, provider: gcp.Provider | None = None) -> None:
    """Return when the project can carry the cluster.

    A question about a name that is another resource's output is not asked, and said so. A question that whoever runs
    Pulumi may not ask leaves its answer unknown, and is said too.

    Args:
        name: Name of the component.
        args: The cluster.
        provider: Who is asked; one that the environment logs in with where left out.

    Raises:
        StrataError: Every problem at once.
    """
    account = provider or gcp.Provider(f"{name}-account", project=args.project, region=args.region)
    inquiry = Inquiry(project=args.project, options=pulumi.InvokeOptions(provider=account))
    problems = [
        *_closed_zones(args, inquiry),
        *_unknown_version(args, inquiry),
        *quota_problems(args, inquiry),
        *_machines_not_offered(args, inquiry),
        *reservation_problems(args, inquiry),
        *adopted_subnet_problems(args, inquiry),
        *driver_problems(args.name or name, args, inquiry),
    ]
    raise_problems(
        [*inquiry.apis_off((_QUOTAS, *needed_services(args.shared_storage, args.dns, args.secrets))), *problems]
    )


def _closed_zones(args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    found = inquiry.ask(
        f"which zones of {args.region} are open",
        lambda: gcp.compute.get_zones(project=args.project, region=args.region, status="UP", opts=inquiry.options),
    )
    if isinstance(found, Refusal):
        return
    for index, zone in enumerate(args.zones):
        if zone not in found.names:
            yield Problem(
                field=f"target.network.zones[{index}]",
                cause=f"{zone} is not open to {args.project}",
                consequence="GKE would refuse the cluster",
                fix=f"use {' or '.join(sorted(found.names))}" if found.names else "use another region",
            )


def _unknown_version(args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    """A version that the cluster's channel does not have.

    The provider answers with the newest version of each channel that begins with the prefix, and leaves out channels
    that have none (terraform-provider-google, ``google_container_engine_versions``).
    """
    if args.adopt_cluster:
        return
    wanted, channel = args.kubernetes_version, channel_name(args.release_channel, args.support)
    minor_version = ".".join(wanted.split(".")[:2])
    found = inquiry.ask(
        f"which versions GKE offers in {args.region}",
        lambda: gcp.container.get_engine_versions(
            location=args.region, project=args.project, version_prefix=f"{minor_version}.", opts=inquiry.options
        ),
    )
    if isinstance(found, Refusal):
        return
    newest = found.release_channel_latest_version
    default = found.release_channel_default_version.get(channel, "")
    if channel in newest and not ("-gke." in wanted and not has_version(newest[channel], (wanted,))):
        return
    if channel not in newest and default and minor(wanted) < minor(default):
        # GKE runs what it does not sell any more; only a new cluster would be refused.
        pulumi.warn(
            f"on {datetime.now(UTC).date()} GKE's channel {channel} has no {minor_version} in {args.region} any more; "
            f"its default is {default}. A cluster that runs it stays, a new one is refused"
        )
        return
    others = sorted(name for name in newest if name != channel)
    yield Problem(
        field="target.kubernetes_version",
        cause=f"GKE offers no version {wanted} in {args.region} in the channel {channel}",
        consequence="GKE would refuse the cluster after its network is made",
        fix=f"use {newest[channel] if channel in newest else '.'.join(default.split('.')[:2]) or 'another version'}"
        + (f", or a channel that has it: {', '.join(others)}" if others else ""),
    )


def _machines_not_offered(args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    for view in pool_views(args.pools):
        machine = view.pool.instance_type
        for place, zone in enumerate(view.pool.zones):
            found = inquiry.ask(
                f"whether {zone} has {machine}",
                lambda zone=zone, machine=machine: gcp.compute.get_machine_types(
                    project=args.project, zone=zone, filter=f"name = '{machine}'", opts=inquiry.options
                ),
            )
            if not isinstance(found, Refusal) and not found.machine_types:
                yield view.problem(
                    f"zones[{place}]",
                    cause=f"Google Cloud has no {machine} in {zone}",
                    consequence="the pool would never get a machine there",
                    fix=f"use a zone that `gcloud compute machine-types list --filter=name={machine}` lists, "
                    "or another machine",
                )
