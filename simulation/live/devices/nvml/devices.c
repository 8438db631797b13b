/* The GPUs and their partitions, made from the facts. UUIDs come from the seed, so that they outlive a restart. */
#include "nvml.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

Device gpus[MOST_GPUS];
static Device partitions[MOST_GPUS * MOST_PARTITIONS];

static void make_uuid(char *out, const char *kind, u32 gpu, u32 partition) {
    char text[256];
    snprintf(text, sizeof text, "%s/%s/%u/%u", facts.seed, kind, gpu, partition);
    uint64_t high = 1469598103934665603ULL; /* FNV-1a, mixed once more for the lower half */
    for (const char *c = text; *c; c++) high = (high ^ (unsigned char)*c) * 1099511628211ULL;
    uint64_t low = high * 0x9E3779B97F4A7C15ULL;
    low = (low ^ (low >> 29)) * 0xBF58476D1CE4E5B9ULL;
    high ^= low >> 31;
    sprintf(out, "%s-%08x-%04x-%04x-%04x-%012llx", kind, (u32)(high >> 32), (u32)(high >> 16) & 0xffff,
            (u32)(high & 0xffff), (u32)(low >> 48), (u64)(low & 0xffffffffffffULL));
}

static const Profile *profile_named(const char *name) {
    for (u32 i = 0; i < facts.profileCount; i++)
        if (!strcmp(facts.profiles[i].name, name)) return &facts.profiles[i];
    return 0;
}

static void cut(Device *gpu) {
    u32 start = 0;
    for (u32 i = 0; i < facts.layoutCount; i++) {
        const Profile *profile = profile_named(facts.layout[i]);
        if (!profile) continue;
        Device *made = &partitions[gpu->index * MOST_PARTITIONS + gpu->partitionCount];
        made->index = gpu->partitionCount;
        made->parent = gpu;
        made->profile = profile;
        made->instance = gpu->partitionCount + 1;
        made->start = start;
        start += profile->memorySlices;
        make_uuid(made->uuid, "MIG", gpu->index, made->index);
        gpu->partitions[gpu->partitionCount++] = made;
    }
}

void make_devices(void) {
    memset(gpus, 0, sizeof gpus);
    memset(partitions, 0, sizeof partitions);
    for (u32 i = 0; i < facts.count; i++) {
        gpus[i].index = i;
        make_uuid(gpus[i].uuid, "GPU", i, 0);
        cut(&gpus[i]);
    }
}

int is_gpu(const Device *device) { return !device->parent; }

PUBLIC int nvmlDeviceGetCount_v2(u32 *count) {
    *count = facts.count;
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetHandleByIndex_v2(u32 index, Device **device) {
    if (index >= facts.count) return INVALID_ARGUMENT;
    *device = &gpus[index];
    return SUCCESS;
}

PUBLIC int nvmlDeviceGetHandleByUUID(const char *uuid, Device **device) {
    for (u32 i = 0; i < facts.count; i++) {
        if (!strcmp(uuid, gpus[i].uuid)) return *device = &gpus[i], SUCCESS;
        for (u32 j = 0; j < gpus[i].partitionCount; j++)
            if (!strcmp(uuid, gpus[i].partitions[j]->uuid)) return *device = gpus[i].partitions[j], SUCCESS;
    }
    return NOT_FOUND;
}
