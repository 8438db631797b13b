/* What a GPU or a partition says of itself. */
#include "nvml.h"

#include <stdio.h>
#include <string.h>

typedef struct { u64 total, free, used; } Memory;
typedef struct { u32 version; u64 total, reserved, free, used; } Memory2;
typedef struct { unsigned char cluster[16]; u32 status, clique; unsigned char state; } Fabric;

enum { BRAND_NVIDIA = 14, FABRIC_COMPLETED = 3, NVIDIA_VENDOR = 0x10de };

static u64 bytes_of(const Device *device) {
    return (is_gpu(device) ? facts.memoryMib : device->profile->memoryMib) << 20;
}

PUBLIC int nvmlDeviceGetUUID(Device *device, char *out, u32 size) { return copy_text(out, size, device->uuid); }

PUBLIC int nvmlDeviceGetName(Device *device, char *out, u32 size) {
    char text[160];
    if (is_gpu(device)) return copy_text(out, size, facts.name);
    snprintf(text, sizeof text, "%s MIG %s", facts.name, device->profile->name);
    return copy_text(out, size, text);
}

PUBLIC int nvmlDeviceGetBrand(Device *device, u32 *brand) {
    (void)device;
    *brand = BRAND_NVIDIA;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetIndex(Device *device, u32 *index) {
    *index = device->index;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetMinorNumber(Device *device, u32 *minor) {
    *minor = is_gpu(device) ? device->index : device->parent->index;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetPciInfo_v3(Device *device, PciInfo *info) {
    u32 index = is_gpu(device) ? device->index : device->parent->index;
    memset(info, 0, sizeof *info);
    info->bus = 0x10 + index;
    info->pciDeviceId = NVIDIA_VENDOR;
    snprintf(info->busId, sizeof info->busId, "00000000:%02X:00.0", info->bus);
    snprintf(info->busIdLegacy, sizeof info->busIdLegacy, "0000:%02X:00.0", info->bus);
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
    memory->total = memory->free = bytes_of(device);
    memory->used = 0;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetMemoryInfo_v2(Device *device, Memory2 *memory) {
    memory->total = memory->free = bytes_of(device);
    memory->used = memory->reserved = 0;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetCudaComputeCapability(Device *device, int *major, int *minor) {
    (void)device;
    *major = (int)facts.computeMajor;
    *minor = (int)facts.computeMinor;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetGpuFabricInfo(Device *device, Fabric *fabric) {
    (void)device;
    if (!*facts.fabric) return NOT_SUPPORTED;
    memset(fabric, 0, sizeof *fabric);
    for (int i = 0; i < 16; i++) {
        u32 byte = 0;
        sscanf(facts.fabric + 2 * i, "%2x", &byte);
        fabric->cluster[i] = (unsigned char)byte;
    }
    fabric->clique = facts.clique;
    fabric->state = FABRIC_COMPLETED;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetAddressingMode(Device *device, void *mode) { return (void)device, (void)mode, NOT_SUPPORTED; }
