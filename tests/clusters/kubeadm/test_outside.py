"""Hosts behind an HTTP proxy, and hosts that have to trust private authorities."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from components.clusters.kubeadm import proxy_scripts, scripts
from components.clusters.kubeadm.authorities import distrust, trust
from components.clusters.kubeadm.environment import ENVIRONMENT
from components.clusters.kubeadm.rules import kubeadm_problems
from components.clusters.kubeadm.settings import KubeadmTarget, Mirrors
from components.contracts.certificates import read_certificates
from components.contracts.errors import StrataError
from components.contracts.http_proxy import HttpProxy
from stacks.reading import read_whole_stack
from stacks.recording import record
from tests.mistakes import assert_blamed

from .site import site

TARGET, POOLS = site()
BUNDLE = Path(__file__).with_name("authorities.pem")
PROXY = HttpProxy(https="http://proxy.lab.example.com:3128", no_proxy=("nas.lab.example.com", ".intern.example.com"))


def behind(proxy: HttpProxy = PROXY, **changes: object) -> KubeadmTarget:
    return TARGET.model_copy(update={"proxy": proxy, **changes})


def trusting(path: str | Path) -> KubeadmTarget:
    return TARGET.model_copy(update={"ca_bundle": str(path)})


def written(script: str, path: str) -> str:
    """What a script writes to a file."""
    line = next(line for line in script.split("sudo install") if line.startswith(f" -D -m 0644 /dev/stdin {path}"))
    before = script[: script.index(f"sudo install{line}")]
    return shlex.split(before[before.rindex("printf %s ") :])[2]


def test_what_is_inside_the_site_is_reached_directly() -> None:
    entries = proxy_scripts.direct(behind(), PROXY).split(",")
    assert entries[:2] == ["localhost", "127.0.0.1"]
    for inside in ("10.40.0.0/22", "10.44.0.0/16", "10.45.0.0/16", ".svc", ".cluster.local", "10.40.0.10"):
        assert inside in entries
    assert entries[-2:] == ["nas.lab.example.com", ".intern.example.com"]


def test_every_subnet_of_hosts_is_reached_directly() -> None:
    networks = TARGET.networks.model_copy(update={"other_subnets": ("10.41.0.0/22",)})
    assert "10.41.0.0/22" in proxy_scripts.direct(behind(networks=networks), PROXY).split(",")


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("https://10.40.2.9/k8s", "10.40.2.9"),
        ("https://packages.intern.example.com", "packages.intern.example.com"),
        ("https://packages.example.org", None),
    ],
    ids=["an address in the subnet", "a name in a direct domain", "a name elsewhere"],
)
def test_apt_is_told_mirrors_by_name(url: str, direct: str | None) -> None:
    target = behind(mirrors=Mirrors(packages=url))
    text = written(proxy_scripts.install_proxy(target, PROXY), "/etc/apt/apt.conf.d/90strata-proxy")
    found = set(re.findall(r'Acquire::https::Proxy::(\S+) "DIRECT";', text))
    assert found == {"nas.lab.example.com", *([direct] if direct else [])}
    assert text.startswith('Acquire::http::Proxy "http://proxy.lab.example.com:3128";\n')


def test_containerd_gets_the_proxy_and_starts_anew() -> None:
    script = proxy_scripts.install_proxy(behind(), PROXY)
    unit = written(script, "/etc/systemd/system/containerd.service.d/strata-proxy.conf")
    assert unit.splitlines()[:3] == [
        "[Service]",
        'Environment="HTTP_PROXY=http://proxy.lab.example.com:3128"',
        'Environment="HTTPS_PROXY=http://proxy.lab.example.com:3128"',
    ]
    assert "10.44.0.0/16" in unit.splitlines()[3]
    assert script.index("daemon-reload") < script.index("restart containerd")


def test_downloads_go_through_the_proxy() -> None:
    for text in (
        scripts.prepare(behind(), POOLS[0]),
        scripts.install_network(behind()),
        scripts.install_add_ons(behind()),
    ):
        assert text.index("export https_proxy=http://proxy.lab.example.com:3128\n") < text.index("curl ")
    assert re.search(
        r"sudo http_proxy=\S+ https_proxy=\S+ no_proxy=\S+ KUBECONFIG=\S+ cilium install",
        scripts.install_network(behind()),
    )
    assert "proxy" not in scripts.prepare(TARGET, POOLS[0])


def test_http_may_have_a_proxy_of_its_own() -> None:
    both = HttpProxy(https="http://a.example.com:1", http="http://b.example.com:2")
    assert proxy_scripts.variables(behind(both))["http_proxy"] == "http://b.example.com:2"


@pytest.mark.parametrize(
    "build",
    [
        lambda: HttpProxy(https="proxy.lab.example.com:3128"),
        lambda: HttpProxy(https="http://proxy.lab.example.com:99999"),
        lambda: HttpProxy(https="http://$(id):3128"),
        lambda: HttpProxy(https="socks5://proxy.lab.example.com:1080"),
        lambda: HttpProxy(https=PROXY.https, no_proxy=("*.example.com",)),
        lambda: HttpProxy(https=PROXY.https, no_proxy=("10.20.0.1/16",)),
        lambda: HttpProxy(https=PROXY.https, no_proxy=("a b",)),
        lambda: HttpProxy(https=PROXY.https, no_proxy=("a,b",)),
        lambda: HttpProxy(https=PROXY.https, no_proxy=('a"',)),
    ],
    ids=[
        "no scheme",
        "a port that does not exist",
        "shell",
        "SOCKS",
        "a star",
        "host bits",
        "a space",
        "a list",
        "quotes",
    ],
)
def test_a_wrong_proxy_is_refused(build: Callable[[], HttpProxy]) -> None:
    with pytest.raises((StrataError, ValidationError)):
        build()


def test_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(StrataError) as refused:
        HttpProxy(https="http://ops:Winter2026@proxy.lab.example.com:3128")
    assert "admit the hosts by their addresses" in str(refused.value)
    assert "Winter2026" not in str(refused.value)


def test_a_proxy_among_the_pods_is_refused() -> None:
    found = list(kubeadm_problems(behind(HttpProxy(https="http://10.44.0.9:3128")), POOLS))
    assert_blamed(found, "target.proxy.https", "10.44.0.0/16, the range of pods", most=1)


def test_each_authority_is_a_file_of_its_own() -> None:
    certificates = read_certificates(str(BUNDLE))
    script = trust(certificates)
    for number, certificate in enumerate(certificates, 1):
        assert written(script, f"/usr/local/share/ca-certificates/strata/{number}.crt") == f"{certificate}\n"
    assert script.count("BEGIN CERTIFICATE") == 2
    assert script.index("rm --recursive") < script.index("1.crt") < script.index("update-ca-certificates")
    assert "restart containerd" in script


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: no such file"),
        (b"", "holds no certificate in PEM"),
        (b"\x30\x82\x01\x0a", "is not UTF-8 text"),
        (b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----\n", "holds a private key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "number 1 of 1"),
        (b"#" * 70_000, "has more than 65,536 bytes"),
    ],
    ids=["missing", "empty", "DER", "a key", "cut off", "too large"],
)
def test_a_wrong_bundle_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_bytes(content)
    assert_blamed(list(kubeadm_problems(trusting(path), POOLS)), "target.ca_bundle", said, most=1)


def test_a_bundle_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "authorities.pem"
    whole = BUNDLE.read_text()
    path.write_text(whole[: whole.rindex("-----END")])
    assert_blamed(list(kubeadm_problems(trusting(path), POOLS)), "target.ca_bundle", "is cut off", most=1)


def test_the_bundle_is_found_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "authorities.pem").write_bytes(BUNDLE.read_bytes())
    placed = ENVIRONMENT.with_paths(trusting("authorities.pem"), tmp_path)
    assert list(kubeadm_problems(placed, POOLS)) == []


def test_hosts_are_prepared_after_they_reach_the_outside(project: Path) -> None:
    settings = read_whole_stack(project, "onprem").model_copy(update={"models": ()})
    target = behind(ca_bundle=str(BUNDLE))
    names = [item.name for item in record(project, settings.model_copy(update={"target": target}), {}, "onprem")]
    for host in (*target.control_plane.hosts, *target.workers):
        places = [names.index(f"{host.name}-{step}") for step in ("authorities", "proxy", "prepared")]
        assert places == sorted(places)
    today = [item.name for item in record(project, settings, {}, "onprem")]
    assert not [name for name in today if name.endswith(("-authorities", "-proxy"))]


@pytest.mark.parametrize("shell", ["bash", "sh"])
@pytest.mark.parametrize(
    "text",
    [
        proxy_scripts.install_proxy(behind(), PROXY),
        proxy_scripts.remove_proxy(),
        trust(read_certificates(str(BUNDLE))),
        distrust(),
    ],
    ids=["proxy", "no proxy", "trust", "distrust"],
)
def test_it_is_correct_shell(text: str, shell: str) -> None:
    parsed = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr
    assert not re.search(r"[<>]", re.sub(r"'[^']*'", "''", text)), "a redirection writes where no command was named"
