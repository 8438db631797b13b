/* MIG: GPU instances with one compute instance each. The handles of both are the partition itself. */
#include "nvml.h"

#include <string.h>

typedef struct { u32 sms, copy, decoders, encoders, jpeg, ofa, gpuSlices, computeSlices; u64 memoryMib; } Attributes;
typedef struct { u32 id, peerToPeer, slices, most, sms, copy, decoders, encoders, jpeg, ofa; u64 memoryMib; } GpuProfile;
typedef struct { u32 id, slices, most, sms, copy, decoders, encoders, jpeg, ofa; } ComputeProfile;
typedef struct { u32 start, size; } Placement;
typedef struct { Device *device; u32 id, profile; Placement placement; } GpuInstance;
typedef struct { Device *device; void *instance; u32 id, profile; Placement placement; } ComputeInstance;

/* NVML numbers kinds and, apart from that, what a driver calls them: what is compared has to be the latter. */
enum { GPU_PROFILE_IDS = 100, COMPUTE_PROFILE_IDS = 200 };

/* NVML_COMPUTE_INSTANCE_PROFILE_*: numbers of 1, 2, 3, 4, 7, 8, 6 slices. */
static u32 compute_profile(u32 slices) {
    static const u32 numbers[] = {0, 0, 1, 2, 3, 0, 6, 4, 5};
    return slices < sizeof numbers / sizeof *numbers ? numbers[slices] : 0;
}

PUBLIC int nvmlDeviceGetMigMode(Device *device, u32 *current, u32 *pending) {
    if (!is_gpu(device) || !facts.profileCount) return NOT_SUPPORTED;
    *current = *pending = (u32)facts.partitioned;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetMaxMigDeviceCount(Device *device, u32 *count) {
    (void)device;
    *count = facts.partitioned ? MOST_PARTITIONS : 0;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, u32 index, Device **partition) {
    if (index >= device->partitionCount) return NOT_FOUND;
    *partition = device->partitions[index];
    return SUCCESS;
}

PUBLIC int nvmlDeviceIsMigDeviceHandle(Device *device, u32 *is) {
    *is = !is_gpu(device);
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Device *partition, Device **device) {
    if (is_gpu(partition)) return INVALID_ARGUMENT;
    *device = partition->parent;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetGpuInstanceId(Device *partition, u32 *id) {
    if (is_gpu(partition)) return INVALID_ARGUMENT;
    *id = partition->instance;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetComputeInstanceId(Device *partition, u32 *id) {
    if (is_gpu(partition)) return INVALID_ARGUMENT;
    *id = 0;
    return SUCCESS;
}

/* Multiprocessors and engines are in no table of the project: they are said to be none. */
PUBLIC int nvmlDeviceGetAttributes_v2(Device *partition, Attributes *attributes) {
    if (is_gpu(partition)) return NOT_SUPPORTED;
    memset(attributes, 0, sizeof *attributes);
    attributes->gpuSlices = attributes->computeSlices = partition->profile->slices;
    attributes->memoryMib = partition->profile->memoryMib;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetGpuInstanceProfileInfo(Device *device, u32 number, GpuProfile *info) {
    for (u32 i = 0; is_gpu(device) && i < facts.profileCount; i++) {
        const Profile *profile = &facts.profiles[i];
        if (profile->nvml != number) continue;
        memset(info, 0, sizeof *info);
        info->id = GPU_PROFILE_IDS + number;
        info->slices = profile->slices;
        info->most = profile->most;
        info->memoryMib = profile->memoryMib;
        return SUCCESS;
    }
    return NOT_SUPPORTED;
}

PUBLIC int nvmlDeviceGetGpuInstanceById(Device *device, u32 id, void **instance) {
    for (u32 i = 0; i < device->partitionCount; i++)
        if (device->partitions[i]->instance == id) return *instance = device->partitions[i], SUCCESS;
    return NOT_FOUND;
}

PUBLIC int nvmlGpuInstanceGetInfo(Device *partition, GpuInstance *info) {
    info->device = partition->parent;
    info->id = partition->instance;
    info->profile = GPU_PROFILE_IDS + partition->profile->nvml;
    info->placement.start = partition->start;
    info->placement.size = partition->profile->memorySlices;
    return SUCCESS;
}

PUBLIC int nvmlGpuInstanceGetComputeInstanceById(Device *partition, u32 id, void **instance) {
    if (id) return NOT_FOUND;
    *instance = partition;
    return SUCCESS;
}

PUBLIC int nvmlGpuInstanceGetComputeInstanceProfileInfo(Device *partition, u32 number, u32 engine, ComputeProfile *info) {
    if (engine || number != compute_profile(partition->profile->slices)) return NOT_SUPPORTED;
    memset(info, 0, sizeof *info);
    info->id = COMPUTE_PROFILE_IDS + number;
    info->slices = partition->profile->slices;
    info->most = 1;
    return SUCCESS;
}

PUBLIC int nvmlComputeInstanceGetInfo_v2(Device *partition, ComputeInstance *info) {
    info->device = partition->parent;
    info->instance = partition;
    info->id = 0;
    info->profile = COMPUTE_PROFILE_IDS + compute_profile(partition->profile->slices);
    info->placement.start = 0;
    info->placement.size = partition->profile->slices;
    return SUCCESS;
}
