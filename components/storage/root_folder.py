"""A Job that gives the root folder of a file system to the user that fills the catalog.

A fresh FSx for Lustre belongs to root with mode 0755, and its driver ignores fsGroup on volumes that many nodes mount
(kubernetes-sigs/aws-fsx-csi-driver, deploy/kubernetes/base/csidriver.yaml: ReadWriteOnceWithFSType; pull request 348
says why it cannot be changed). Nothing of FSx sets an owner: root squash maps users and changes no folder. Other
file systems need no such Job and get none:

* EFS: an access point for each claim has user, group and mode of its own.
* Filestore: its driver has fsGroupPolicy File (gcp-filestore-csi-driver, docs/kubernetes/fsgroup.md).
* Managed Lustre of Google: the driver gives the root folder to the pod's fsGroup (lustre-csi-driver,
  pkg/csi_driver/node.go, setVolumeOwnershipTopLevel).
* Azure Files over NFS: mountPermissions is 0777 unless said otherwise, without root squash (azurefile-csi-driver,
  docs/driver-parameters.md). Azure Managed Lustre: fsGroupPolicy File (azurelustre-csi-driver, deploy).

The namespace of the models refuses uid 0, so the Job has a namespace, a claim and a volume of its own on the same file
system. ``baseline`` is the strictest Pod Security level with which root may start. The container may change owners and
nothing else: no other capability, no token, no network, no file of its own that it can write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi_kubernetes import batch, core, meta, networking

from ..clusters import StaticVolume
from ..contracts.customize import ObjectCustomize, PodCustomize
from ..contracts.names import joined_name, short_hash
from ..contracts.pools import Taint
from ..contracts.quantities import ByteSize, CpuAmount
from ..operations.namespaces import pod_security_labels
from ..workloads.customize import NO_DEVICES, environment
from ..workloads.identity import PLATFORM_LABELS, Identity
from ..workloads.metadata import metadata, platform_metadata
from ..workloads.placement import further_tolerations, tolerations
from ..workloads.resources import Resources
from ..workloads.security import RUN_AS, root_security
from ..workloads.service_accounts import service_account
from .static_volume import persistent_volume

_FOLDER = "/file-system"
_CLAIM = "root-folder"
_SIZE = Resources(cpu=CpuAmount.cores(0.1), memory=ByteSize.gib(0.25), ephemeral_storage=ByteSize.gib(0.25))
# Pulling the image and the first mount; the change itself takes no time.
_PATIENCE_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class RootFolderArgs:
    """Whose root folder, and how the Job is run.

    Attributes:
        source: The file system.
        storage_class: Class of its volumes.
        image: Image with Python.
        priority_class: Priority of the Job.
        taints: Taints that the Job tolerates.
        customize: What the user adds to the catalog's objects and pods. Pull secrets are of no use: they are in the
            namespace of the models.
    """

    source: StaticVolume
    storage_class: str
    image: str
    priority_class: str
    taints: Sequence[Taint]
    customize: PodCustomize


def own_root_folder(name: str, args: RootFolderArgs, parent: pulumi.Resource) -> batch.v1.Job:
    """The Job, with all that it needs; it is done when the resource is made.

    Args:
        name: Name of the catalog.
        args: Whose root folder, and how.
        parent: Parent of the resources.
    """
    child = pulumi.ResourceOptions(parent=parent)
    setup = joined_name(name, "setup")
    added = ObjectCustomize(labels=args.customize.labels, annotations=args.customize.annotations)
    identity = Identity(name="model-catalog-setup", instance=setup, component="volume-setup", customize=added)
    namespace = _namespace(setup, added, child)
    claim = _claim(setup, args, identity, namespace, parent)
    account = service_account(f"{setup}-account", namespace=namespace, identity=identity, opts=child)
    pod = _pod(args, account.metadata.name.apply(str), claim.metadata.name.apply(str))
    # A Job's template is immutable: a change makes a Job of a new name.
    parts = [_program(), args.image, args.customize.model_dump_json(), *(one.model_dump_json() for one in args.taints)]
    job_name = joined_name(setup, short_hash("\n".join(parts)))
    return batch.v1.Job(
        f"{setup}-job",
        metadata=metadata(identity, namespace, name=job_name),
        spec=batch.v1.JobSpecArgs(
            backoff_limit=3,
            active_deadline_seconds=_PATIENCE_SECONDS,
            template=core.v1.PodTemplateSpecArgs(
                metadata=meta.v1.ObjectMetaArgs(labels=identity.labels, annotations=dict(added.annotations)), spec=pod
            ),
        ),
        opts=pulumi.ResourceOptions(
            parent=parent,
            delete_before_replace=True,
            custom_timeouts=pulumi.CustomTimeouts(create=f"{_PATIENCE_SECONDS}s"),
        ),
    )


def _namespace(setup: str, added: ObjectCustomize, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """A namespace in which root may start and nothing may connect."""
    created = core.v1.Namespace(
        f"{setup}-namespace",
        metadata=platform_metadata(setup, added, labels={**PLATFORM_LABELS, **pod_security_labels("baseline")}),
        opts=child,
    )
    namespace = created.metadata.name.apply(str)
    networking.v1.NetworkPolicy(
        f"{setup}-default-deny",
        metadata=platform_metadata("default-deny", added, namespace=namespace),
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
        ),
        opts=child,
    )
    return namespace


def _claim(
    setup: str, args: RootFolderArgs, identity: Identity, namespace: pulumi.Output[str], parent: pulumi.Resource
) -> core.v1.PersistentVolumeClaim:
    volume = persistent_volume(
        f"{setup}-file-system",
        metadata=platform_metadata(joined_name(args.storage_class, "setup"), identity.customize),
        storage_class=args.storage_class,
        source=args.source,
        claim=(namespace, _CLAIM),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return core.v1.PersistentVolumeClaim(
        f"{setup}-volume",
        metadata=metadata(identity, namespace, name=_CLAIM),
        spec=core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteMany"],
            storage_class_name=args.storage_class,
            resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": "1Gi"}),
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[volume]),
    )


def _pod(args: RootFolderArgs, account: pulumi.Output[str], claim: pulumi.Output[str]) -> core.v1.PodSpecArgs:
    added = args.customize
    devices: Mapping[str, str] = NO_DEVICES if added.image else {}
    container = core.v1.ContainerArgs(
        name="owner",
        image=added.image or args.image,
        image_pull_policy="IfNotPresent",
        command=["python3", "-c", _program()],
        # The user's variables are for the program that fetches.
        env=environment({"FOLDER": _FOLDER, "OWNER": str(RUN_AS), **devices}, PodCustomize()),
        resources=_SIZE.args(),
        security_context=root_security(["CHOWN"]),
        volume_mounts=[core.v1.VolumeMountArgs(name="volume", mount_path=_FOLDER)],
    )
    source = core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claim)
    return core.v1.PodSpecArgs(
        service_account_name=account,
        automount_service_account_token=False,
        enable_service_links=False,
        priority_class_name=args.priority_class,
        runtime_class_name=added.runtime_class,
        node_selector=dict(added.node_selector) or None,
        tolerations=[*tolerations(args.taints), *further_tolerations(added.tolerations)] or None,
        restart_policy="OnFailure",
        containers=[container],
        volumes=[core.v1.VolumeArgs(name="volume", persistent_volume_claim=source)],
    )


def _program() -> str:
    return Path(__file__).with_name("own_root_folder.py").read_text()
