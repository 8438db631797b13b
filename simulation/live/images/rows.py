"""What is declared of each image of live nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from components.contracts.versions import Image

from .archive import Start
from .parts import Files, Part


class Truth(StrEnum):
    """What stands behind an image's name."""

    UPSTREAM = "upstream program, built from its module"
    DEBIAN = "Debian's program"
    WHEEL = "PyPI wheel"
    SIMULATOR = "simulator"
    OWN = "program of ours"


@dataclass(frozen=True, kw_only=True)
class ImageRow:
    """One image.

    Attributes:
        image: The name that manifests use.
        parts: What it is made of, a layer each, lowest first.
        truth: What it truly is.
        remark: How it differs from the published image, for whoever relies on it.
        start: How a container of it starts.
        takes_plans: Whether the plans of models are laid into it.
    """

    image: Image
    parts: tuple[Part, ...]
    truth: Truth
    remark: str
    start: Start = field(default_factory=Start)
    takes_plans: bool = False

    @property
    def name(self) -> str:
        """The name without a digest."""
        return Image(self.image.registry, self.image.repository, self.image.tag).reference()


ROOT_FILES = Files(
    folders={"/tmp": 0o1777, "/root": 0o700, "/etc": 0o755},  # noqa: S108 - of the image
    texts={
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
        "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
        "/etc/nsswitch.conf": "hosts: files dns\n",
    },
)
"""Without which programs of others do not start."""
