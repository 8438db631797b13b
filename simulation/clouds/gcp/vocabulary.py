"""Words that the tables of every service of Google Cloud use."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

from ...provider.errors import CloudError
from ...provider.rules import Between, MapOf, OneOf, Pattern
from ...provider.tables import Call, Demand, Prop, Reference
from ...provider.values import Object, Value, mapping, text

PROJECT = "strata-example-1234"
"""The project; the example stack's."""
PROJECT_FACT = "project"
HOST_FACT = "host project {}"
"""Another project whose networks this one may use: a Shared VPC."""
PROJECT_NUMBER = "123456789012"
"""Google's own examples use this number."""
CALLER = "strata-deployer@strata-example-1234.iam.gserviceaccount.com"

REGISTRY = "https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources"
COMPUTE_API = "https://cloud.google.com/compute/docs/reference/rest/v1"
GKE_API = "https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1"
SELF = "https://www.googleapis.com/compute/v1"
"""Before the path of a resource of Compute Engine stands this, in its self link."""

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
ROUTER = "gcp:compute/router:Router"
ROUTER_NAT = "gcp:compute/routerNat:RouterNat"
FORWARDING_RULE = "gcp:compute/forwardingRule:ForwardingRule"
"""Made by clusters for their Services; no program declares one."""
FIREWALL = "gcp:compute/firewall:Firewall"
GLOBAL_ADDRESS = "gcp:compute/globalAddress:GlobalAddress"
RESOURCE_POLICY = "gcp:compute/resourcePolicy:ResourcePolicy"
RESERVATION = "gcp:compute/reservation:Reservation"
CONNECTION = "gcp:servicenetworking/connection:Connection"
INTERCONNECT = "gcp:compute/interconnect:Interconnect"
ATTACHMENT = "gcp:compute/interconnectAttachment:InterconnectAttachment"
ATTACHMENT_GROUP = "gcp:compute/interconnectAttachmentGroup:InterconnectAttachmentGroup"
ROUTER_INTERFACE = "gcp:compute/routerInterface:RouterInterface"
ROUTER_PEER = "gcp:compute/routerPeer:RouterPeer"
HA_VPN_GATEWAY = "gcp:compute/haVpnGateway:HaVpnGateway"
EXTERNAL_VPN_GATEWAY = "gcp:compute/externalVpnGateway:ExternalVpnGateway"
VPN_TUNNEL = "gcp:compute/vPNTunnel:VPNTunnel"
HUB = "gcp:networkconnectivity/hub:Hub"
SPOKE = "gcp:networkconnectivity/spoke:Spoke"
SERVICE = "gcp:projects/service:Service"
IAM_MEMBER = "gcp:projects/iAMMember:IAMMember"
SERVICE_ACCOUNT = "gcp:serviceaccount/account:Account"
CRYPTO_KEY = "gcp:kms/cryptoKey:CryptoKey"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
FILESTORE = "gcp:filestore/instance:Instance"
LUSTRE = "gcp:lustre/instance:Instance"
BUCKET = "gcp:storage/bucket:Bucket"
MANAGED_ZONE = "gcp:dns/managedZone:ManagedZone"
"""Made by hand; no program declares one."""
DNS_RECORD = "gcp:dns/recordSet:RecordSet"
"""Made by external-dns; no program declares one."""
ZONE_MEMBER = "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"

NAME = Pattern(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'")
"""https://cloud.google.com/compute/docs/naming-resources."""
REGION = Pattern(r"[a-z]+-[a-z]+\d{1,2}")
ZONE = Pattern(r"[a-z]+-[a-z]+\d{1,2}-[a-z]\d*")

IN_PROJECT: Mapping[str, Prop] = {
    "project": Prop(
        allowed=Pattern(r"[a-z][a-z0-9-]{4,28}[a-z0-9]"),
        fixed=True,
        managed=True,
        source="https://cloud.google.com/resource-manager/docs/creating-managing-projects",
    )
}


_LABEL_KEY, _LABEL_VALUE = Pattern(r"[a-z][-_a-z0-9]{0,62}"), Pattern(r"[-_a-z0-9]{0,63}")


def _label_problem(key: str, entry: Value) -> str | None:
    if _LABEL_KEY.problem(key) or _LABEL_VALUE.problem(entry):
        return f"label {key!r}: keys and values have up to 63 of a-z, 0-9, '-' and '_'"
    return None


LABELS = MapOf(_label_problem, 64, "label")
"""At most 64 labels of lower case: https://cloud.google.com/resource-manager/docs/labels-overview."""
LABELLED: Mapping[str, Prop] = {"labels": Prop(allowed=LABELS)}
NAMED: Mapping[str, Prop] = {"name": Prop(allowed=NAME, fixed=True), **IN_PROJECT}
DESCRIBED: Mapping[str, Prop] = {"description": Prop(allowed=Between(0, 2048))}


def one_of(*values: str | int, fixed: bool = False, default: Value = None, managed: bool = False) -> Prop:
    """A property with a closed list of values."""
    return Prop(allowed=OneOf(*values), fixed=fixed, default=default, managed=managed)


def project_of(call: Call, inputs: Object) -> str:
    """The project that something belongs to."""
    return text(inputs, "project") or call.account.fact(PROJECT_FACT) or PROJECT


def path_id(form: str) -> Callable[[Call, Object], str]:
    """Ids that are paths, with ``{project}``, ``{region}`` and inputs such as ``{name}``."""

    def make(call: Call, inputs: Object) -> str:
        values = {key: value for key, value in inputs.items() if isinstance(value, str)}
        return form.format_map({"region": call.region, **values, "project": project_of(call, inputs)})

    return make


def linked(call: Call, _inputs: Object) -> Object:
    """What every resource of Compute Engine has."""
    return {"selfLink": f"{SELF}/{call.identifier}", "project": call.account.fact(PROJECT_FACT) or PROJECT}


def to_network(*, fixed: bool = True, by: str = "id") -> Prop:
    """A property that names a network."""
    return Prop(fixed=fixed, refers=_not_found(NETWORK, by=by))


def to_subnetwork(*, fixed: bool = True, by: str = "id") -> Prop:
    """A property that names a subnetwork."""
    return Prop(fixed=fixed, refers=_not_found(SUBNETWORK, by=by))


def _not_found(*kinds: str, by: str) -> Reference:
    return Reference(kinds=kinds, by=by, code="notFound", message="The resource '{value}' was not found")


def needs(service: str, title: str) -> Demand:
    """Refuses what is asked of a service that is not on, or of a project that is another's.

    Words: https://cloud.google.com/apis/docs/troubleshooting.
    """

    def ask(call: Call, inputs: Object) -> None:
        own = call.account.fact(PROJECT_FACT) or PROJECT
        asked = project_of(call, inputs)
        if asked != own and not call.account.fact(HOST_FACT.format(asked)):
            raise CloudError("forbidden", f"Required permission for 'projects/{asked}' is missing")
        if call.account.get(SERVICE, f"{own}/{service}") is None:
            raise CloudError(
                "accessNotConfigured",
                f"{title} has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it by "
                f"visiting https://console.developers.google.com/apis/api/{service}/overview?project={PROJECT_NUMBER} "
                "then retry.",
            )

    return ask


COMPUTE = needs("compute.googleapis.com", "Compute Engine API")
"""Asked before anything of Compute Engine is made."""


def last(path: str) -> str:
    """The name at the end of a path."""
    return path.rpartition("/")[2]


def digest(seed: str) -> str:
    """Eight hexadecimal digits that stand for a text."""
    return f"{zlib.crc32(seed.encode()):08x}"


def all_labels(inputs: Object, configuration: Object) -> Object:
    """The object's labels with the provider's default ones."""
    return {**mapping(configuration, "defaultLabels"), **mapping(inputs, "labels")}
