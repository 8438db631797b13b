/* The facts file: a line is a word and its value. It is named by STRATA_GPUS, and lies at a fixed place otherwise. */
#include "nvml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_FILE "/run/strata-devices/gpus"

Facts facts;

static void read_profile(const char *value) {
    Profile *profile = &facts.profiles[facts.profileCount];
    if (facts.profileCount < MOST_PROFILES &&
        sscanf(value, "%31s %u %u %u %u %llu", profile->name, &profile->nvml, &profile->slices, &profile->most,
               &profile->memorySlices, &profile->memoryMib) == 6)
        facts.profileCount++;
}

static void read_line(const char *word, const char *value) {
    u32 major = 0, minor = 0;
    if (!strcmp(word, "count")) facts.count = (u32)strtoul(value, 0, 10);
    else if (!strcmp(word, "name")) copy_text(facts.name, sizeof facts.name, value);
    else if (!strcmp(word, "memory_mib")) facts.memoryMib = strtoull(value, 0, 10);
    else if (!strcmp(word, "compute")) sscanf(value, "%u.%u", &facts.computeMajor, &facts.computeMinor);
    else if (!strcmp(word, "driver")) copy_text(facts.driver, sizeof facts.driver, value);
    else if (!strcmp(word, "cuda") && sscanf(value, "%u.%u", &major, &minor) == 2)
        facts.cudaVersion = major * 1000 + minor * 10;
    else if (!strcmp(word, "seed")) copy_text(facts.seed, sizeof facts.seed, value);
    else if (!strcmp(word, "links")) facts.links = (u32)strtoul(value, 0, 10);
    else if (!strcmp(word, "fabric")) sscanf(value, "%32s %u", facts.fabric, &facts.clique);
    else if (!strcmp(word, "profile")) read_profile(value);
    else if (!strcmp(word, "partition") && facts.layoutCount < MOST_PARTITIONS)
        facts.partitioned = !copy_text(facts.layout[facts.layoutCount++], sizeof facts.layout[0], value);
}

int read_facts(void) {
    const char *named = getenv("STRATA_GPUS");
    const char *path = named && *named ? named : DEFAULT_FILE;
    char line[512];
    FILE *file = fopen(path, "re");
    if (!file) return DRIVER_NOT_LOADED;
    memset(&facts, 0, sizeof facts);
    snprintf(facts.events, sizeof facts.events, "%s.xids", path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *value = strchr(line, ' ');
        if (!value || line[0] == '#') continue;
        *value++ = 0;
        read_line(line, value);
    }
    fclose(file);
    if (facts.count > MOST_GPUS) facts.count = MOST_GPUS;
    return SUCCESS;
}

int copy_text(char *out, u32 size, const char *text) {
    if (strlen(text) + 1 > size) return INSUFFICIENT_SIZE;
    strcpy(out, text);
    return SUCCESS;
}
