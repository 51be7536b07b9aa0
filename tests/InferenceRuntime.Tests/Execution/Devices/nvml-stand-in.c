// A library with NVML's calls, for tests of what calls them: one whole GPU and one that is divided in two, one of which has gone.
// With FAILS defined, a driver that is not loaded.
#include <string.h>

typedef struct { unsigned long long total, free, used; } nvmlMemory_t;

static int text(const char *value, char *to, unsigned length)
{
    if (strlen(value) >= length) return 7;
    strcpy(to, value);
    return 0;
}

#ifdef FAILS
int nvmlInit_v2(void) { return 9; }
#else
int nvmlInit_v2(void) { return 0; }
#endif
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "Unknown Error"; }
int nvmlSystemGetDriverVersion(char *to, unsigned length) { return text("580.65.06", to, length); }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13010; return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 3; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
    if (index == 2) return 15; // lost
    *device = (void *)(16UL + index);
    return 0;
}
int nvmlDeviceGetUUID(void *device, char *to, unsigned length)
{
    switch ((unsigned long)device)
    {
        case 16: return text("GPU-11111111-2222-3333-4444-555555555555", to, length);
        case 17: return text("GPU-66666666-7777-8888-9999-000000000000", to, length);
        case 32: return text("MIG-aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", to, length);
        default: return 2;
    }
}
int nvmlDeviceGetName(void *device, char *to, unsigned length)
{
    return text((unsigned long)device == 16 ? "NVIDIA H100 80GB HBM3" : (unsigned long)device == 17 ? "NVIDIA A100-SXM4-40GB" : "NVIDIA A100-SXM4-40GB MIG 1g.5gb", to, length);
}
int nvmlDeviceGetMemoryInfo(void *device, nvmlMemory_t *memory)
{
    memory->total = (unsigned long)device == 32 ? 5ULL << 30 : 80ULL << 30;
    memory->free = (unsigned long)device == 32 ? 4ULL << 30 : 79ULL << 30;
    memory->used = memory->total - memory->free;
    return 0;
}
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) { *major = (unsigned long)device == 16 ? 9 : 8; *minor = 0; return 0; }
int nvmlDeviceGetMigMode(void *device, unsigned *current, unsigned *pending)
{
    if ((unsigned long)device == 16) return 3; // not supported
    *current = *pending = 1;
    return 0;
}
int nvmlDeviceGetMaxMigDeviceCount(void *device, unsigned *count) { *count = 7; return 0; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned index, void **slice)
{
    if (index != 4) return 6; // not found
    *slice = (void *)32UL;
    return 0;
}
