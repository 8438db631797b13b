/* What the files of the stand-in for libnvidia-ml.so.1 share: NVML's own types, as far as they are used, and the GPUs.
 *
 * Layouts and numbers: NVIDIA/go-nvml v0.13.0, gen/nvml/nvml.h. Functions that nothing calls are left out: a program that
 * needs another one ends when it first calls it.
 */
#ifndef STRATA_NVML_H
#define STRATA_NVML_H

#define PUBLIC __attribute__((visibility("default")))
#define MOST_GPUS 16
#define MOST_PARTITIONS 7
#define MOST_PROFILES 16

enum {
    SUCCESS = 0,
    INVALID_ARGUMENT = 2,
    NOT_SUPPORTED = 3,
    NOT_FOUND = 6,
    INSUFFICIENT_SIZE = 7,
    DRIVER_NOT_LOADED = 9,
    TIMEOUT = 10,
};

typedef unsigned int u32;
typedef unsigned long long u64;
typedef struct Device Device;

typedef struct {
    char busIdLegacy[16];
    u32 domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} PciInfo;

/* A kind of partition, as the planner's table has it; `nvml` is the number of NVML's GPU instance profile. */
typedef struct {
    char name[32];
    u32 nvml, slices, most, memorySlices;
    u64 memoryMib;
} Profile;

struct Device {
    u32 index;
    char uuid[64];
    Device *parent;          /* of a partition; 0 for a GPU */
    const Profile *profile;  /* of a partition */
    u32 instance, start;     /* of a partition */
    u32 partitionCount;      /* of a GPU */
    Device *partitions[MOST_PARTITIONS];
};

/* What the facts file says. */
typedef struct {
    u32 count, profileCount, links, cudaVersion;
    int partitioned;
    u64 memoryMib;
    u32 computeMajor, computeMinor;
    u32 clique;
    char name[96], driver[80], seed[128], fabric[33];
    Profile profiles[MOST_PROFILES];
    char layout[MOST_PARTITIONS][32]; /* profiles of one GPU's partitions, the same for every GPU */
    u32 layoutCount;
    char events[512];
} Facts;

extern Facts facts;
extern Device gpus[MOST_GPUS];

int read_facts(void);
void make_devices(void);
int is_gpu(const Device *device);
int copy_text(char *out, u32 size, const char *text);

#endif
