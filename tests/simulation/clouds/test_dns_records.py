"""Names that external-dns writes into zones of the account, and what is left of them when Services and it go."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from components.clusters.eks.dns import dns_statements
from components.contracts.service_accounts import EXTERNAL_DNS
from components.contracts.versions import EXTERNAL_DNS as IMAGE
from components.services.external_dns import ExternalDnsArgs, arguments
from simulation.clouds.aws import vocabulary as v
from simulation.clouds.aws.account import DOMAIN, ZONE
from tests.clusters.eks import pools as eks
from tests.services.test_external_dns import facts
from tests.simulation.clouds.test_service_controllers import NODE, Setting
from tests.simulation.kube import workload

pytestmark = [pytest.mark.engine]
_A_ROUND = 3
"""Seconds in which the simulated external-dns has looked at everything once."""
NAMES = {f"door.{DOMAIN} CNAME", f"external-dns-cname.door.{DOMAIN} TXT"}


class Zone(Setting):
    """An account with a zone, and a cluster in it."""

    def names(self) -> set[str]:
        with self.store.transaction() as account:
            return {f"{record.text('name')} {record.text('type')}" for record in account.records(v.DNS_RECORD)}

    def permit(self) -> None:
        """What the program makes for external-dns."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(dns_statements(eks.ZONES_OF_DNS))})
        with self.store.transaction() as account:
            account.seed(v.ROLE_POLICY, "names", {"role": "names", "name": "names", "policy": policy})
            account.seed(
                v.POD_IDENTITY,
                "a-1",
                {
                    "clusterName": "prod",
                    "namespace": "kube-system",
                    "serviceAccount": EXTERNAL_DNS.name,
                    "roleArn": f"arn:aws:iam::{v.ACCOUNT}:role/names",
                },
            )

    def run_external_dns(self, policy: str = "sync", **container: object) -> None:
        said = [
            f"--policy={policy}" if one.startswith("--policy=") else one
            for one in arguments(ExternalDnsArgs(facts=facts()))
        ]
        made = workload("Deployment", "names", IMAGE.reference(), "/external-dns", serviceAccountName=EXTERNAL_DNS.name)
        text = json.dumps(made).replace('"command": ["/external-dns"]', f'"args": {json.dumps(said)}')
        if container:
            text = text.replace('"name": "main"', f'"name": "main", {json.dumps(container)[1:-1]}')
        self.kube.apply(json.loads(text))
        # Until it is ready, the one before writes in its place, for as long as that one's hook says.
        self.kube.run("-n", "kube-system", "rollout", "status", "deployment", "names", "--timeout=30s")

    def door(self) -> None:
        self.service("door", None)
        self.kube.run("annotate", "service", "door", f"external-dns.kubernetes.io/hostname=door.{DOMAIN}")

    def end_external_dns(self) -> None:
        self.kube.run("-n", "kube-system", "delete", "deployment", "names", "--timeout=20s")


@pytest.fixture(scope="module")
def zone(project: Path, state: Path) -> Generator[Zone]:
    made = Zone(project, state)
    made.kube.run("create", "-n", "kube-system", "serviceaccount", EXTERNAL_DNS.name)
    made.kube.run("apply", "-f", "-", stdin=NODE)
    yield made
    made.cluster.delete()


def test_nothing_is_written_before_the_identity_may(zone: Zone) -> None:
    with zone.store.transaction() as account:
        assert account.get(v.HOSTED_ZONE, ZONE) is not None
    zone.run_external_dns(lifecycle={"preStop": {"sleep": {"seconds": 20}}})
    zone.door()
    zone.kube.until(lambda: bool(zone.address("door")), "a load balancer")
    assert zone.names() == set()
    zone.permit()
    zone.kube.until(lambda: zone.names() == NAMES, "its name, and the mark beside it")


def test_a_name_goes_with_its_service_even_if_external_dns_goes_right_after(zone: Zone) -> None:
    zone.kube.run("delete", "service", "door", "--timeout=20s")
    zone.end_external_dns()
    zone.kube.until(lambda: zone.names() == set(), "its last round")


def test_without_the_hook_a_name_stays_in_the_zone(zone: Zone) -> None:
    """What the chart's Deployment would do at the end of a stack."""
    zone.run_external_dns()
    zone.door()
    zone.kube.until(lambda: zone.names() == NAMES, "its name")
    zone.end_external_dns()
    time.sleep(_A_ROUND)
    zone.kube.run("delete", "service", "door", "--timeout=20s")
    time.sleep(_A_ROUND)
    assert zone.names() == NAMES


def test_names_stay_where_the_policy_deletes_none(zone: Zone) -> None:
    zone.run_external_dns("upsert-only")
    zone.service("later", None)
    zone.kube.until(lambda: bool(zone.address("later")), "a load balancer, and with it a whole round")
    assert zone.names() == NAMES
