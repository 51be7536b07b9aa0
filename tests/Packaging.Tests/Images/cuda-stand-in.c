// The calls of CUDA's runtime that have to give something back, for a test of what calls them: memory is the machine's, nothing is computed.
#include <stdlib.h>
#include <string.h>

static int give(void **to, size_t bytes)
{
    if (posix_memalign(to, 256, bytes ? bytes : 1)) return 2;
    memset(*to, 0, bytes);
    return 0;
}

static int handle(void **to) { *to = (void *)8192; return 0; }

int cudaGetDeviceCount(int *count) { *count = 1; return 0; }
int cudaGetDevice(int *device) { *device = 0; return 0; }
int cudaSetDevice(int device) { return device; }
int cudaDriverGetVersion(int *version) { *version = 13000; return 0; }
int cudaRuntimeGetVersion(int *version) { *version = 13000; return 0; }

// Attributes that are asked for: 1 threads of a block, 10 threads of a warp, 16 multiprocessors, 75 and 76 the compute capability.
int cudaDeviceGetAttribute(int *value, int attribute, int device)
{
    *value = attribute == 1 ? 1024 : attribute == 10 ? 32 : attribute == 16 ? 132 : attribute == 75 ? 9 : attribute == 76 ? 0 : 1;
    return device;
}

// Places of the members in cudaDeviceProp of CUDA 13 that are read when a provider is made.
int cudaGetDeviceProperties(char *properties, int device)
{
    memset(properties, 0, 512);
    strcpy(properties, "stand-in");
    *(size_t *)(properties + 288) = 80UL << 30;
    *(int *)(properties + 308) = 32;
    *(int *)(properties + 320) = 1024;
    *(int *)(properties + 360) = 9;
    return device;
}

int cudaMemGetInfo(size_t *free_bytes, size_t *total) { *free_bytes = 70UL << 30; *total = 80UL << 30; return 0; }
int cudaMalloc(void **to, size_t bytes) { return give(to, bytes); }
int cudaMallocHost(void **to, size_t bytes) { return give(to, bytes); }
int cudaHostAlloc(void **to, size_t bytes, unsigned flags) { return give(to, bytes); }
int cudaFree(void *memory) { free(memory); return 0; }
int cudaFreeHost(void *memory) { free(memory); return 0; }
int cudaMemcpy(void *to, const void *from, size_t bytes, int kind) { memcpy(to, from, bytes); return 0; }
int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream) { memcpy(to, from, bytes); return 0; }
int cudaMemset(void *to, int value, size_t bytes) { memset(to, value, bytes); return 0; }
int cudaMemsetAsync(void *to, int value, size_t bytes, void *stream) { memset(to, value, bytes); return 0; }
int cudaStreamCreate(void **stream) { return handle(stream); }
int cudaStreamCreateWithFlags(void **stream, unsigned flags) { return handle(stream); }
int cudaEventCreate(void **event) { return handle(event); }
int cudaEventCreateWithFlags(void **event, unsigned flags) { return handle(event); }
int cudaLaunchHostFunc(void *stream, void (*function)(void *), void *argument) { function(argument); return 0; }
int cudaGetDriverEntryPointByVersion(const char *name, void **to) { *to = 0; return 500; }
const char *cudaGetErrorName(int code) { return "stand-in"; }
const char *cudaGetErrorString(int code) { return "stand-in"; }
void **__cudaRegisterFatBinary(void *binary) { static void *registered; return &registered; }
