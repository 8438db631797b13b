"""The installed CSI drivers of a control plane: their objects, and the process that makes their volumes.

Owns bringing both in line with what is installed. The process exists only while there is a driver.
"""

from __future__ import annotations

from .api import Answer, Api, Json
from .drivers import read_drivers
from .layout import Layout
from .side_processes import PROVISIONER

_LABEL = "simulation.strata.dev/driver"
_PATH = "/apis/storage.k8s.io/v1/csidrivers"


class _Metadata(Answer):
    name: str


class _CsiDriver(Answer):
    metadata: _Metadata


class _CsiDriverList(Answer):
    items: list[_CsiDriver]


def ensure_provisioner(layout: Layout) -> list[str]:
    """Make the drivers' objects and their process what is installed; what had to be done."""
    if not layout.drivers.exists():
        return []
    drivers = read_drivers(layout)
    api = Api(layout)
    seen = _CsiDriverList.model_validate_json(api.get(_PATH, labelSelector=_LABEL)).items
    for driver in seen:
        if driver.metadata.name not in drivers:
            api.delete(f"{_PATH}/{driver.metadata.name}")
    # Names with a slash are those of provisioners that are no CSI drivers, such as rancher.io/local-path.
    for name in (driver for driver in drivers if "/" not in driver):
        api.apply(f"{_PATH}/{name}", _object(name))
    if not drivers:
        return [f"ended {PROVISIONER.name}"] if PROVISIONER.end(layout) else []
    return PROVISIONER.ensure(layout)


def _object(name: str) -> Json:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "CSIDriver",
        "metadata": {"name": name, "labels": {_LABEL: "true"}},
        # There is nothing to attach here, and each volume would report that nobody did.
        "spec": {"attachRequired": False, "podInfoOnMount": False},
    }
