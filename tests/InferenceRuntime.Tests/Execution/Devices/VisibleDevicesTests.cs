using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Tests.Execution.Devices;

public sealed class VisibleDevicesTests
{
    [Theory]
    [InlineData(null, null, "GPU-a0 GPU-b1 GPU-c2 GPU-d3")]
    [InlineData("all", null, "GPU-a0 GPU-b1 GPU-c2 GPU-d3")]
    [InlineData("", null, "GPU-a0 GPU-b1 GPU-c2 GPU-d3")]
    [InlineData("none", null, "")]
    [InlineData("2", null, "GPU-c2")]
    [InlineData("GPU-d3,GPU-a0", null, "GPU-d3 GPU-a0")]
    [InlineData("GPU-zz", null, "")]
    [InlineData(null, "3,1", "GPU-d3 GPU-b1")]
    [InlineData(null, "", "")]
    [InlineData(null, "GPU-c", "GPU-c2")]
    [InlineData("GPU-d3,GPU-a0", "1", "GPU-a0")]
    public void A_machine_gives_what_the_variables_name_in_their_order(string? container, string? cuda, string expected) =>
        Assert.Equal(expected, Uuids("four-l4", container, cuda));

    [Fact]
    public void An_entry_that_names_nothing_ends_the_list_as_it_does_for_cuda() => Assert.Equal("GPU-c2", Uuids("four-l4", null, "2,9,0"));

    [Theory]
    [InlineData("void")] // Set where the devices come by the container device interface.
    [InlineData("5")] // The host's number; the container sees one GPU, which it numbers 0.
    [InlineData("GPU-3c1e")]
    public void A_container_with_one_gpu_uses_it_whatever_the_host_calls_it(string container) => Assert.Equal("GPU-3c1e", Uuids("one-h100", container, null));

    [Theory]
    [InlineData(null, null, "MIG-11aa")]
    [InlineData("MIG-22bb", null, "MIG-22bb")]
    [InlineData("0:1", null, "MIG-22bb")]
    [InlineData("GPU-e0", "MIG-22", "MIG-22bb")]
    [InlineData("1", null, "")] // Divided, without an instance.
    public void Of_a_divided_gpu_one_part_is_used_since_cuda_opens_no_more_in_a_process(string? container, string? cuda, string expected) =>
        Assert.Equal(expected, Uuids("divided-a100", container, cuda));

    [Fact]
    public void A_part_has_its_own_memory_and_the_gpus_capability()
    {
        var part = Assert.Single(VisibleDevices.Of(RecordedDevices.Of("divided-a100"), "MIG-22bb", null));

        Assert.Equal(("NVIDIA A100-SXM4-40GB MIG 2g.10gb", "8.0", 10468982784, 10442768384), (part.Name, part.ComputeCapability, part.MemoryBytes, part.FreeBytes));
    }

    private static string Uuids(string machine, string? container, string? cuda) =>
        string.Join(' ', VisibleDevices.Of(RecordedDevices.Of(machine), container, cuda).Select(static device => device.Uuid));
}
