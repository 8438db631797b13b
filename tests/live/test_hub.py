"""The catalog's own program fills a folder from the hub and takes a cut download up; an engine loads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import components.storage
from simulation.live.hub import Weights, checkpoint, hub, write_checkpoint

from .engine.stand_in import serving

_PROGRAM = Path(components.storage.__file__).with_name("fetch_program.py")
_SIZE = 200_000_000


@contextmanager
def _running(size: int) -> Generator[str]:
    server = hub(("127.0.0.1", 0), checkpoint(size))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _fetch(url: str, folder: Path) -> subprocess.Popen[str]:
    listing = folder / "models.json"
    listing.write_text(json.dumps([{"model": "Qwen/Qwen2-7B-Instruct", "revision": "abc", "path": "qwen/abc"}]))
    variables = {**os.environ, "HUB_URL": url, "CATALOG_DIR": str(folder), "MODELS_FILE": str(listing)}
    return subprocess.Popen([sys.executable, str(_PROGRAM)], env=variables, stdout=subprocess.PIPE, text=True)


def _sizes(folder: Path) -> list[int]:
    """Sizes of the files of weights that are on their way."""
    found: list[int] = []
    for part in folder.glob("*.safetensors.part"):
        with suppress(FileNotFoundError):  # it is whole by now, and has another name
            found.append(part.stat().st_size)
    return found


def test_a_killed_download_is_taken_up_and_the_engine_loads_what_came(tmp_path: Path) -> None:
    folder = tmp_path / "qwen" / "abc"
    with _running(_SIZE) as url:
        first = _fetch(url, tmp_path)
        try:
            while max(_sizes(folder), default=0) < 8_000_000:
                assert first.poll() is None, "it was done before it could be killed"
                time.sleep(0.002)
        finally:
            first.kill()
            first.communicate()
        assert sum(_sizes(folder)) > 0
        assert not (folder / ".complete").exists()
        second = _fetch(url, tmp_path)
        said, _ = second.communicate(timeout=120)
    assert second.returncode == 0, said
    assert (folder / ".complete").exists()
    assert sum(file.stat().st_size for file in folder.iterdir()) > _SIZE
    with serving(folder) as (_, process):
        assert process.poll() is None


def test_a_folder_that_is_written_at_once_is_what_a_download_would_be(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "model", 1_000_000)
    for name, file in checkpoint(1_000_000).items():
        content = file if isinstance(file, bytes) else b"".join(file.content())
        assert (tmp_path / "model" / name).read_bytes() == content


def test_a_file_can_be_had_from_any_byte_on() -> None:
    weights = Weights(0, 3_000_001)
    whole = b"".join(weights.content())
    assert len(whole) == weights.whole_size
    for start in (1, len(weights.head) + 5, 1 << 20, len(whole) - 1):
        assert b"".join(weights.content(start)) == whole[start:]
