/* How near GPUs are to each other, by which the plugin prefers some. Their links end at switches, as in HGX machines. */
#include "nvml.h"

#include <stdio.h>
#include <string.h>

enum { SAME_NUMA_NODE = 40, OTHER_NUMA_NODE = 50, GPUS_OF_A_SOCKET = 4 };

PUBLIC int nvmlDeviceGetTopologyCommonAncestor(Device *one, Device *other, u32 *level) {
    *level = one->index / GPUS_OF_A_SOCKET == other->index / GPUS_OF_A_SOCKET ? SAME_NUMA_NODE : OTHER_NUMA_NODE;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetNvLinkState(Device *device, u32 link, u32 *active) {
    (void)device;
    if (!facts.links) return NOT_SUPPORTED;
    if (link >= facts.links) return INVALID_ARGUMENT;
    *active = 1;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetNvLinkRemotePciInfo_v2(Device *device, u32 link, PciInfo *info) {
    (void)device;
    memset(info, 0, sizeof *info);
    info->bus = 0xf0 + link % 4;
    snprintf(info->busId, sizeof info->busId, "00000000:%02X:00.0", info->bus);
    snprintf(info->busIdLegacy, sizeof info->busIdLegacy, "0000:%02X:00.0", info->bus);
    return SUCCESS;
}
