"""The committed manifest agrees with everything else that is pinned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tools.fake_project import ROOT
from tools.toolchain import manifest as manifests
from tools.toolchain import releases
from tools.toolchain.errors import ToolchainError
from tools.toolchain.manifest import Manifest
from tools.toolchain.platforms import Platform
from tools.toolchain.versioning import Version, VersionRange

_REGISTRIES = ("pypi." + "org", "proxy.golang." + "org", "pythonhosted", "--index-url", "--find-links")


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return manifests.load(ROOT / "tools" / "versions.toml")


def test_the_pinned_version_satisfies_its_own_rule(manifest: Manifest) -> None:
    for tool in manifest.tools:
        version = Version.parse(tool.version)
        assert version is not None
        assert tool.path is None or tool.path.accept.accepts(version), tool.name


def test_every_go_module_is_committed_with_its_checksums(manifest: Manifest) -> None:
    for name in manifest.modules:
        folder = ROOT / "tools" / "go" / name
        assert (folder / "go.mod").exists(), f"{name} has no go.mod"
        assert (folder / "go.sum").exists(), f"{name} has no go.sum; run go mod tidy in {folder}"


def test_go_modules_pin_the_versions_that_the_manifest_names(manifest: Manifest) -> None:
    for tool in manifest.tools:
        if tool.go.package == ".":
            continue
        text = (ROOT / "tools" / "go" / tool.go.module / "go.mod").read_text()
        required = dict(re.findall(r"^(?:require )?\s*([\w./-]+) v(\S+)", text, re.MULTILINE))
        module = max((path for path in required if tool.go.package.startswith(path)), key=len)
        assert required[module] == tool.version, f"{tool.name}: tools/go/{tool.go.module}/go.mod"


def test_version_marks_in_linker_flags_match(manifest: Manifest) -> None:
    for tool in manifest.tools:
        for flag in manifest.modules[tool.go.module].ldflags:
            if re.search(r"(gitVersion|[vV]ersion|BuildVersion)=", flag):
                assert flag.endswith(tool.version), f"{tool.name}: {flag}"


def test_the_sdk_has_the_version_of_the_provider_and_the_cli(manifest: Manifest) -> None:
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    provider = manifest.tool("pulumi-resource-kubernetes").version
    assert pins["pulumi"] == manifest.tool("pulumi").version
    assert pins["pulumi-kubernetes"] == provider
    assert f'"{provider}"' in (ROOT / "tools" / "go" / "pulumi-kubernetes" / "main.go").read_text()
    checkov = (ROOT / "requirements-checkov.txt").read_text()
    assert f"\ncheckov=={manifest.checkov} " in checkov


def test_crd_modules_are_pinned(manifest: Manifest) -> None:
    sums = (ROOT / "tools" / "go" / "crds" / "go.sum").read_text()
    for bundle in manifest.crds:
        assert f"{bundle.go_module} v{bundle.version} h1:" in sums


def test_chart_modules_are_pinned(manifest: Manifest) -> None:
    sums = (ROOT / "tools" / "go" / "charts" / "go.sum").read_text()
    for chart in manifest.charts:
        assert not chart.go_module or f"{chart.go_module} v{chart.version} h1:" in sums


def test_every_release_can_be_spelt_out_on_every_platform(manifest: Manifest) -> None:
    for system in ("linux", "darwin"):
        for arch in ("amd64", "arm64"):
            platform = Platform(system, arch)
            for one in (*manifest.tools, *manifest.crds):
                offer = releases.offer(one.release, one.version, platform)
                if offer is None:
                    continue
                for text in (offer.url, offer.checksum_url, *offer.members.values()):
                    assert "{" not in text
                assert offer.url.startswith("https://")
                assert offer.checksum_url.startswith("https://")


def test_a_release_is_spelt_as_its_publisher_does(manifest: Manifest) -> None:
    mac = Platform("darwin", "arm64")
    etcd = releases.offer(manifest.tool("etcd").release, "3.6.6", mac)
    assert etcd is not None
    assert etcd.url.endswith("/v3.6.6/etcd-v3.6.6-darwin-arm64.zip")
    pulumi = releases.offer(manifest.tool("pulumi").release, "3.255.0", Platform("linux", "amd64"))
    assert pulumi is not None
    assert pulumi.url.endswith("/v3.255.0/pulumi-v3.255.0-linux-x64.tar.gz")
    assert releases.offer(manifest.tool("kube-apiserver").release, "1.34.2", mac) is None, "it is built on macOS"


def test_requirements_name_no_index_and_carry_hashes() -> None:
    for file in ROOT.glob("requirements*.txt"):
        text = file.read_text()
        assert not [word for word in _REGISTRIES if word in text], file.name
        pinned = re.findall(r"^[\w.-]+==\S+( \\)?$", text, re.MULTILINE)
        assert pinned
        assert all(pinned), f"{file.name}: every pin is to carry hashes"


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "versions.toml"
    file.write_text((ROOT / "tools" / "versions.toml").read_text() + '\n[crds.keda2]\nverison = "1"\n')
    with pytest.raises(ToolchainError) as caught:
        manifests.load(file)
    assert "crds.keda2" in caught.value.field


@pytest.mark.parametrize(
    ("rule", "version", "accepted"),
    [
        (">=3.255,<4", "3.255.0", True),
        (">=3.255,<4", "v3.300.1", True),
        (">=3.255,<4", "4.0.0-alpha", False),
        (">=1.33,<1.36", "1.32.4-dispatcher", False),
        (">=1.34,<1.35", "1.34", True),
        ("==1.34.2", "1.34.2+k3s1", True),
    ],
)
def test_version_rules(rule: str, version: str, accepted: bool) -> None:  # noqa: FBT001
    parsed = Version.parse(version)
    assert parsed is not None
    assert VersionRange.parse(rule).accepts(parsed) is accepted
