/* A test double of libnvidia-ml.so.1: the calls of NVML's C interface that Stoker makes, below the real nvidia-ml-py.

   It checks our code against NVML's interface, not a GPU's behaviour. Its state is a text file named by FAKE_NVML,
   read anew on every call, with one "key=value" a line; a key is "count" or "gpu<i>.<what>". The value "!<code>" makes
   that call return the code. A key that is absent means NOT_SUPPORTED. "hang=1" makes every call wait until it is
   taken back. Each call is written to the file named by FAKE_NVML_CALLS, if that is set. Compiled with -DOLD_DRIVER the
   symbols that older drivers lack are missing. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int Return;
typedef struct device { int index; } *Device;
enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, GPU_IS_LOST = 15 };

static int initialised;
static struct device devices[16];

static int look_up(const char *key, char *out, size_t room) {
    const char *path = getenv("FAKE_NVML");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[512];
    size_t length = strlen(key);
    int found = 0;
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, key, length) || line[length] != '=') continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(out, room, "%s", line + length + 1);
        found = 1;
    }
    fclose(file);
    return found;
}

static Return text(int gpu, const char *what, char *out, size_t room) {
    char key[128];
    if (gpu < 0) snprintf(key, sizeof key, "%s", what);
    else snprintf(key, sizeof key, "gpu%d.%s", gpu, what);
    if (!look_up(key, out, room)) return NOT_SUPPORTED;
    return out[0] == '!' ? atoi(out + 1) : SUCCESS;
}

static Return number(int gpu, const char *what, unsigned long long *out) {
    char value[128];
    Return code = text(gpu, what, value, sizeof value);
    if (code == SUCCESS) *out = strtoull(value, NULL, 10);
    return code;
}

static Return whole(int gpu, const char *what, unsigned *out) {
    unsigned long long value = 0;
    Return code = number(gpu, what, &value);
    if (code == SUCCESS) *out = (unsigned)value;
    return code;
}

static Return enter(const char *call) {
    const char *path = getenv("FAKE_NVML_CALLS");
    FILE *file = path ? fopen(path, "a") : NULL;
    unsigned hang;
    if (file) { fprintf(file, "%s\n", call); fclose(file); }
    while (hang = 0, whole(-1, "hang", &hang) == SUCCESS && hang) usleep(5000);
    return SUCCESS;
}

static Return ask_device(const char *call, Device device) {
    unsigned lost = 0;
    Return code;
    enter(call);
    if (!initialised) return UNINITIALIZED;
    if (!device) return INVALID_ARGUMENT;
    unsigned gone = 0;
    if ((code = whole(-1, "driver", &gone)) != SUCCESS && code != NOT_SUPPORTED) return code;
    if (whole(device->index, "lost", &lost) == SUCCESS && lost) return GPU_IS_LOST;
    return SUCCESS;
}

#define ASK(device) do { Return refused = ask_device(__func__, device); if (refused) return refused; } while (0)
#define GETTER(name, what) Return name(Device device, unsigned *out) { ASK(device); return whole(device->index, what, out); }
#define GETTER64(name, what) \
    Return name(Device device, unsigned long long *out) { ASK(device); return number(device->index, what, out); }

Return nvmlInitWithFlags(unsigned flags) {
    unsigned ignored;
    Return code = whole(-1, "init", &ignored);
    (void)flags;
    enter(__func__);
    if (code != SUCCESS && code != NOT_SUPPORTED) return code;
    initialised = 1;
    return SUCCESS;
}

Return nvmlShutdown(void) {
    enter(__func__);
    if (!initialised) return UNINITIALIZED;
    initialised = 0;
    return SUCCESS;
}

const char *nvmlErrorString(Return code) { return code == GPU_IS_LOST ? "GPU is lost" : "Unknown Error"; }

Return nvmlDeviceGetCount_v2(unsigned *out) {
    enter(__func__);
    return initialised ? whole(-1, "count", out) : UNINITIALIZED;
}

Return nvmlDeviceGetHandleByIndex_v2(unsigned index, Device *out) {
    unsigned lost = 0;
    enter(__func__);
    if (!initialised) return UNINITIALIZED;
    if (index >= 16) return INVALID_ARGUMENT;
    if (whole((int)index, "lost", &lost) == SUCCESS && lost) return GPU_IS_LOST;
    devices[index].index = (int)index;
    *out = &devices[index];
    return SUCCESS;
}

Return nvmlDeviceGetName(Device device, char *out, unsigned room) {
    ASK(device);
    return text(device->index, "name", out, room);
}

Return nvmlDeviceGetUUID(Device device, char *out, unsigned room) {
    ASK(device);
    return text(device->index, "uuid", out, room);
}

Return nvmlDeviceGetTemperature(Device device, int sensor, unsigned *out) {
    ASK(device);
    return sensor ? INVALID_ARGUMENT : whole(device->index, "temperature", out);
}

#ifndef OLD_DRIVER
struct temperature { unsigned version; int sensor; int degrees; };
Return nvmlDeviceGetTemperatureV(Device device, struct temperature *out) {
    unsigned degrees = 0;
    ASK(device);
    if (out->version != (sizeof *out | 1u << 24)) return 25; /* ARGUMENT_VERSION_MISMATCH */
    Return code = whole(device->index, out->sensor ? "hot_spot" : "temperature", &degrees);
    out->degrees = (int)degrees;
    return code;
}
GETTER64(nvmlDeviceGetCurrentClocksEventReasons, "reasons")
#endif
GETTER64(nvmlDeviceGetCurrentClocksThrottleReasons, "reasons")

Return nvmlDeviceGetTemperatureThreshold(Device device, int threshold, unsigned *out) {
    ASK(device);
    return whole(device->index, threshold == 0 ? "shutdown" : threshold == 1 ? "slowdown" : "other", out);
}

GETTER(nvmlDeviceGetPowerUsage, "power_mw")
GETTER(nvmlDeviceGetEnforcedPowerLimit, "enforced_mw")
GETTER(nvmlDeviceGetPowerManagementLimit, "limit_mw")
GETTER(nvmlDeviceGetPowerManagementDefaultLimit, "default_mw")
GETTER64(nvmlDeviceGetTotalEnergyConsumption, "energy_mj")
GETTER(nvmlDeviceGetFanSpeed, "fan")

Return nvmlDeviceGetClockInfo(Device device, int domain, unsigned *out) {
    ASK(device);
    return whole(device->index, domain == 0 ? "clock" : domain == 2 ? "memory_clock" : "other", out);
}

struct utilisation { unsigned gpu, memory; };
Return nvmlDeviceGetUtilizationRates(Device device, struct utilisation *out) {
    ASK(device);
    out->memory = 0;
    return whole(device->index, "utilisation", &out->gpu);
}

struct memory { unsigned long long total, free, used; };
Return nvmlDeviceGetMemoryInfo(Device device, struct memory *out) {
    ASK(device);
    Return code = number(device->index, "memory_total", &out->total);
    if (code) return code;
    code = number(device->index, "memory_used", &out->used);
    out->free = out->total - out->used;
    return code;
}

struct field_value {
    unsigned field, scope;
    long long timestamp, latency;
    unsigned type;
    Return code;
    union { double d; unsigned ui; unsigned long long ull; } value;
};
Return nvmlDeviceGetFieldValues(Device device, int count, struct field_value *values) {
    ASK(device);
    for (int i = 0; i < count; i++) {
        values[i].type = 1; /* UNSIGNED_INT */
        values[i].code = values[i].field == 82 ? whole(device->index, "memory_temperature", &values[i].value.ui)
                                               : NOT_SUPPORTED;
    }
    return SUCCESS;
}
