using InferenceRuntime.Execution.Processors;

namespace InferenceRuntime.Tests.Execution;

public sealed class CpuQuotaTests
{
    [Theory]
    [InlineData("max 100000\n", null)]
    [InlineData("150000 100000\n", 1.5)]
    [InlineData("50000 100000", 0.5)]
    [InlineData("", null)]
    [InlineData("garbage", null)]
    [InlineData("1 0", null)]
    public void The_limit_of_version_two_is_read(string text, double? processors) => Assert.Equal(processors, CpuQuota.ParseMax(text));

    [Theory]
    [InlineData("-1", "100000", null)]
    [InlineData("200000", "100000", 2.0)]
    [InlineData("", "", null)]
    public void The_limit_of_version_one_is_read(string quota, string period, double? processors) =>
        Assert.Equal(processors, CpuQuota.Ratio(quota, period));

    [Theory]
    [InlineData(8, null, 8, false)]
    [InlineData(8, 2.9, 2, true)]
    [InlineData(8, 0.5, 1, true)]
    [InlineData(2, 2.0, 2, true)]
    [InlineData(2, 16.0, 2, false)]
    public void The_tighter_bound_counts_rounded_down_to_at_least_one(int affinity, double? group, int processors, bool throttled) =>
        Assert.Equal(new CpuQuota(processors, throttled), CpuQuota.Of(affinity, group));

    [Fact]
    public void The_tightest_group_on_the_way_to_the_root_counts()
    {
        var root = Directory.CreateTempSubdirectory("cgroup-tests");
        try
        {
            var leaf = root.CreateSubdirectory("pods").CreateSubdirectory("one");
            File.WriteAllText(Path.Combine(root.FullName, "pods", "cpu.max"), "150000 100000\n");
            File.WriteAllText(Path.Combine(leaf.FullName, "cpu.max"), "400000 100000\n");
            var membership = Path.Combine(root.FullName, "membership");
            File.WriteAllText(membership, "0::/pods/one\n");

            Assert.Equal(1.5, CpuQuota.TightestGroup(membership, root.FullName));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void In_a_container_the_root_of_version_one_counts_whatever_the_host_calls_the_group()
    {
        var root = Directory.CreateTempSubdirectory("cgroup-tests");
        try
        {
            var cpu = root.CreateSubdirectory("cpu,cpuacct");
            File.WriteAllText(Path.Combine(cpu.FullName, "cpu.cfs_quota_us"), "300000\n");
            File.WriteAllText(Path.Combine(cpu.FullName, "cpu.cfs_period_us"), "100000\n");
            var membership = Path.Combine(root.FullName, "membership");
            File.WriteAllText(membership, "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n");

            Assert.Equal(3.0, CpuQuota.TightestGroup(membership, root.FullName));
            Assert.Null(CpuQuota.TightestGroup(Path.Combine(root.FullName, "absent"), root.FullName));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(null, 1, 4, false, 4, true)]
    [InlineData(null, 1, 4, true, 4, false)]
    [InlineData(null, 2, 4, false, 2, false)]
    [InlineData(null, 8, 4, false, 1, false)]
    [InlineData(8, 1, 4, false, 8, false)]
    [InlineData(1, 1, 4, false, 1, false)]
    public void Threads_are_shared_out_and_spin_only_with_processors_to_themselves(
        int? asked, int instances, int processors, bool throttled, int perRun, bool spin) =>
        Assert.Equal(new ThreadPlan(perRun, spin), ThreadPlan.For(asked, instances, new CpuQuota(processors, throttled)));

    [Fact]
    public void This_process_has_at_least_one_processor() =>
        Assert.InRange(CpuQuota.Read().Processors, 1, Environment.ProcessorCount);
}
