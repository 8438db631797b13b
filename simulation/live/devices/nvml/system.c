/* The library itself, and what is said of driver and CUDA. */
#include "nvml.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Programs begin and end it often; the facts are read once, as handles have to stay what they are. */
static int begin(void) {
    static int state = DRIVER_NOT_LOADED;
    pthread_mutex_lock(&lock);
    if (state != SUCCESS && (state = read_facts()) == SUCCESS) make_devices();
    pthread_mutex_unlock(&lock);
    return state;
}

PUBLIC int nvmlInit_v2(void) { return begin(); }
PUBLIC int nvmlInitWithFlags(u32 flags) { return (void)flags, begin(); }
PUBLIC int nvmlShutdown(void) { return SUCCESS; }

PUBLIC const char *nvmlErrorString(int code) {
    switch (code) {
        case SUCCESS: return "Success";
        case INVALID_ARGUMENT: return "Invalid Argument";
        case NOT_SUPPORTED: return "Not Supported";
        case NOT_FOUND: return "Not Found";
        case INSUFFICIENT_SIZE: return "Insufficient Size";
        case DRIVER_NOT_LOADED: return "Driver Not Loaded";
        case TIMEOUT: return "Timeout";
    }
    return "Unknown Error";
}

PUBLIC int nvmlSystemGetDriverVersion(char *out, u32 size) { return copy_text(out, size, facts.driver); }
PUBLIC int nvmlSystemGetNVMLVersion(char *out, u32 size) { return copy_text(out, size, facts.driver); }

PUBLIC int nvmlSystemGetCudaDriverVersion(int *version) {
    *version = (int)facts.cudaVersion;
    return SUCCESS;
}

PUBLIC int nvmlSystemGetCudaDriverVersion_v2(int *version) { return nvmlSystemGetCudaDriverVersion(version); }
