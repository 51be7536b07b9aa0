using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace InferenceRuntime.Execution.Devices;

/// <summary>The calls of a loaded NVML. Not thread safe.</summary>
internal sealed unsafe class Nvml
{
    private const int Success = 0;
    private const uint MigEnabled = 1;

    /// <summary>Longer than any name or UUID that NVML gives.</summary>
    private const int TextBytes = 96;

    /// <summary>More GPUs, and more parts of one, than any machine has.</summary>
    private const uint CountMax = 64;

    private readonly delegate* unmanaged<int> _init;
    private readonly delegate* unmanaged<int> _shutdown;
    private readonly delegate* unmanaged<int, nint> _errorString;
    private readonly delegate* unmanaged<byte*, uint, int> _driverVersion;
    private readonly delegate* unmanaged<int*, int> _cudaVersion;
    private readonly delegate* unmanaged<uint*, int> _count;
    private readonly delegate* unmanaged<uint, nint*, int> _byIndex;
    private readonly delegate* unmanaged<nint, byte*, uint, int> _uuid;
    private readonly delegate* unmanaged<nint, byte*, uint, int> _name;
    private readonly delegate* unmanaged<nint, Memory*, int> _memory;
    private readonly delegate* unmanaged<nint, int*, int*, int> _capability;
    private readonly delegate* unmanaged<nint, uint*, uint*, int> _migMode;
    private readonly delegate* unmanaged<nint, uint*, int> _migCount;
    private readonly delegate* unmanaged<nint, uint, nint*, int> _migByIndex;

    private Nvml(nint[] calls)
    {
        _init = (delegate* unmanaged<int>)calls[0];
        _shutdown = (delegate* unmanaged<int>)calls[1];
        _errorString = (delegate* unmanaged<int, nint>)calls[2];
        _driverVersion = (delegate* unmanaged<byte*, uint, int>)calls[3];
        _cudaVersion = (delegate* unmanaged<int*, int>)calls[4];
        _count = (delegate* unmanaged<uint*, int>)calls[5];
        _byIndex = (delegate* unmanaged<uint, nint*, int>)calls[6];
        _uuid = (delegate* unmanaged<nint, byte*, uint, int>)calls[7];
        _name = (delegate* unmanaged<nint, byte*, uint, int>)calls[8];
        _memory = (delegate* unmanaged<nint, Memory*, int>)calls[9];
        _capability = (delegate* unmanaged<nint, int*, int*, int>)calls[10];
        _migMode = (delegate* unmanaged<nint, uint*, uint*, int>)calls[11];
        _migCount = (delegate* unmanaged<nint, uint*, int>)calls[12];
        _migByIndex = (delegate* unmanaged<nint, uint, nint*, int>)calls[13];
    }

    /// <summary>The calls of a library; null when it lacks one.</summary>
    public static Nvml? Bind(nint library)
    {
        string[] names =
        [
            "nvmlInit_v2", "nvmlShutdown", "nvmlErrorString", "nvmlSystemGetDriverVersion", "nvmlSystemGetCudaDriverVersion_v2",
            "nvmlDeviceGetCount_v2", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetUUID", "nvmlDeviceGetName", "nvmlDeviceGetMemoryInfo",
            "nvmlDeviceGetCudaComputeCapability", "nvmlDeviceGetMigMode", "nvmlDeviceGetMaxMigDeviceCount", "nvmlDeviceGetMigDeviceHandleByIndex",
        ];
        var calls = new nint[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            if (!NativeLibrary.TryGetExport(library, names[i], out calls[i]))
            {
                return null;
            }
        }

        return new Nvml(calls);
    }

    /// <summary>Every GPU that the driver shows this process.</summary>
    public DeviceReading Read()
    {
        if (_init() is var started and not Success)
        {
            return new DeviceReading.None($"the NVIDIA driver does not answer: {Explain(started)}");
        }

        try
        {
            return ReadDevices();
        }
        finally
        {
            _shutdown();
        }
    }

    private DeviceReading ReadDevices()
    {
        uint count;
        if (_count(&count) is var counted and not Success)
        {
            return new DeviceReading.None($"the NVIDIA driver does not count its GPUs: {Explain(counted)}");
        }

        var devices = ImmutableArray.CreateBuilder<GpuDevice>();
        for (var index = 0u; index < Math.Min(count, CountMax); index++)
        {
            nint device;
            if (_byIndex(index, &device) is Success && Describe(device, (int)index) is { } described)
            {
                devices.Add(described);
            }
        }

        int cuda;
        var version = _cudaVersion(&cuda) is Success ? string.Create(CultureInfo.InvariantCulture, $"{cuda / 1000}.{cuda % 1000 / 10}") : "";
        return new DeviceReading.Found(Text(_driverVersion), version, devices.ToImmutable());
    }

    // A GPU that does not tell its name and memory is broken or being reset: it is left out.
    private GpuDevice? Describe(nint device, int index)
    {
        Memory memory;
        int major, minor;
        if (Text(_uuid, device) is not { Length: > 0 } uuid || _memory(device, &memory) is not Success || _capability(device, &major, &minor) is not Success)
        {
            return null;
        }

        return new GpuDevice(
            index, uuid, Text(_name, device), string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}"), (long)memory.Total, (long)memory.Free, Slices(device));
    }

    // Devices that cannot be divided answer "not supported".
    private ImmutableArray<MigSlice>? Slices(nint device)
    {
        uint mode, pending, count;
        if (_migMode(device, &mode, &pending) is not Success || mode != MigEnabled)
        {
            return null;
        }

        var slices = ImmutableArray.CreateBuilder<MigSlice>();
        for (var index = 0u; _migCount(device, &count) is Success && index < Math.Min(count, CountMax); index++)
        {
            nint slice;
            Memory memory;
            if (_migByIndex(device, index, &slice) is Success && Text(_uuid, slice) is { Length: > 0 } uuid && _memory(slice, &memory) is Success)
            {
                slices.Add(new MigSlice(uuid, Text(_name, slice), (long)memory.Total, (long)memory.Free));
            }
        }

        return slices.ToImmutable();
    }

    private static string Text(delegate* unmanaged<nint, byte*, uint, int> call, nint device)
    {
        var bytes = stackalloc byte[TextBytes];
        return call(device, bytes, TextBytes) is Success ? Text(bytes) : "";
    }

    private static string Text(delegate* unmanaged<byte*, uint, int> call)
    {
        var bytes = stackalloc byte[TextBytes];
        return call(bytes, TextBytes) is Success ? Text(bytes) : "";
    }

    private static string Text(byte* bytes)
    {
        var text = new ReadOnlySpan<byte>(bytes, TextBytes);
        return Encoding.UTF8.GetString(text[..(text.IndexOf((byte)0) is var end and >= 0 ? end : TextBytes)]);
    }

    private string Explain(int code) => $"{Marshal.PtrToStringUTF8(_errorString(code))} ({code.ToString(CultureInfo.InvariantCulture)})";

    /// <summary>Bytes, as <c>nvmlMemory_t</c> has them.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Memory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
