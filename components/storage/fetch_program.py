"""The program that fills the model catalog; it runs in the catalog Job, from a ConfigMap.

Owns downloading with checksums and resume. It uses the standard library alone, because it runs in
a bare Python image, and imports nothing of Strata.

Input: ``MODELS_FILE``, a JSON list of ``{"model", "revision", "path"}``; ``CATALOG_DIR``;
``HUB_URL``; ``TOKEN_FILE`` with a token where a model is gated. Each finished folder holds the file ``.complete``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO

CHUNK = 8 * 2**20
ATTEMPTS = 8
PARALLEL = 4
TIMEOUT = 60.0
COMPLETE = ".complete"
# Weights in older formats stand beside safetensors in many repositories and would double the volume.
WANTED = re.compile(r"\.(safetensors|json|txt|model|jinja|tiktoken|py)$")
UNWANTED = re.compile(r"^(original|onnx|openvino|gguf|metal)/|consolidated.*\.safetensors$")


class UnretrievableError(Exception):
    """A failure that another attempt cannot mend."""


@dataclass(frozen=True)
class RemoteFile:
    """One file of a repository: its path, size in bytes, and SHA-256 or git blob id."""

    path: str
    size: int
    sha256: str | None
    git_blob: str | None


@dataclass(frozen=True)
class Hub:
    """A model hub and the token for it."""

    url: str
    token: str | None

    def open(self, url: str, start: int = 0) -> IO[bytes]:
        """The body of ``url`` from byte ``start``; its status and headers come with it."""
        request = urllib.request.Request(url)  # noqa: S310 - HUB_URL is the operator's own setting
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        if start:
            request.add_header("Range", f"bytes={start}-")
        return urllib.request.build_opener(_KeepTokenHome()).open(request, timeout=TIMEOUT)

    def files(self, model: str, revision: str) -> Iterator[RemoteFile]:
        """Every wanted file of the revision."""
        url: str | None = f"{self.url}/api/models/{model}/tree/{revision}?recursive=true"
        while url:
            with self.open(url) as answer:
                entries = json.load(answer)
                url = _next_page(answer.headers)  # type: ignore[attr-defined]
            for entry in entries:
                path = entry["path"]
                if entry["type"] == "file" and WANTED.search(path) and not UNWANTED.search(path):
                    lfs = entry.get("lfs")
                    yield RemoteFile(path, entry["size"], lfs and lfs["oid"], None if lfs else entry["oid"])

    def file_url(self, model: str, revision: str, path: str) -> str:
        """Where a file is downloaded from."""
        return f"{self.url}/{model}/resolve/{revision}/{urllib.parse.quote(path)}"


class _KeepTokenHome(urllib.request.HTTPRedirectHandler):
    """Follows redirects to content networks without handing them the token."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following and urllib.parse.urlsplit(newurl).netloc == urllib.parse.urlsplit(req.full_url).netloc:
            for name, value in req.unredirected_hdrs.items():
                following.add_unredirected_header(name, value)
        return following


def _next_page(headers: HTTPMessage) -> str | None:
    found = re.search(r'<([^>]+)>;\s*rel="next"', headers.get("Link", ""))
    return found[1] if found else None


def checksum_matches(path: Path, remote: RemoteFile) -> bool:
    """Whether the file on disk is the remote one, by size and hash."""
    if path.stat().st_size != remote.size:
        return False
    digest = hashlib.sha256() if remote.sha256 else hashlib.sha1(f"blob {remote.size}\0".encode())  # noqa: S324 - git's
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == (remote.sha256 or remote.git_blob)


def fetch_file(hub: Hub, url: str, target: Path, remote: RemoteFile) -> None:
    """Download one file, taking up what an earlier run left, until its checksum holds."""
    if target.exists() and checksum_matches(target, remote):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    for attempt in range(1, ATTEMPTS + 1):
        wait = min(60.0, 2.0**attempt)
        try:
            _append(hub, url, part, remote.size)
            if checksum_matches(part, remote):
                part.replace(target)
                print(f"{remote.path}: {remote.size:,} bytes, checksum holds", flush=True)
                return
            part.unlink()
            reason = "checksum differs, starting over"
        except urllib.error.HTTPError as error:
            if error.code in {401, 403, 404}:
                raise UnretrievableError(_refusal(error.code, url)) from None
            if error.code == 416:  # noqa: PLR2004 - the part is longer than the file
                part.unlink(missing_ok=True)
            wait = float(error.headers.get("Retry-After") or wait)
            reason = f"the hub answers {error.code}"
        except (OSError, HTTPException) as error:
            reason = str(error) or type(error).__name__
        print(f"{remote.path}: attempt {attempt} of {ATTEMPTS}: {reason}; again in {wait:.0f} s", flush=True)
        time.sleep(min(wait, float(os.environ.get("LONGEST_WAIT", "300"))))
    raise UnretrievableError(f"{remote.path}: given up after {ATTEMPTS} attempts")


def _append(hub: Hub, url: str, part: Path, size: int) -> None:
    start = part.stat().st_size if part.exists() else 0
    if start == size:
        return
    with hub.open(url, start) as answer:
        # A server that ignores the range sends the whole file again.
        resumed = start > 0 and answer.status == 206  # type: ignore[attr-defined]  # noqa: PLR2004
        with part.open("ab" if resumed else "wb") as stream:
            while chunk := answer.read(CHUNK):
                stream.write(chunk)
    if part.stat().st_size < size:
        raise ConnectionError(f"the connection ended at {part.stat().st_size:,} of {size:,} bytes")


def _refusal(code: int, url: str) -> str:
    if code == 404:  # noqa: PLR2004
        return f"{url} does not exist (404): check model and revision in the settings"
    return f"{url} is refused ({code}): accept the model's licence and set secrets.hugging_face_token"


def fetch_model(hub: Hub, model: str, revision: str, folder: Path) -> None:
    """Fill ``folder`` with the model and mark it complete."""
    marker = folder / COMPLETE
    if marker.exists():
        print(f"{model}@{revision}: complete already", flush=True)
        return
    files = list(hub.files(model, revision))
    if not any(file.path.endswith(".safetensors") for file in files):
        raise UnretrievableError(f"{model}@{revision} holds no safetensors weights")
    targets = {file: folder / file.path for file in files}
    for file, target in targets.items():
        if not target.resolve().is_relative_to(folder.resolve()):
            raise UnretrievableError(f"{model}: the path {file.path!r} leaves its folder")
    with ThreadPoolExecutor(PARALLEL) as pool:
        jobs = [
            pool.submit(fetch_file, hub, hub.file_url(model, revision, file.path), target, file)
            for file, target in targets.items()
        ]
        for job in jobs:
            job.result()
    marker.write_text(json.dumps({"model": model, "revision": revision, "files": len(files)}))
    print(f"{model}@{revision}: {len(files)} files, {sum(file.size for file in files):,} bytes", flush=True)


def main() -> int:
    """Fetch every model of ``MODELS_FILE``; 1 when one cannot be had."""
    token_file = os.environ.get("TOKEN_FILE")
    token = Path(token_file).read_text().strip() if token_file else None
    hub = Hub(os.environ["HUB_URL"].rstrip("/"), token or None)
    catalog = Path(os.environ["CATALOG_DIR"])
    for entry in json.loads(Path(os.environ["MODELS_FILE"]).read_text()):
        try:
            fetch_model(hub, entry["model"], entry["revision"], catalog / entry["path"])
        except urllib.error.HTTPError as error:
            print(_refusal(error.code, error.url), file=sys.stderr)
            return 1
        except (UnretrievableError, OSError) as error:
            print(f"{entry['model']}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
