"""The model catalog: checkpoints on one shared volume, fetched once, read by every server.

Owns the claim, its volume where the file system is one, the Job that fills it and what the Job may connect to. A
changed list of models makes a Job of a new name; finished folders are recognised and not fetched again. Servers mount
the claim read-only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pulumi
from pulumi_kubernetes import batch, core, meta

from ..contracts.arguments import checked, checked_arguments
from ..contracts.customize import ObjectCustomize, PodCustomize
from ..contracts.errors import Problem, raise_problems
from ..contracts.names import ExistingName, ExistingNamespace, joined_name, short_hash
from ..contracts.pools import Taint
from ..contracts.quantities import ByteSize, CpuAmount, Duration, SizeText
from ..contracts.sources import HubUrl, ImageName, Revision
from ..contracts.way_out import PROXY_VARIABLES, WayOut, way_out_with
from ..workloads.customize import NO_DEVICES, environment, resources
from ..workloads.customize_rules import pod_problems
from ..workloads.identity import Identity
from ..workloads.metadata import metadata, platform_metadata
from ..workloads.network_policies import dns_egress, network_policy
from ..workloads.pods import PodParts, pod_template, scratch_volume
from ..workloads.resources import Resources
from ..workloads.security import container_security
from ..workloads.service_accounts import service_account
from .hub_access import hub_egress
from .root_folder import RootFolderArgs, own_root_folder
from .static_volume import CatalogVolume, persistent_volume

MOUNT_PATH = "/models"
"""Where servers and the Job see the catalog."""
_PROGRAM, _ENTRY = "fetch_program.py", "checked_fetch.py"
_DOWNLOADS = "downloads.py"
"""How the entry calls the program that it runs."""
_PROGRAM_DIR = "/opt/strata"
_TOKEN_DIR = "/var/run/strata"  # noqa: S105 - a directory
# Slowest download worth waiting for, bytes per second; below it the hub or the network is broken.
_SLOWEST_DOWNLOAD = 20e6
_SIZE = Resources(cpu=CpuAmount.cores(1), memory=ByteSize.gib(2), ephemeral_storage=ByteSize.gib(2))
_TRUST_FILE = "authorities.pem"
_OWNED_VARIABLES = ("HUB_URL", "CATALOG_DIR", "MODELS_FILE", "TOKEN_FILE", "PYTHONDONTWRITEBYTECODE")
_SECRET_KEY = "token"  # noqa: S105 - the key, not the token


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class CatalogModel:
    """One checkpoint.

    Attributes:
        model: Hugging Face id.
        revision: Commit of 40 hexadecimal digits.
        checkpoint: Its size on disk.
    """

    model: str
    revision: Revision
    checkpoint: ByteSize

    @property
    def path(self) -> str:
        """Folder below the catalog's root."""
        return f"{self.model.replace('/', '--')}/{self.revision}"

    @property
    def mounted_path(self) -> str:
        """Folder as servers see it."""
        return f"{MOUNT_PATH}/{self.path}"


@checked_arguments
@dataclass(frozen=True, kw_only=True)
class ModelCatalogArgs:
    """What the catalog holds and where it lives.

    Attributes:
        namespace: Namespace of the claim and of the servers.
        storage_class: Class that can be mounted by many nodes.
        size: Size of the claim, such as ``16Gi``.
        models: Checkpoints to fetch.
        image: Python image for the Job, such as ``docker.io/library/python:3.12.12``.
        hub_url: Where checkpoints come from, such as ``https://huggingface.co``.
        priority_class: Priority of the Job.
        token: Token for gated models; None where no model needs one.
        protect: Whether a destroy must leave the volume alone.
        volume: The file system of the class, where it is one whole volume; None where a driver makes volumes.
        taints: Taints that the Job tolerates: those of some pool, where each pool has some.
        way_out: What stands between the Job and the hub: a proxy, and private authorities that it has to trust.
        customize: What the user adds to the volume and the Job; a proxy among its variables replaces ``way_out``'s.
    """

    namespace: pulumi.Input[ExistingNamespace]
    storage_class: ExistingName
    size: pulumi.Input[SizeText]
    models: Sequence[CatalogModel]
    image: ImageName
    hub_url: HubUrl
    priority_class: ExistingName
    token: pulumi.Input[str] | None = None
    protect: bool = False
    volume: CatalogVolume | None = None
    taints: Sequence[Taint] = ()
    way_out: WayOut = field(default_factory=WayOut)
    customize: PodCustomize = field(default_factory=PodCustomize)


def refusals(args: ModelCatalogArgs) -> Iterator[Problem]:
    """What the constructor of ``ModelCatalog`` refuses."""
    yield from pod_problems(args.customize, "customize", owned_variables=_OWNED_VARIABLES)


class ModelCatalog(pulumi.ComponentResource):
    """A shared volume filled with checkpoints.

    Attributes:
        claim: Name of the claim to mount, known once the volume is filled.
        size: Size of the claim, such as ``16Gi``.
    """

    claim: pulumi.Output[str]
    size: pulumi.Output[str]

    @checked
    def __init__(self, name: str, args: ModelCatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        raise_problems(refusals(args))
        super().__init__("strata:storage:ModelCatalog", name, None, opts)
        identity = Identity(name="model-catalog", instance=name, component="model-catalog", customize=args.customize)
        volume = self._create_claim(name, args, identity, self._create_volume(name, args))
        job = self._create_job(name, args, identity, self._own_folder(name, args))
        self.claim = pulumi.Output.all(volume.metadata.name, job.id).apply(lambda known: str(known[0]))
        self.size = pulumi.Output.from_input(args.size)
        self.register_outputs({"claim": self.claim, "size": self.size})

    def _meta(self, object_name: str, args: ModelCatalogArgs, identity: Identity) -> meta.v1.ObjectMetaArgs:
        return metadata(identity, args.namespace, name=object_name)

    def _create_volume(self, name: str, args: ModelCatalogArgs) -> list[pulumi.Resource]:
        """The volume that the claim binds to; none where a driver makes it."""
        if args.volume is None:
            return []
        added = ObjectCustomize(labels=args.customize.labels, annotations=args.customize.annotations)
        made = persistent_volume(
            f"{name}-file-system",
            metadata=platform_metadata(args.storage_class, added),
            storage_class=args.storage_class,
            source=args.volume.source,
            claim=(args.namespace, name),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, aliases=args.volume.aliases),
        )
        return [made]

    def _create_claim(
        self, name: str, args: ModelCatalogArgs, identity: Identity, volume: Sequence[pulumi.Resource]
    ) -> core.v1.PersistentVolumeClaim:
        return core.v1.PersistentVolumeClaim(
            f"{name}-volume",
            metadata=self._meta(name, args, identity),
            spec=core.v1.PersistentVolumeClaimSpecArgs(
                access_modes=["ReadWriteMany"],
                storage_class_name=args.storage_class,
                resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": args.size}),
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=list(volume)),
        )

    def _create_token(self, name: str, args: ModelCatalogArgs, identity: Identity) -> core.v1.Secret | None:
        if args.token is None:
            return None
        return core.v1.Secret(
            f"{name}-token",
            # Controllers copy Secrets to other namespaces by labels and annotations; a user's stay off this one.
            metadata=self._meta(f"{name}-token", args, replace(identity, customize=ObjectCustomize())),
            string_data={_SECRET_KEY: pulumi.Output.secret(args.token)},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _own_folder(self, name: str, args: ModelCatalogArgs) -> list[pulumi.Resource]:
        """What makes the volume writable; nothing where its driver does."""
        if args.volume is None or not args.volume.source.root_owned:
            return []
        folder = RootFolderArgs(
            source=args.volume.source,
            storage_class=args.storage_class,
            image=args.image,
            priority_class=args.priority_class,
            taints=args.taints,
            customize=args.customize,
        )
        return [own_root_folder(name, folder, self)]

    def _create_job(
        self, name: str, args: ModelCatalogArgs, identity: Identity, after: Sequence[pulumi.Resource]
    ) -> batch.v1.Job:
        child = pulumi.ResourceOptions(parent=self)
        listing = json.dumps([{"model": m.model, "revision": m.revision, "path": m.path} for m in args.models])
        program = _source(_PROGRAM)
        account = service_account(f"{name}-account", namespace=args.namespace, identity=identity, opts=child)
        network_policy(
            f"{name}-policy",
            namespace=args.namespace,
            identity=identity,
            ingress_rules=[],
            egress_rules=[
                dns_egress(),
                *hub_egress(args.hub_url, way_out_with(args.way_out, args.customize.environment)),
            ],
            opts=child,
        )
        config = core.v1.ConfigMap(
            f"{name}-program",
            metadata=self._meta(f"{name}-program", args, identity),
            # The command of a Job is immutable, and those that exist run the file of that name.
            data={_PROGRAM: _source(_ENTRY), _DOWNLOADS: program, "models.json": listing, **_trusted(args)},
            opts=child,
        )
        token = self._create_token(name, args, identity)
        budget = download_budget(args.models)
        # A Job's template is immutable, so what it does is part of its name: a change makes a new one. The entry is no
        # part of it, as another message is no reason to run a Job again.
        added = "" if args.customize == PodCustomize() else args.customize.model_dump_json()
        added += "".join(taint.model_dump_json() for taint in args.taints)
        added += "" if args.way_out == WayOut() else args.way_out.model_dump_json()
        job_name = joined_name(name, short_hash(f"{listing}\n{program}\n{args.image}\n{args.hub_url}{added}"))
        return batch.v1.Job(
            f"{name}-fetch",
            metadata=self._meta(job_name, args, identity),
            spec=batch.v1.JobSpecArgs(
                # Each retry takes up where the last one stopped.
                backoff_limit=6,
                active_deadline_seconds=budget.whole_seconds,
                template=pod_template(
                    PodParts(
                        identity=identity,
                        service_account=account.metadata.name.apply(str),
                        containers=[_container(args, has_token=token is not None)],
                        priority_class=args.priority_class,
                        restart_policy="OnFailure",
                        taints=args.taints,
                        volumes=[
                            _claim_volume(name),
                            _config_volume(config.metadata.name.apply(str)),
                            scratch_volume("tmp", "1Gi"),
                            *([_token_volume(f"{name}-token")] if token else []),
                        ],
                        customize=args.customize,
                    )
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after),
                delete_before_replace=True,
                custom_timeouts=pulumi.CustomTimeouts(create=f"{budget.whole_seconds}s"),
            ),
        )


def _trusted(args: ModelCatalogArgs) -> dict[str, str]:
    """The file of authorities, beside the program; none where none is private."""
    return (
        {_TRUST_FILE: "".join(f"{text}\n" for text in args.way_out.certificates)} if args.way_out.certificates else {}
    )


def _source(file: str) -> str:
    """A program of this folder, as it runs in the Job."""
    return Path(__file__).with_name(file).read_text()


def download_budget(models: Sequence[CatalogModel]) -> Duration:
    """How long fetching may take: ten minutes and all bytes at the slowest speed worth waiting for."""
    return Duration(600 + sum(model.checkpoint for model in models) / _SLOWEST_DOWNLOAD)


def _container(args: ModelCatalogArgs, *, has_token: bool) -> core.v1.ContainerArgs:
    own = {
        "HUB_URL": args.hub_url,
        "CATALOG_DIR": MOUNT_PATH,
        "MODELS_FILE": f"{_PROGRAM_DIR}/models.json",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    devices: Mapping[str, str] = NO_DEVICES if args.customize.image else {}
    # A file, not a variable: variables show up in crash dumps and in `kubectl describe`.
    secrets = {"TOKEN_FILE": f"{_TOKEN_DIR}/{_SECRET_KEY}"} if has_token else {}
    # OpenSSL reads this file in place of its own; the folder of the public authorities stays, as links by hash.
    trust = {"SSL_CERT_FILE": f"{_PROGRAM_DIR}/{_TRUST_FILE}"} if args.way_out.certificates else {}
    given = {name.upper() for name in (*args.customize.environment, *args.customize.secret_environment)}
    proxied = {} if given & PROXY_VARIABLES else args.way_out.variables(args.hub_url)
    around = {name: value for name, value in {**proxied, **trust}.items() if name not in given}
    mounts = [core.v1.VolumeMountArgs(name="token", mount_path=_TOKEN_DIR, read_only=True)] if has_token else []
    return core.v1.ContainerArgs(
        name="fetch",
        image=args.customize.image or args.image,
        image_pull_policy="IfNotPresent",
        command=["python3", f"{_PROGRAM_DIR}/{_PROGRAM}"],
        env=environment({**own, **devices, **secrets, **around}, args.customize),
        resources=resources(_SIZE, args.customize.resources).args(),
        security_context=container_security(),
        volume_mounts=[
            core.v1.VolumeMountArgs(name="catalog", mount_path=MOUNT_PATH),
            core.v1.VolumeMountArgs(name="program", mount_path=_PROGRAM_DIR, read_only=True),
            core.v1.VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108 - a volume of the pod's own
            *mounts,
        ],
    )


def _claim_volume(claim: str) -> core.v1.VolumeArgs:
    source = core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claim)
    return core.v1.VolumeArgs(name="catalog", persistent_volume_claim=source)


def _config_volume(config: pulumi.Input[str]) -> core.v1.VolumeArgs:
    return core.v1.VolumeArgs(name="program", config_map=core.v1.ConfigMapVolumeSourceArgs(name=config))


def _token_volume(secret: str) -> core.v1.VolumeArgs:
    # Readable by the group that the pod's user is in, by nobody else.
    source = core.v1.SecretVolumeSourceArgs(secret_name=secret, default_mode=0o440)
    return core.v1.VolumeArgs(name="token", secret=source)
