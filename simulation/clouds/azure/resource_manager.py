"""The lists that Azure Resource Manager answers itself: quotas, machine sizes, Kubernetes versions.

The Pulumi provider has no look-ups for them, so programs ask Resource Manager over HTTP, where ``ARM_ENDPOINT``
says. Answers are read from the same account as everything else.

Sources of the forms: https://learn.microsoft.com/rest/api/compute/usage/list, /rest/api/compute/resource-skus/list,
/rest/api/aks/managed-clusters/list-kubernetes-versions.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ...provider.store import Account, Store
from ...provider.tables import Call
from ...provider.values import Object, Value, text
from ..environment import RESOURCE_MANAGER_VARIABLE
from . import vocabulary as v
from .account import PROVIDERS, provider_state
from .launches import inline_pools, used
from .machine_sizes import families, family, limit, offered_in, sizes
from .versions import KUBERNETES, LONG_TERM_ONLY, PREVIEW

TOKEN = "simulated"  # noqa: S105 - what look-ups of tokens answer here
_LISTS = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/providers/"
    r"(Microsoft\.Compute/locations/(?P<usages>[^/]+)/usages|Microsoft\.Compute/(?P<skus>skus)"
    r"|Microsoft\.ContainerService/locations/(?P<versions>[^/]+)/kubernetesVersions)"
)
_POOLS = re.compile(
    r"(?P<cluster>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/"
    r"Microsoft\.ContainerService/managedClusters/[^/]+)/agentPools"
)
_FEATURE = re.compile(
    r"/subscriptions/[^/]+/providers/Microsoft\.Features/providers/(?P<namespace>[^/]+)/features/(?P<name>[^/]+)"
)
_PROVIDERS = re.compile(r"/subscriptions/[^/]+/providers")
_FAMILIES_OF_SIZES = {
    "Standard NDAMSv4_A100Family": "standardNDAMSv4_A100Family",
    "Standard NDASv4_A100 Family": "StandardNDASv4_A100Family",
    "StandardNCADSA100v4Family": "standardNCADSA100v4Family",
}
"""Quotas that the list of sizes spells otherwise than the list of usages.

Sources: skypilot-org/skypilot, sky/catalog/data_fetchers/fetch_azure.py (sizes);
https://learn.microsoft.com/azure/batch/batch-quota-limit, Get-AzVMAvailability issue 25 (usages).
"""
_LOCATION = re.compile(r"location eq '([a-z0-9]+)'")


def serve_lists(store: Store) -> None:
    """Answer from now on, as long as this process lives; nothing when nobody said where.

    Another process of the same run may answer already, from the same account.
    """
    address = urllib.parse.urlsplit(os.environ.get(RESOURCE_MANAGER_VARIABLE, ""))
    if address.hostname != "127.0.0.1" or not address.port:
        return
    with contextlib.suppress(OSError):
        server = ThreadingHTTPServer((address.hostname, address.port), _handler(store))
        threading.Thread(target=server.serve_forever, daemon=True).start()


def answer(account: Account, path: str, query: str) -> Object | None:
    """The answer to a question; None where there is no such list."""
    if (pools := _POOLS.fullmatch(path)) is not None:
        return _pools(account, pools["cluster"])
    if (feature := _FEATURE.fullmatch(path)) is not None:
        return _feature(account, feature["namespace"], feature["name"])
    if _PROVIDERS.fullmatch(path):
        return {"value": [_provider(account, namespace) for namespace in PROVIDERS]}
    found = _LISTS.fullmatch(path)
    if found is None or found["subscription"] != v.SUBSCRIPTION:
        return None
    if found["skus"]:
        place = _LOCATION.search(urllib.parse.parse_qs(query).get("$filter", [""])[0])
        return {"value": _sizes(Call(account=account, region=place[1] if place else "eastus2"))}
    if found["usages"]:
        return {"value": _usages(Call(account=account, region=found["usages"]))}
    return {"values": _versions()}


def _feature(account: Account, namespace: str, name: str) -> Object | None:
    """State of a feature; None where Azure knows no such one: "could not be found" (azure-cli issue 32059)."""
    state = account.fact(f"feature:{namespace}/{name}")
    if state is None:
        return None
    return {
        "name": f"{namespace}/{name}",
        "type": "Microsoft.Features/providers/features",
        "properties": {"state": state},
    }


def _provider(account: Account, namespace: str) -> Object:
    """Recorded form: azure-cli issue 8994."""
    return {"namespace": namespace, "registrationState": provider_state(account, namespace)}


def _pools(account: Account, identifier: str) -> Object | None:
    """Every pool of a cluster, those included that the cluster was made with; None without the cluster."""
    cluster = account.get(v.CLUSTER, identifier)
    if cluster is None:
        return None
    inline = {text(pool, "name"): pool for pool in inline_pools(cluster)}
    own = {
        pool.text("agentPoolName"): pool.properties
        for pool in account.where(v.AGENT_POOL, "resourceName", cluster.text("resourceName"))
        if pool.identifier.startswith(f"{identifier}/")
    }
    listed: list[Value] = [{"name": name, "properties": dict(pool)} for name, pool in {**inline, **own}.items()]
    return {"value": listed}


def _usages(call: Call) -> list[Value]:
    return [
        {
            "name": {"value": quota, "localizedValue": f"{quota} vCPUs"},
            "unit": "Count",
            "currentValue": used(call.account, quota),
            "limit": limit(call, quota),
        }
        for quota in families()
    ]


def _sizes(call: Call) -> list[Value]:
    listed: list[Value] = []
    for machine in sizes():
        zones: list[Value] = [*offered_in(call, machine.name)]
        barred: list[Value] = []
        if call.account.fact(f"barred:{machine.name}"):
            barred.append({"type": "Location", "reasonCode": "NotAvailableForSubscription", "restrictionInfo": {}})
        listed.append(
            {
                "resourceType": "virtualMachines",
                "name": machine.name,
                "family": _FAMILIES_OF_SIZES.get(family(machine.name), family(machine.name)),
                "capabilities": [{"name": "vCPUs", "value": str(machine.vcpus)}],
                "locations": [call.region],
                "locationInfo": [{"location": call.region, "zones": zones}],
                "restrictions": barred,
            }
        )
    return listed


def _versions() -> list[Value]:
    listed: list[Value] = []
    for version in (*KUBERNETES, PREVIEW):
        plans: list[Value] = ["AKSLongTermSupport"]
        if version not in LONG_TERM_ONLY:
            plans.insert(0, "KubernetesOfficial")
        listed.append(
            {"version": version, "isPreview": version == PREVIEW or None, "capabilities": {"supportPlan": plans}}
        )
    return listed


def _handler(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Questions of one account."""

        def do_GET(self) -> None:
            """Answer a list, or that there is none."""
            asked = urllib.parse.urlsplit(self.path)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._send(401, {"error": {"code": "AuthenticationFailed", "message": "Authentication failed."}})
                return
            with store.transaction() as account:
                found = answer(account, asked.path, asked.query)
            missing: Object = {"error": {"code": "InvalidResourceType", "message": f"{asked.path} is no list here."}}
            self._send(404 if found is None else 200, missing if found is None else found)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
            """Say nothing: the engine reads what providers print."""
            del format, args

        def _send(self, status: int, content: Object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
