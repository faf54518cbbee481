/* A test double of libnvidia-ml.so.1: the calls of NVML's C interface that Stoker makes, below the real nvidia-ml-py.

   It checks our code against NVML's interface, not a GPU's behaviour. Its state is a text file named by FAKE_NVML,
   with one "key=value" a line; a key is "count" or "gpu<i>.<what>". It is read anew whenever it has changed. The value
   "!<code>" makes that call return the code. A key that is absent means NOT_SUPPORTED. "hang=1" makes every call wait
   until it is taken back. Each call is written to the file named by FAKE_NVML_CALLS, if that is set, with "main:" before
   it if the process's main thread made it; what our code sets on the card ("root=1" permits it) is appended to the
   state. Compiled with -DOLD_DRIVER the symbols that older drivers
   lack are missing. */

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int Return;
typedef struct device { int index; } *Device;
enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4,
       INSUFFICIENT_SIZE = 7, TIMEOUT = 10, GPU_IS_LOST = 15 };
enum { CARDS = 16, ENTRIES = 1024, BUCKETS = 4096 };

static int initialised; /* how many times, as NVML counts */
static struct device devices[CARDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { char key[64], value[192]; } entries[ENTRIES];
static int count, buckets[BUCKETS]; /* number of the entry, from 1 */
static struct stat seen;

static unsigned bucket_of(const char *key) {
    unsigned hash = 5381;
    while (*key) hash = hash * 33 + (unsigned char)*key++;
    return hash % BUCKETS;
}

/* The entry of this key, or its free bucket. The last line of a key counts. */
static int *find(const char *key) {
    unsigned at = bucket_of(key);
    while (buckets[at] && strcmp(entries[buckets[at] - 1].key, key)) at = (at + 1) % BUCKETS;
    return &buckets[at];
}

static void refresh(const char *path) {
    struct stat now;
    char line[512];
    if (stat(path, &now)) { count = 0; memset(buckets, 0, sizeof buckets); return; }
    if (now.st_ino == seen.st_ino && now.st_size == seen.st_size && now.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == seen.st_mtim.tv_nsec) return;
    FILE *file = fopen(path, "r");
    if (!file) return;
    seen = now;
    count = 0;
    memset(buckets, 0, sizeof buckets);
    while (fgets(line, sizeof line, file)) {
        char *equals = strchr(line, '=');
        if (!equals || count == ENTRIES) continue;
        line[strcspn(line, "\n")] = 0;
        *equals = 0;
        int *place = find(line);
        if (!*place) *place = ++count;
        snprintf(entries[*place - 1].key, sizeof entries->key, "%s", line);
        snprintf(entries[*place - 1].value, sizeof entries->value, "%s", equals + 1);
    }
    fclose(file);
}

static int look_up(const char *key, char *out, size_t room) {
    const char *path = getenv("FAKE_NVML");
    int found = 0;
    if (!path) return 0;
    pthread_mutex_lock(&lock);
    refresh(path);
    int *place = find(key);
    if (*place) {
        snprintf(out, room, "%s", entries[*place - 1].value);
        found = 1;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static void put(int gpu, const char *what, unsigned value) {
    const char *path = getenv("FAKE_NVML");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "gpu%d.%s=%u\n", gpu, what, value);
    fclose(file);
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
    if (file) { fprintf(file, "%s%s\n", gettid() == getpid() ? "main:" : "", call); fclose(file); }
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
    initialised++;
    return SUCCESS;
}

Return nvmlShutdown(void) {
    enter(__func__);
    if (!initialised) return UNINITIALIZED;
    initialised--;
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
    if (index >= CARDS) return INVALID_ARGUMENT;
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

Return nvmlSystemGetDriverVersion(char *out, unsigned room) {
    enter(__func__);
    return text(-1, "driver_version", out, room);
}

Return nvmlSystemGetNVMLVersion(char *out, unsigned room) {
    enter(__func__);
    return text(-1, "nvml_version", out, room);
}

struct pci { char legacy[16]; unsigned domain, bus, device, device_id, subsystem_id; char address[32]; };
Return nvmlDeviceGetPciInfo_v3(Device device, struct pci *out) {
    ASK(device);
    memset(out, 0, sizeof *out);
    return text(device->index, "address", out->address, sizeof out->address);
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

struct margin { unsigned version; int degrees; };
Return nvmlDeviceGetMarginTemperature(Device device, struct margin *out) {
    unsigned degrees = 0;
    ASK(device);
    if (out->version != (sizeof *out | 1u << 24)) return 25;
    Return code = whole(device->index, "margin", &degrees);
    out->degrees = (int)degrees;
    return code;
}
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
GETTER(nvmlDeviceGetCurrPcieLinkGeneration, "pcie_generation")
GETTER(nvmlDeviceGetMaxPcieLinkGeneration, "pcie_generation_max")
GETTER(nvmlDeviceGetCurrPcieLinkWidth, "pcie_width")
GETTER(nvmlDeviceGetMaxPcieLinkWidth, "pcie_width_max")
GETTER(nvmlDeviceGetPcieReplayCounter, "pcie_replays")

Return nvmlDeviceGetPowerManagementLimitConstraints(Device device, unsigned *least, unsigned *most) {
    ASK(device);
    Return code = whole(device->index, "min_mw", least);
    return code ? code : whole(device->index, "max_mw", most);
}

Return nvmlDeviceSetPowerManagementLimit(Device device, unsigned limit) {
    unsigned root = 0, least = 0, most = 0;
    ASK(device);
    if (whole(-1, "root", &root) || !root) return NO_PERMISSION;
    if (whole(device->index, "min_mw", &least) || whole(device->index, "max_mw", &most)) return NOT_SUPPORTED;
    if (limit < least || limit > most) return INVALID_ARGUMENT;
    put(device->index, "limit_mw", limit);
    put(device->index, "enforced_mw", limit);
    return SUCCESS;
}

Return nvmlDeviceGetMigMode(Device device, unsigned *now, unsigned *pending) {
    ASK(device);
    Return code = whole(device->index, "mig", now);
    *pending = *now;
    return code;
}

Return nvmlDeviceGetTotalEccErrors(Device device, int error, int counter, unsigned long long *out) {
    ASK(device);
    if (counter != 1) return INVALID_ARGUMENT;
    return number(device->index, error ? "ecc_uncorrected" : "ecc_corrected", out);
}

Return nvmlDeviceGetRemappedRows(Device device, unsigned *use, unsigned *error, unsigned *pending, unsigned *failed) {
    ASK(device);
    Return code = whole(device->index, "remapped_rows", error);
    *use = *pending = *failed = 0;
    if (code) return code;
    whole(device->index, "remap_pending", pending);
    whole(device->index, "remap_failed", failed);
    return SUCCESS;
}

/* "pid:MiB,pid:MiB"; a process without a number of MiB is one whose memory the driver does not tell. */
struct process { unsigned pid; unsigned long long memory; unsigned gpu_instance, compute_instance; };
static Return processes(Device device, const char *what, unsigned *room, struct process *out) {
    char listed[192], *rest = listed, *item;
    unsigned found = 0;
    Return code = text(device->index, what, listed, sizeof listed);
    if (code) return code;
    struct process all[32];
    while (found < 32 && (item = strtok_r(rest, ",", &rest))) {
        char *colon = strchr(item, ':');
        all[found++] = (struct process){(unsigned)atoi(item), colon ? strtoull(colon + 1, NULL, 10) << 20 : ~0ull, ~0u, ~0u};
    }
    unsigned had = *room;
    *room = found;
    if (!out || had < found) return found ? INSUFFICIENT_SIZE : SUCCESS;
    memcpy(out, all, found * sizeof *out);
    return SUCCESS;
}
Return nvmlDeviceGetComputeRunningProcesses_v3(Device device, unsigned *room, struct process *out) {
    ASK(device);
    return processes(device, "compute", room, out);
}
Return nvmlDeviceGetGraphicsRunningProcesses_v3(Device device, unsigned *room, struct process *out) {
    ASK(device);
    return processes(device, "graphics", room, out);
}

/* Events: "gpu<i>.xid=<serial> <number>" happens once for each new serial. */
struct set { int registered[CARDS], happened[CARDS]; };
struct event { Device device; unsigned long long type, data; unsigned gpu_instance, compute_instance; };
Return nvmlEventSetCreate(struct set **out) {
    enter(__func__);
    *out = calloc(1, sizeof **out);
    return initialised ? SUCCESS : UNINITIALIZED;
}
Return nvmlEventSetFree(struct set *set) {
    enter(__func__);
    free(set);
    return SUCCESS;
}
Return nvmlDeviceRegisterEvents(Device device, unsigned long long types, struct set *set) {
    char ignored[64];
    ASK(device);
    Return code = text(device->index, "events", ignored, sizeof ignored);
    if (code != SUCCESS) return code;
    if (types != 8) return INVALID_ARGUMENT;
    char value[64];
    set->registered[device->index] = 1;
    if (text(device->index, "xid", value, sizeof value) == SUCCESS) set->happened[device->index] = atoi(value);
    return SUCCESS;
}
Return nvmlEventSetWait_v2(struct set *set, struct event *out, unsigned timeout_ms) {
    enter(__func__);
    for (unsigned waited = 0;; waited += 5) {
        for (int gpu = 0; gpu < CARDS; gpu++) {
            char value[64];
            int serial = 0;
            unsigned long long what = 0;
            if (!set->registered[gpu] || text(gpu, "xid", value, sizeof value)) continue;
            if (sscanf(value, "%d %llu", &serial, &what) != 2 || serial == set->happened[gpu]) continue;
            set->happened[gpu] = serial;
            devices[gpu].index = gpu;
            *out = (struct event){&devices[gpu], 8, what, ~0u, ~0u};
            return SUCCESS;
        }
        if (waited >= timeout_ms) return TIMEOUT;
        usleep(5000);
    }
}

Return nvmlDeviceGetMaxClockInfo(Device device, int domain, unsigned *out) {
    ASK(device);
    return whole(device->index, domain == 0 ? "clock_max" : "other", out);
}

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
Return nvmlDeviceGetFieldValues(Device device, int length, struct field_value *values) {
    ASK(device);
    for (int i = 0; i < length; i++) {
        unsigned value = 0;
        int relative = values[i].field == 194; /* SLOWDOWN_TLIMIT */
        values[i].type = relative ? 5 : 1;     /* SIGNED_INT, UNSIGNED_INT */
        values[i].code = values[i].field == 82 ? whole(device->index, "memory_temperature", &value)
                         : relative            ? whole(device->index, "slowdown_margin", &value)
                                               : NOT_SUPPORTED;
        values[i].value.ui = value;
    }
    return SUCCESS;
}
