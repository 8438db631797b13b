"""external-dns where a target names zones: what it is told, what it may do, and that it outlives the Services."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pytest

from components.clusters.aks.facts import aks_facts
from components.clusters.eks.dns import dns_statements
from components.clusters.eks.facts import eks_facts
from components.clusters.gke.facts import gke_facts
from components.clusters.kubeadm.facts import kubeadm_facts
from components.contracts.api_groups import GATEWAY
from components.contracts.cluster_facts import ClusterFacts
from components.contracts.dns import NameServer
from components.services.dns_names import DnsPolicy, dns_notes, dns_refusals
from components.services.external_dns import ExternalDns, ExternalDnsArgs, arguments
from components.services.known import EXTERNAL_DNS, needs_external_dns
from components.services.service import is_deployed
from tests.clusters.aks import pools as aks
from tests.clusters.eks import pools as eks
from tests.clusters.gke import pools as gke
from tests.clusters.kubeadm.site import site
from tests.conformance.engine import run

FLAGS = Path(__file__).with_name("external_dns_flags.txt")


def everywhere() -> dict[str, ClusterFacts]:
    return {
        "aws": facts(),
        "google": gke_facts(gke.target().model_copy(update={"dns": gke.ZONES_OF_DNS}), (gke.system_pool(),)),
        "rfc2136": on_hosts(),
        "azure": aks_facts(aks.target().model_copy(update={"dns": aks.ZONES_OF_DNS}), (aks.cpu_pool(),)),
    }


def on_hosts() -> ClusterFacts:
    target, pools = site()
    server = NameServer(server="10.40.0.53", zones=("ai.example.com",), key_name="external-dns")
    return kubeadm_facts(target.model_copy(update={"dns": server}), pools)


def facts(**changes: object) -> ClusterFacts:
    target = eks.target().model_copy(update={"dns": eks.ZONES_OF_DNS})
    return eks_facts(target, (eks.system_pool(),)).model_copy(update=changes)


def test_it_comes_with_the_first_zone() -> None:
    without = facts(dns=None)
    assert needs_external_dns(facts())
    assert not needs_external_dns(without)
    assert not is_deployed(EXTERNAL_DNS, facts(), install=False, needed=True)


def test_every_argument_is_one_of_the_pinned_release() -> None:
    known = set(FLAGS.read_text().splitlines())
    said = arguments(ExternalDnsArgs(facts=facts(apis=(GATEWAY,))))
    assert [one for one in said if one.removeprefix("--").partition("=")[0] not in known] == []
    assert "--source=gateway-httproute" in said
    assert "--source=gateway-httproute" not in arguments(ExternalDnsArgs(facts=facts()))


@pytest.mark.parametrize("provider", ["aws", "google", "azure", "rfc2136"])
def test_each_dns_service_is_told_in_words_of_the_release(provider: str) -> None:
    said = arguments(ExternalDnsArgs(facts=everywhere()[provider]))
    assert f"--provider={provider}" in said
    assert "--domain-filter=ai.example.com" in said
    assert [one for one in said if one.removeprefix("--").partition("=")[0] not in FLAGS.read_text().splitlines()] == []


def test_azure_hands_out_identities_to_pods_with_its_label_and_their_account_says_which() -> None:
    """docs/tutorials/azure.md, "Managed Identity Using Workload Identity"."""
    args = ExternalDnsArgs(
        facts=everywhere()["azure"], account_annotations={"azure.workload.identity/client-id": "0f0f0f0f"}
    )
    made = {found.token.rpartition(":")[2]: found for found in run(lambda: ExternalDns("dns", args)).made}
    assert '"azure.workload.identity/use": "true"' in json.dumps(made["Deployment"].inputs)
    assert '"azure.workload.identity/client-id": "0f0f0f0f"' in json.dumps(made["ServiceAccount"].inputs)
    assert r"\"useWorkloadIdentityExtension\": true" in json.dumps(made["ConfigMap"].inputs)
    assert made["ConfigMap"].urn in made["Deployment"].waits_for


def test_aws_is_told_its_region_without_which_the_sdk_asks_nothing() -> None:
    """kubernetes-sigs/external-dns issue 5179: without it every run ends with "Missing Region"."""
    made = run(lambda: ExternalDns("dns", ExternalDnsArgs(facts=facts()))).made
    (pod,) = (json.dumps(found.inputs, sort_keys=True) for found in made if found.token.endswith(":Deployment"))
    assert '"env": [{"name": "AWS_REGION", "value": "us-east-2"}]' in pod


def test_the_key_of_a_name_server_is_in_a_secret_and_in_no_argument() -> None:
    def program() -> None:
        key = pulumi.Output.secret("c2VjcmV0")
        ExternalDns("dns", ExternalDnsArgs(facts=on_hosts(), secrets={"dns_key": key}))

    made = {found.token.rpartition(":")[2]: found for found in run(program).made}
    pod = json.dumps(made["Deployment"].inputs)
    assert '"secretKeyRef"' in pod
    assert '"key": "EXTERNAL_DNS_RFC2136_TSIG_SECRET"' in pod
    assert "c2VjcmV0" not in pod
    assert "tsig-secret=" not in pod
    assert "c2VjcmV0" in str(made["Secret"].inputs)


def test_it_writes_in_the_named_zones_only_and_marks_what_is_its_own() -> None:
    said = arguments(ExternalDnsArgs(facts=facts()))
    assert "--zone-id-filter=Z0123456789ABCDEFGHIJ" in said
    assert "--domain-filter=ai.example.com" in said
    assert {"--registry=txt", "--txt-owner-id=strata-prod", "--policy=sync"} <= set(said)
    assert "--txt-prefix=external-dns-%{record_type}." in said, "marks of a zone's own name stay inside the zone"
    assert "--annotation-prefix=external-dns.kubernetes.io/" in said
    allowed = json.dumps(dns_statements(eks.ZONES_OF_DNS)[1:])
    assert "hostedzone/*" not in allowed
    assert '"*"' not in allowed


@pytest.mark.parametrize(
    ("changes", "cause"), [({"dns": None}, "names no DNS zones"), ({"internet": False}, "do not reach the internet")]
)
def test_one_that_could_write_nothing_is_refused(changes: dict[str, object], cause: str) -> None:
    (problem,) = dns_refusals(facts(**changes), "services.external_dns.install")
    assert cause in problem.cause
    assert list(dns_refusals(facts(), "")) == []


def test_records_that_stay_are_named_before() -> None:
    assert list(dns_notes(facts(), DnsPolicy.SYNC, None)) == []
    (note,) = dns_notes(facts(), DnsPolicy.UPSERT_ONLY, None)
    assert "ai.example.com" in note
    assert "external-dns/owner=strata-prod" in note


def test_it_lives_on_until_the_names_of_services_that_went_before_it_are_gone() -> None:
    """It puts no finalizer on Services, and stops at once when it is told to end (controller/execute.go)."""
    made = run(lambda: ExternalDns("dns", ExternalDnsArgs(facts=facts()))).made
    deployment = next(found for found in made if found.token.endswith(":Deployment"))
    text = json.dumps(deployment.inputs)
    assert '"preStop": {"sleep": {"seconds": 30' in text
    assert '"terminationGracePeriodSeconds": 60' in text
    rights = {found.urn for found in made if "ClusterRole" in found.token or found.token.endswith(":ServiceAccount")}
    assert len(rights) == 3
    assert rights <= deployment.waits_for, "what goes before it would take its last change away from it"
