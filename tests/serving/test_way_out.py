"""The Job that fetches models goes out through the proxy of its network, and trusts its private authorities."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from components.contracts.cluster_facts import ClusterFacts
from components.contracts.customize import PodCustomize
from components.contracts.errors import StrataError
from components.contracts.http_proxy import HttpProxy
from components.contracts.way_out import ProxyAddresses, WayOut
from components.serving import ServingOptions
from tests.registration import Registrations, value_at
from tests.workloads.network_access import Address, Network, Pod

from .test_served_models import FACTS, declared

BUNDLE = str(Path(__file__).parents[1] / "clusters/kubeadm/authorities.pem")
PROXY = HttpProxy(https="http://10.1.2.3:3128", no_proxy=("hub.lab.example.com",))
PROXY_HOST, INTERNET, HUB = Address("10.1.2.3"), Address("93.184.215.14"), "https://hub.lab.example.com"
BEHIND = FACTS.model_copy(
    update={"way_out": WayOut(proxy=ProxyAddresses(http=PROXY.https, https=PROXY.https, direct=("10.40.0.0/22",)))}
)


def variables(made: Registrations) -> dict[str, str]:
    """Variables of the Job's container."""
    found = made.only("Job").at("spec", "template", "spec", "containers", 0, "env")
    assert isinstance(found, list)
    return {str(value_at(entry, "name")): str(value_at(entry, "value")) for entry in found}


def ways(made: Registrations) -> list[tuple[str, int]]:
    """Where the Job's policy lets it go."""
    labels = made.only("Job").at("spec", "template", "metadata", "labels")
    assert isinstance(labels, dict)
    job = Pod("llms", {name: str(value) for name, value in labels.items()})
    network = Network.of(made)
    ends = [(end, port) for end in (PROXY_HOST, INTERNET) for port in (80, 443, 3128)]
    return [(end.ip, port) for end, port in ends if network.connects(job, end, port)]


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        (ServingOptions(proxy=PROXY), FACTS),
        (ServingOptions(), BEHIND),
        (ServingOptions(customize=PodCustomize(environment={"https_proxy": "10.1.2.3:3128"})), FACTS),
        (ServingOptions(customize=PodCustomize(environment={"HTTPS_PROXY": "http://10.1.2.3:3128"})), FACTS),
    ],
    ids=["of the models", "of the hosts", "a user's variable", "in capitals"],
)
def test_the_job_goes_through_the_proxy_and_nowhere_else(options: ServingOptions, facts: ClusterFacts) -> None:
    made = declared(options, facts=facts)
    found = {name.upper(): value for name, value in variables(made).items()}
    assert found["HTTPS_PROXY"].endswith("10.1.2.3:3128")
    assert ways(made) == [("10.1.2.3", 3128)]


def test_a_hub_that_is_reached_directly_stays_open_beside_the_proxy() -> None:
    made = declared(ServingOptions(proxy=PROXY, hub_url=HUB))
    assert "hub.lab.example.com" in variables(made)["NO_PROXY"].split(",")
    assert ways(made) == [("10.1.2.3", 443), ("10.1.2.3", 3128), ("93.184.215.14", 443)]


def test_a_hub_in_a_direct_network_is_named_to_programs_that_read_no_networks() -> None:
    made = declared(ServingOptions(hub_url="https://10.40.1.9"), facts=BEHIND)
    assert variables(made)["NO_PROXY"].split(",") == ["10.40.0.0/22", "10.40.1.9"]


def test_variables_of_a_user_stay_the_only_ones() -> None:
    added = PodCustomize(environment={"HTTPS_PROXY": "http://10.1.2.3:3128", "NO_PROXY": ".example.org"})
    found = variables(declared(ServingOptions(customize=added, proxy=PROXY)))
    assert "HTTP_PROXY" not in found
    assert found["NO_PROXY"] == ".example.org"


def test_model_servers_are_told_of_no_proxy() -> None:
    for server in declared(ServingOptions(proxy=PROXY)).of("Deployment"):
        assert "PROXY" not in json.dumps(server.at("spec"))


def test_without_a_proxy_or_an_authority_nothing_is_added() -> None:
    made = declared()
    assert not {"HTTPS_PROXY", "SSL_CERT_FILE"} & set(variables(made))
    assert ways(made) == [("93.184.215.14", 443)]
    assert "way_out" not in FACTS.model_dump(mode="json"), "older versions refuse facts with keys that they do not know"


def test_private_authorities_lie_beside_the_program_and_public_ones_stay() -> None:
    made = declared(ServingOptions(ca_bundle=BUNDLE))
    mounted = variables(made)["SSL_CERT_FILE"]
    text = str(made.only("ConfigMap").at("data", mounted.rpartition("/")[2]))
    assert text.count("BEGIN CERTIFICATE") == Path(BUNDLE).read_text().count("BEGIN CERTIFICATE")
    ssl.create_default_context(cadata=text)
    mounts = made.only("Job").at("spec", "template", "spec", "containers", 0, "volumeMounts")
    assert mounted.rpartition("/")[0] in json.dumps(mounts)


def test_openssl_takes_the_file_and_still_looks_into_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text(Path(BUNDLE).read_text())
    program = (
        "import ssl; paths = ssl.get_default_verify_paths(); "
        "print(paths.cafile, len(ssl.create_default_context().get_ca_certs()), ssl._ssl.get_default_verify_paths()[3])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "SSL_CERT_FILE": str(file)},
        capture_output=True,
        text=True,
        check=True,
    )
    used, loaded, folder = done.stdout.split()
    assert used == str(file)
    assert int(loaded) == file.read_text().count("BEGIN CERTIFICATE")
    assert folder.endswith("certs")


@pytest.mark.parametrize(
    ("options", "facts", "field", "said"),
    [
        (ServingOptions(proxy=HttpProxy(https="http://127.0.0.1:3128")), FACTS, "options.proxy", "for pods too"),
        (ServingOptions(proxy=HttpProxy(https="http://localhost:3128")), FACTS, "options.proxy", "for pods too"),
        (ServingOptions(proxy=HttpProxy(https="https://proxy.example.com")), FACTS, "options.proxy", "over TLS"),
        (
            ServingOptions(),
            FACTS.model_copy(
                update={"way_out": WayOut(proxy=ProxyAddresses(http="http://localhost:1", https="http://localhost:1"))}
            ),
            "target.proxy",
            "for pods too",
        ),
        (
            ServingOptions(proxy=HttpProxy(https="http://10.96.0.7:3128")),
            FACTS.model_copy(update={"pod_ranges": ("10.96.0.0/12",)}),
            "options.proxy",
            "a range of pods or Services",
        ),
        (ServingOptions(ca_bundle="/nowhere.pem"), FACTS, "options.ca_bundle", "cannot be read"),
    ],
)
def test_what_pods_cannot_use_is_refused(options: ServingOptions, facts: ClusterFacts, field: str, said: str) -> None:
    with pytest.raises(StrataError) as caught:
        declared(options, facts=facts)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert said in problem.cause


def test_the_public_hub_behind_a_proxy_needs_no_way_to_the_internet() -> None:
    inside = FACTS.model_copy(update={"internet": False})
    options = ServingOptions(proxy=PROXY, image_mirror="registry.example.com/mirror")
    assert variables(declared(options, facts=inside))["HTTPS_PROXY"] == PROXY.https
