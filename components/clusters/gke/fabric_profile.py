"""What pods on GKE need to use the cards of their GPUs.

Owns what Google's manifests ask of a pod besides its GPUs: networks by annotation, or cards by claim, folders with what
the installers have laid on the node, the daemon of GPUDirect-TCPX and TCPXO, and where the settings of the installed
plugin are. The installers themselves are not of this file.

Sources: GoogleCloudPlatform/container-engine-accelerators at 992db812 (2026-06-11):
gpudirect-tcpx/nccl-test-latest.yaml and nccl-config-latest.yaml; gpudirect-tcpxo/nccl-test-latest.yaml and
best-practice.md (2026-04-20); gpudirect-rdma/nccl-test.yaml, nccl-test-a4.yaml, nccl-test-imex-a4x.yaml,
nccl-test-a4x-max.yaml and nccl-test-managed-rdma.yaml (2026-05-06). Resources of networks are those that nodes offer,
which recipes of NVIDIA Dynamo for A4 and A4X name as well; that GKE's admission adds them, and those of addresses,
could not be checked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ...contracts.fabric import CardNetwork, DeviceClaim, FabricProfile, HostMount, TrafficDaemon, Transport, Variables
from ...contracts.quantities import ByteSize
from ...planner.catalogs.instances import InstanceType
from .fabric import DeviceMode, gpu_networks, uses_dranet
from .settings import GpuNetworks

RDMA_CLASS = "mrdma.google.com"
"""Device class of RDMA cards where GKE's managed DRANET hands them out."""
_LIBRARIES = "/usr/local/nvidia/lib64"
_DRIVER = HostMount(name="nvidia", host_path="/home/kubernetes/bin/nvidia", mount_path="/usr/local/nvidia")
_DRIVER_LIBRARIES = HostMount(name="nvidia", host_path="/home/kubernetes/bin/nvidia/lib64", mount_path=_LIBRARIES)
_GIB = HostMount(name="gib", host_path="/home/kubernetes/bin/gib", mount_path="/usr/local/gib")
_SYSFS = HostMount(name="sys", host_path="/sys", mount_path="/hostsysfs", read_only=False)
_PROCFS = HostMount(name="proc-sys", host_path="/proc/sys", mount_path="/hostprocsysfs", read_only=False)
_TCPX_SOCKET = HostMount(name="tcpx-socket", host_path="/run/tcpx", mount_path="/run/tcpx", read_only=False)
_APERTURES = HostMount(
    name="aperture-devices", host_path="/dev/aperture_devices", mount_path="/dev/aperture_devices", read_only=False
)
_LINKED = (("LD_LIBRARY_PATH", _LIBRARIES),)
# The installer copies gIB beside the driver's libraries, where NCCL of a pod without its settings finds the tuner and
# ends with an internal error (llm-d documentation, recipes/modelserver/components/disable-gke-nccl-tuner-patch).
_WITHOUT_GIB = (("NCCL_NET_PLUGIN", "none"), ("NCCL_TUNER_PLUGIN", "none"))
# GKE documentation, "gce-topology" labels of nodes that are placed compactly (cluster-toolkit, Kueue topology).
_NEAR = ("cloud.google.com/gce-topology-block", "cloud.google.com/gce-topology-subblock")
_RXDM = "/fts/entrypoint_rxdm_container.sh"
_GPU_DEVICES = tuple(f"/dev/nvidia{index}" for index in range(8))
_TCPX_SETTINGS: Variables = (
    ("NCCL_ALGO", "Ring"),
    ("NCCL_CROSS_NIC", "0"),
    ("NCCL_DYNAMIC_CHUNK_SIZE", "524288"),
    ("NCCL_GPUDIRECTTCPX_CTRL_DEV", "eth0"),
    ("NCCL_GPUDIRECTTCPX_FORCE_ACK", "0"),
    ("NCCL_GPUDIRECTTCPX_PROGRAM_FLOW_STEERING_WAIT_MICROS", "1000000"),
    (
        "NCCL_GPUDIRECTTCPX_RX_BINDINGS",
        "eth1:22-35,124-139;eth2:22-35,124-139;eth3:74-87,178-191;eth4:74-87,178-191",
    ),
    ("NCCL_GPUDIRECTTCPX_SOCKET_IFNAME", "eth1,eth2,eth3,eth4"),
    ("NCCL_GPUDIRECTTCPX_TX_BINDINGS", "eth1:8-21,112-125;eth2:8-21,112-125;eth3:60-73,164-177;eth4:60-73,164-177"),
    ("NCCL_GPUDIRECTTCPX_TX_COMPLETION_NANOSLEEP", "1000"),
    # The manifest lays the socket below /tmp, which is a volume of the server's own here.
    ("NCCL_GPUDIRECTTCPX_UNIX_CLIENT_PREFIX", "/run/tcpx"),
    ("NCCL_MAX_NCHANNELS", "8"),
    ("NCCL_MIN_NCHANNELS", "8"),
    ("NCCL_NET_GDR_LEVEL", "PIX"),
    ("NCCL_NSOCKS_PERTHREAD", "4"),
    ("NCCL_P2P_NET_CHUNKSIZE", "524288"),
    ("NCCL_P2P_NVL_CHUNKSIZE", "1048576"),
    ("NCCL_P2P_PCI_CHUNKSIZE", "524288"),
    ("NCCL_P2P_PXN_LEVEL", "0"),
    ("NCCL_PROTO", "Simple"),
    ("NCCL_SOCKET_NTHREADS", "1"),
)


def gke_fabric(machine: InstanceType, general: FabricProfile, mode: GpuNetworks) -> FabricProfile:
    """The profile of a pool on GKE.

    Args:
        machine: Its machine type, with the cards that the pool uses.
        general: What follows from the cards.
        mode: How cards become networks of pods.
    """
    match machine.rdma:
        case Transport.GPUDIRECT_TCPX:
            changes = _tcpx(general)
        case Transport.GPUDIRECT_TCPXO:
            changes = _tcpxo(general)
        case Transport.ROCE:
            changes = _roce(machine, general)
        case _:
            return general
    found = general.model_copy(update={**changes, "near": (*_NEAR, *general.near)})
    if uses_dranet(machine.name, mode):
        claim = DeviceClaim(name="rdma", device_class=RDMA_CLASS, count=machine.rdma_nics)
        return found.model_copy(update={"claims": (claim,)})
    networks = _networks(machine, mode)
    return found.model_copy(update={"networks": networks, "annotations": (*_interfaces(networks), *found.annotations)})


def _networks(machine: InstanceType, mode: GpuNetworks) -> tuple[CardNetwork, ...]:
    found = gpu_networks(machine.name, mode)
    cards = [network for network in found if network.mode is DeviceMode.RDMA] or list(found)
    # The manifests leave eth1 to the network that RDMA machines have besides.
    first = 1 if len(cards) == len(found) else 2
    return tuple(
        CardNetwork(name=card.name, interface=f"eth{first + index}", resource=f"networking.gke.io.networks/{card.name}")
        for index, card in enumerate(cards)
    )


def _interfaces(networks: Sequence[CardNetwork]) -> Variables:
    pairs = [("eth0", "default"), *((network.interface, network.name) for network in networks)]
    listed = json.dumps([{"interfaceName": interface, "network": name} for interface, name in pairs])
    return (("networking.gke.io/default-interface", "eth0"), ("networking.gke.io/interfaces", listed))


def _devices(container: str, *others: str) -> tuple[str, str]:
    """What the device injector on the node gives to a container besides what it asks for."""
    lines = "".join(f"- path: {path}\n" for path in (*_GPU_DEVICES, *others))
    return f"devices.gke.io/container.{container}", lines


def _roce(machine: InstanceType, general: FabricProfile) -> dict[str, object]:
    # On the bare metal of A4X Max the plugin is in the image, and there is no script.
    has_gib = not machine.name.endswith("-metal")
    return {
        "environment": (*general.environment, *_LINKED),
        "inside_environment": _WITHOUT_GIB if has_gib else (),
        "mounts": (_DRIVER, _GIB) if has_gib else (_DRIVER,),
        "settings_script": "/usr/local/gib/scripts/set_nccl_env.sh" if has_gib else "",
    }


def _tcpx(general: FabricProfile) -> dict[str, object]:
    return {
        "environment": (*general.environment, *_TCPX_SETTINGS, *_LINKED),
        "capabilities": ("IPC_LOCK",),
        "mounts": (_DRIVER_LIBRARIES, _TCPX_SOCKET),
        "daemon": TrafficDaemon(
            name="tcpx-daemon",
            image="tcpx-daemon",
            command=(
                *("/tcpgpudmarxd/build/app/tcpgpudmarxd", "--gpu_nic_preset", "a3vm", "--gpu_shmem_type", "fd"),
                *("--uds_path", "/run/tcpx", "--setup_param", "--verbose 128 2 0 "),
            ),
            capabilities=("NET_ADMIN",),
            mounts=(_DRIVER_LIBRARIES, _TCPX_SOCKET, _SYSFS, _PROCFS),
            environment=_LINKED,
        ),
        "annotations": (_devices("tcpx-daemon", "/dev/nvidiactl", "/dev/nvidia-uvm"),),
    }


def _tcpxo(general: FabricProfile) -> dict[str, object]:
    return {
        "environment": (
            *general.environment,
            *_LINKED,
            ("NCCL_FASTRAK_LLCM_DEVICE_DIRECTORY", "/dev/aperture_devices"),
            ("NCCL_LIB_DIR", _LIBRARIES),
        ),
        "mounts": (_DRIVER_LIBRARIES, _APERTURES),
        "shared_memory": ByteSize.gib(1),
        # Its values belong to the installed plugin, whose own check refuses others (NVIDIA/aicr pull request 422).
        "settings_script": f"{_LIBRARIES}/nccl-env-profile.sh",
        "daemon": TrafficDaemon(
            name="tcpxo-daemon",
            image="tcpxo-daemon",
            command=(
                *("/bin/sh", "-c"),
                f"set -ex; chmod 755 {_RXDM}; exec {_RXDM} --num_hops=2 --num_nics=8 --uid= --alsologtostderr",
            ),
            capabilities=("NET_ADMIN", "NET_BIND_SERVICE"),
            mounts=(_DRIVER_LIBRARIES, _SYSFS, _PROCFS),
            environment=_LINKED,
        ),
        "annotations": (_devices("tcpxo-daemon", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/dmabuf_import_helper"),),
    }
