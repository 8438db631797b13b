"""Official releases: checksums, archives and hosts that do not answer."""

from __future__ import annotations

import hashlib
import io
import json
import re
import socket
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from tests.tools.fake_project import FakeProject
from tools.toolchain.archives import BadArchiveError, take
from tools.toolchain.checksums import ChecksumError, verify
from tools.toolchain.manifest import ChecksumForm
from tools.toolchain.processes import Children
from tools.toolchain.web import UnreachableError, Web

_PROGRAM = b"#!/bin/sh\necho fake 1.2.3\n"
_RELEASE = """
[tool.fake.release]
url = "{address}/fake-{{version}}.tar.gz"
archive = {{ any = "tar.gz" }}
members = {{ fake = "fake-{{version}}/fake" }}
checksum_url = "{address}/SHA256SUMS"
"""


def _archive(member: str, content: bytes = _PROGRAM) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _publish(folder: Path, archive: bytes, digest: str) -> None:
    (folder / "fake-1.2.3.tar.gz").write_bytes(archive)
    (folder / "SHA256SUMS").write_text(f"{digest}  fake-1.2.3.tar.gz\n")


def test_a_release_with_the_right_checksum_is_installed(publisher: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = publisher
    archive = _archive("fake-1.2.3/fake")
    _publish(folder, archive, hashlib.sha256(archive).hexdigest())
    project = FakeProject.make(tmp_path, _RELEASE.format(address=address))

    status, output = project.install()

    assert status == 0, output
    assert project.installed.read_bytes() == _PROGRAM
    assert project.builds == [], "nothing is built when there is an official release"


def test_a_release_with_a_wrong_checksum_is_refused_and_built(publisher: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = publisher
    _publish(folder, _archive("fake-1.2.3/fake"), "0" * 64)
    project = FakeProject.make(tmp_path, _RELEASE.format(address=address))

    status, output = project.install()

    assert status == 0, output
    assert f"published is {'0' * 64}" in output
    assert len(project.builds) == 1


def test_a_release_that_does_not_answer_fails_fast_and_falls_through(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        project = FakeProject.make(tmp_path, _RELEASE.format(address=address))
        status, output = project.install()

    assert status == 0, output
    told = re.search(r"no answer from 127\.0\.0\.1:\d+ \((\d+) s\); building from source", output)
    assert told, output
    assert int(told.group(1)) < 5, "the whole official stage is to fail in under 5 s"
    assert len(project.builds) == 1


def test_unreachable_hosts_are_tried_side_by_side(tmp_path: Path) -> None:
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(6)]
    urls = [f"http://127.0.0.1:{server.getsockname()[1]}/file" for server in servers]
    web = Web(Children(), probe_seconds=0.5)
    started = time.monotonic()
    good, dead = web.reachable(urls)

    assert time.monotonic() - started < 2.0
    assert (len(good), len(dead)) == (0, 6)
    with pytest.raises(UnreachableError, match="does not answer"):
        web.file(urls[0], tmp_path / "file")
    for server in servers:
        server.close()


def test_plain_http_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="not https"):
        Web(Children()).file("http://releases.example.org/tool", tmp_path / "tool")


def test_every_published_form_of_a_checksum_is_read(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    github = json.dumps(
        {"assets": [{"name": "other", "digest": "sha256:0"}, {"name": "t", "digest": f"sha256:{digest}"}]}
    )
    published = {
        ChecksumForm.LIST: f"{'0' * 64}  other\n{digest.upper()} *./t\n",
        ChecksumForm.SINGLE: f"{digest}\n",
        ChecksumForm.GITHUB: github,
    }
    for form, text in published.items():
        verify(file, asset="t", published=text, form=form, algorithm="sha256")
        with pytest.raises(ChecksumError, match="published is"):
            verify(
                file,
                asset="t",
                published=text.replace(digest[:8], "0" * 8).replace(digest[:8].upper(), "0" * 8),
                form=form,
                algorithm="sha256",
            )


@pytest.mark.parametrize(
    "published", ["", "{}", '{"assets": [{"name": "t", "digest": null}]}', "<html>not found</html>"]
)
@pytest.mark.parametrize("form", list(ChecksumForm))
def test_a_missing_checksum_is_refused(tmp_path: Path, form: ChecksumForm, published: str) -> None:
    (tmp_path / "tool").write_bytes(b"content")
    with pytest.raises(ChecksumError, match="gives no sha256 checksum"):
        verify(tmp_path / "tool", asset="t", published=published, form=form, algorithm="sha256")


@pytest.mark.parametrize("member", ["../outside", "/etc/outside", "fake/../../outside"])
def test_a_tar_member_outside_the_target_is_refused(tmp_path: Path, member: str) -> None:
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(_archive(member))
    with pytest.raises(BadArchiveError, match="outside"):
        take(archive, "tar.gz", {"fake": member}, tmp_path / "into")
    assert not (tmp_path / "outside").exists()


def test_a_zip_member_outside_the_target_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("../outside", _PROGRAM)
    with pytest.raises(BadArchiveError, match="outside"):
        take(archive, "zip", {"fake": "fake"}, tmp_path / "into")


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("fake")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(BadArchiveError, match="holds no file"):
        take(archive, "tar.gz", {"fake": "fake"}, tmp_path / "into")


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(_archive("fake")[:40])
    with pytest.raises(BadArchiveError, match="cannot be read"):
        take(archive, "tar.gz", {"fake": "fake"}, tmp_path / "into")
