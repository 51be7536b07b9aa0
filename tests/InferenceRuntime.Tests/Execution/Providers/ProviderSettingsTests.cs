using InferenceRuntime.Contract;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Onnx;

namespace InferenceRuntime.Tests.Execution.Providers;

public sealed class ProviderSettingsTests
{
    [Fact]
    public void Cuda_is_told_its_device_and_to_take_no_more_memory_than_it_needs() => Assert.Equal(
        "arena_extend_strategy=kSameAsRequested cudnn_conv_algo_search=HEURISTIC device_id=1 do_copy_in_default_stream=1",
        Text(ProviderSettings.Cuda(1, memoryBytesMax: null)));

    [Fact]
    public void A_bound_on_memory_is_given_to_both() => Assert.Equal(
        ("4294967296", "4294967296"),
        (ProviderSettings.Cuda(0, 4L << 30)["gpu_mem_limit"], ProviderSettings.TensorRt(0, 4L << 30, null, null, null, isQuantized: false)["trt_max_workspace_size"]));

    [Fact]
    public void TensorRt_keeps_engines_and_timings_where_it_is_told_and_builds_for_the_batches_and_buckets_that_come()
    {
        var shapes = ShapeProfile.Of(
            Summary(new("tokens", OnnxValueKind.Tensor, "INT64", [new(-1, "n"), new(-1, "length")]), new("image", OnnxValueKind.Tensor, "FLOAT", [new(-1, "n"), new(3, ""), new(8, "")])),
            new RuntimeSettings { Batching = new() { MaxSize = 32 }, Padding = new Dictionary<string, PaddingSettings> { ["tokens"] = new() { Axis = 1, Buckets = [16, 32, 128] } } });

        Assert.Equal(
            "device_id=0 trt_engine_cache_enable=1 trt_engine_cache_path=/engines/ab trt_int8_enable=1 trt_profile_max_shapes=tokens:64x128,image:64x3x8 "
                + "trt_profile_min_shapes=tokens:1x16,image:1x3x8 trt_profile_opt_shapes=tokens:32x32,image:32x3x8 trt_timing_cache_enable=1 trt_timing_cache_path=/engines",
            Text(ProviderSettings.TensorRt(0, null, "/engines/ab", "/engines", shapes, isQuantized: true)));
    }

    [Fact]
    public void Without_a_folder_nothing_is_kept_and_without_a_profile_none_is_told() =>
        Assert.Equal("device_id=2", Text(ProviderSettings.TensorRt(2, null, null, null, null, isQuantized: false)));

    [Fact]
    public void The_profile_reaches_beyond_a_small_batch_limit_which_may_be_raised_while_the_model_serves()
    {
        var summary = Summary(new OnnxValue("x", OnnxValueKind.Tensor, "FLOAT", [new(-1, "n"), new(4, "")]));

        Assert.Equal(new ShapeProfile("x:1x4", "x:8x4", "x:64x4"), ShapeProfile.Of(summary, new RuntimeSettings { Batching = new() { MaxSize = 8 } }));
        Assert.Equal(new ShapeProfile("x:1x4", "x:200x4", "x:200x4"), ShapeProfile.Of(summary, new RuntimeSettings { Batching = new() { MaxSize = 200 } }));
    }

    [Fact]
    public void Fixed_shapes_need_no_profile_and_a_length_without_buckets_allows_none()
    {
        Assert.Null(ShapeProfile.Of(Summary(new OnnxValue("x", OnnxValueKind.Tensor, "FLOAT", [new(1, ""), new(4, "")])), new RuntimeSettings()));
        Assert.Null(ShapeProfile.Of(Summary(new OnnxValue("x", OnnxValueKind.Tensor, "FLOAT", [new(-1, ""), new(-1, "")])), new RuntimeSettings()));
        Assert.Null(ShapeProfile.Of(Summary(new OnnxValue("x", OnnxValueKind.Tensor, "FLOAT", Shape: null)), new RuntimeSettings()));
    }

    private static OnnxSummary Summary(params OnnxValue[] inputs) =>
        new(8, "", System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty, [.. inputs], [], 0, 1, [], []);

    private static string Text(Dictionary<string, string> settings) =>
        string.Join(' ', settings.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value}"));
}
