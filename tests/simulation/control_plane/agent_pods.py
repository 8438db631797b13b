"""Working pods of node agents, for tests of what they advertise."""

from __future__ import annotations

import json

from simulation.control_plane.devices.node_devices import Running
from simulation.control_plane.devices.pods import AgentPod, SeenPod


def running(
    image: str, program: str = "", *, files: dict[str, str] | None = None, strategy: str = "", default: str = ""
) -> Running:
    """A pod with one container, which has the ConfigMap of configurations mounted where there is one."""
    env = [{"name": name, "value": value} for name, value in (("MIG_STRATEGY", strategy), ("DEFAULT_CONFIG", default))]
    spec: dict[str, object] = {"containers": [{"image": image, "command": [program] if program else [], "env": env}]}
    if files is not None:
        spec["containers"] = [
            {
                "image": image,
                "command": [program],
                "env": env,
                "volumeMounts": [{"name": "c", "mountPath": "/available-configs"}],
            }
        ]
        spec["volumes"] = [{"name": "c", "configMap": {"name": "configs"}}]
    pod = {"metadata": {"name": "p", "uid": "1"}, "spec": spec}
    return Running(pod=AgentPod(SeenPod.model_validate_json(json.dumps(pod))), files=files)
