"""Whether a cluster that exists has the drivers of the storage classes that are made there: add-ons of GKE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi_gcp as gcp

from ...contracts.errors import Problem
from ..rules.adopted import missing_cluster, missing_driver
from .args import GkeClusterArgs
from .facts import BUCKET_DRIVER, FILESTORE_DRIVER, LUSTRE_DRIVER, PD_DRIVER
from .inquiry import Inquiry, Refusal
from .settings import BucketStorage, FilestoreStorage, HyperdiskMlStorage, LustreStorage, SharedStorage


@dataclass(frozen=True, kw_only=True)
class _AddOn:
    """An add-on with a driver.

    Attributes:
        gcloud: Its name for ``gcloud container clusters update --update-addons``.
        driver: The driver, as storage classes have it.
    """

    gcloud: str
    driver: str


# gcloud reference, "container clusters update", --update-addons.
_DISKS = _AddOn(gcloud="GcePersistentDiskCsiDriver", driver=PD_DRIVER)
_FILESTORE = _AddOn(gcloud="GcpFilestoreCsiDriver", driver=FILESTORE_DRIVER)
_BUCKETS = _AddOn(gcloud="GcsFuseCsiDriver", driver=BUCKET_DRIVER)
_LUSTRE = _AddOn(gcloud="LustreCsiDriver", driver=LUSTRE_DRIVER)


def driver_problems(cluster: str, args: GkeClusterArgs, inquiry: Inquiry) -> Iterator[Problem]:
    """Drivers without which claims of the cluster's classes stay pending, and a cluster that is not there.

    Args:
        cluster: Name of the cluster.
        args: The cluster.
        inquiry: Who is asked.
    """
    if not args.adopt_cluster:
        return
    found = _asked(cluster, args, inquiry)
    if found is None:
        listed = f"use one that `gcloud container clusters list --project {args.project}` lists"
        yield missing_cluster("GKE", cluster, args.region, listed)
    if found is None or isinstance(found, Refusal):
        return
    enabled = _enabled(found.addons_configs)
    for add_on in dict.fromkeys((_DISKS, _of(args.shared_storage))):
        if not enabled[add_on.gcloud]:
            yield missing_driver(
                cluster,
                add_on.driver,
                "target.adopt_cluster",
                f"run `gcloud container clusters update {cluster} --location {args.region} --project {args.project} "
                f"--update-addons {add_on.gcloud}=ENABLED`",
            )


def _asked(cluster: str, args: GkeClusterArgs, inquiry: Inquiry) -> gcp.container.GetClusterResult | Refusal | None:
    """The cluster; None where there is none."""
    try:
        found = inquiry.ask(
            f"the drivers of the cluster {cluster}",
            lambda: gcp.container.get_cluster(
                name=cluster, location=args.region, project=args.project, opts=inquiry.options
            ),
        )
    except Exception as error:  # the SDK has no class of its own for a call that failed
        # hashicorp/terraform-provider-google, data_source_google_container_cluster.go.
        if not str(error).rstrip().endswith(f"clusters/{cluster} not found"):
            raise
        return None
    return None if isinstance(found, Refusal) and found.is_unknown_name else found


def _of(storage: SharedStorage) -> _AddOn:
    match storage:
        case FilestoreStorage():
            return _FILESTORE
        case LustreStorage():
            return _LUSTRE
        case BucketStorage():
            return _BUCKETS
        case HyperdiskMlStorage():
            return _DISKS


def _enabled(configs: Sequence[gcp.container.outputs.GetClusterAddonsConfigResult]) -> Mapping[str, bool]:
    """Whether each add-on is on; off where GKE does not tell of it."""
    return {
        _DISKS.gcloud: any(
            driver.enabled for config in configs for driver in config.gce_persistent_disk_csi_driver_configs
        ),
        _FILESTORE.gcloud: any(
            driver.enabled for config in configs for driver in config.gcp_filestore_csi_driver_configs
        ),
        _BUCKETS.gcloud: any(driver.enabled for config in configs for driver in config.gcs_fuse_csi_driver_configs),
        _LUSTRE.gcloud: any(driver.enabled for config in configs for driver in config.lustre_csi_driver_configs),
    }
