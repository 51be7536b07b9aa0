using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>The schema of <c>spec</c>.</summary>
internal static class SpecSchema
{
    /// <summary>Memory; the pattern alone keeps it within 100Ki and 999Gi, which is within what a replica takes.</summary>
    private const string MemoryPattern = "^([1-9][0-9]{2,6}Ki|[1-9][0-9]{0,5}Mi|[1-9][0-9]{0,2}Gi)$";

    /// <summary>A name of an object, as a DNS subdomain.</summary>
    private const string NamePattern = @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    private static readonly SchemaNode Model = new SchemaNode.Object(
    [
        new("uri", new SchemaNode.Text
        {
            Format = TextFormat.ModelUri,
            Pattern = "^(file|pvc|https|s3|oci)://.+$",
            Description = "Where the ONNX file is. pvc://claim/path/model.onnx: on a PersistentVolumeClaim of this namespace. https://host/path/model.onnx and s3://bucket/path/model.onnx: fetched before a replica starts, with the external data that it names from beside it, and kept in spec.store. oci://registry/repository:tag#path/model.onnx: in a container image that the cluster mounts as a volume (Kubernetes 1.31 with the feature ImageVolume); without # it is model.onnx. file:///path/model.onnx: on this machine (local mode only).",
        }, Required: true),
        new("sha256", Digest("SHA-256 that the file must have, 64 lower-case hexadecimal digits. A file with another hash is never served. Unset: any.")),
        new("data", new SchemaNode.List(
            new SchemaNode.Object(
            [
                new("path", new SchemaNode.Text
                {
                    Pattern = @"^[^/\\]+(/[^/\\]+)*$",
                    Description = "Where the model looks for it, relative to its own folder.",
                }, Required: true),
                new("sha256", Digest("SHA-256 that it must have, 64 lower-case hexadecimal digits."), Required: true),
            ]) { Description = "One file." },
            64)
        {
            Key = "path",
            Description = "The files of external data that the model names, all of them, where sha256 is set and the model is fetched (https, s3): without them its weights would be anybody's.",
        }),
        new("auth", new SchemaNode.Object(
        [
            new("secretName", new SchemaNode.Text
            {
                Pattern = NamePattern,
                LengthMax = 253,
                Description = "Secret of this namespace. https: the key token, or username and password. s3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and where they apply AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL (another store than Amazon's), AWS_S3_ADDRESSING_STYLE (path or virtual). Both: ca.crt, certificates trusted in place of the public ones. oci: a Secret for pulling images. It is mounted in the pods alone; the operator does not read it.",
            }, Required: true),
        ]) { Description = "Credentials for https, s3 and oci. Unset: none." }),
    ])
    {
        Description = "The model that is served.",
        Rules =
        [
            new("!has(self.auth) || self.uri.startsWith('https://') || self.uri.startsWith('s3://') || self.uri.startsWith('oci://')", "auth",
                "goes with https://, s3:// and oci:// only", model => model["auth"] is null || UriBegins(model, "https://", "s3://", "oci://")),
            new("!has(self.data) || self.data.size() == 0 || has(self.sha256) && (self.uri.startsWith('https://') || self.uri.startsWith('s3://'))", "data",
                "goes with sha256 and with https:// and s3:// only", model => Count(model["data"]) == 0 || (model["sha256"] is not null && UriBegins(model, "https://", "s3://"))),
        ],
    };

    private static readonly SchemaNode Store = new SchemaNode.Object(
    [
        new("claimName", new SchemaNode.Text
        {
            Pattern = NamePattern,
            LengthMax = 253,
            Description = "PersistentVolumeClaim of this namespace that the replicas share, in its folder inference-models; pods on several nodes need ReadWriteMany. Where its folder is not writable for everybody, template.securityContext.fsGroup makes it so. Unset: each pod fetches for itself, into storage that ends with it.",
        }),
        new("size", new SchemaNode.Text
        {
            Default = "\"64Gi\"",
            Pattern = "^([1-9][0-9]{0,5}Mi|[1-9][0-9]{0,4}Gi|[1-9][0-9]{0,2}Ti)$",
            LengthMax = 8,
            Description = "Most that all models there take, and the most of a single one with its external data: whole Mi, Gi or Ti. One that does not fit is not fetched.",
        }),
        new("removeUnusedAfterDays", new SchemaNode.Whole(1, 3650)
        {
            Description = "When room is needed, models that no pod started with for so many days are removed. A pod that is older than that and starts its container again may miss its model until it is replaced. Unset: nothing is removed, and a full store refuses.",
        }),
    ]) { Default = "{}", Description = "Where models from https:// and s3:// are kept." };

    private static readonly SchemaNode Variants = new SchemaNode.List(
        new SchemaNode.Object(
        [
            new("name", new SchemaNode.Text
            {
                Pattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$",
                LengthMax = 32,
                Description = "Its name in metrics and in the settings of a replica; 'full' is the model itself.",
            }, Required: true),
            new("model", Model with { Description = "Its file. It has to take and give what spec.model does." }, Required: true),
            new("share", new SchemaNode.Whole(0, 100) { Description = "Percent of the requests that it answers; what all variants leave goes to spec.model. Unset: none. Only where use is Share. Changes without a restart." }),
            new("use", new SchemaNode.Choice([.. Enum.GetNames<VariantUse>()])
            {
                Default = "\"Share\"",
                Description = "Who decides what it answers. Share: its share, always. Burst: the operator lets it answer everything that no share is declared for, as long as there are too few replicas and more are on their way; it should be faster than spec.model. Steady: also for good, wherever that costs less. Changes without a restart.",
            }),
            new("accuracy", Accuracy("Its accuracy relative to spec.model, decimal text from 0 to 1, as it was measured when it was made. Unset: not known.")),
        ]) { Description = "One variant." },
        15)
    {
        Key = "name",
        Description = "Other models for the same task, such as pruned or distilled ones, resident in each replica beside spec.model: they need memory there, and each has a queue of its own. To add, remove or exchange one replaces the pods.",
    };

    private static readonly SchemaNode Quantization = new SchemaNode.Object(
    [
        new("level", new SchemaNode.Choice([.. Enum.GetNames<QuantizationLevel>()])
        {
            Default = "\"None\"",
            Description = "Precision the model is served at. None: the file as it is.",
        }),
        new("minAccuracy", Accuracy("Least accuracy of what answers, relative to spec.model, decimal text from 0 to 1: the operator lets no variant below it answer. Unset: no floor.")),
        new("accuracyPrice", new SchemaNode.Text
        {
            Format = TextFormat.Decimal,
            Default = "\"0\"",
            Pattern = @"^[0-9]{1,9}(\.[0-9]{1,4})?$",
            LengthMax = 14,
            Description = "What accuracy is worth, in the unit of the operator's prices of GPUs, decimal text: a variant of accuracy 0.98 costs a fiftieth of it per hour beside its GPUs, and is chosen for good only if it saves more.",
        }),
    ]) { Default = "{}", Description = "Precision of the model, and what is asked of a variant that answers in its place." };

    private static readonly SchemaNode Gpu = new SchemaNode.Object(
    [
        new("count", new SchemaNode.Whole(0, 1) { Default = "0", Description = "GPUs per replica. 0: the model runs on the CPU." }),
        new("resource", new SchemaNode.Text
        {
            Default = "\"nvidia.com/gpu\"",
            Pattern = "^[a-zA-Z0-9]([-a-zA-Z0-9./_]*[a-zA-Z0-9])?$",
            LengthMax = 253,
            Description = "Kubernetes' name of the device, for example nvidia.com/gpu or a MIG profile such as nvidia.com/mig-1g.10gb.",
        }),
        new("provider", new SchemaNode.Choice([.. Enum.GetNames<GpuProvider>()])
        {
            Description = "What has to run the model; where it is missing the model is refused with what is missing, and nothing else takes its place. TensorRT builds engines before a replica is ready and keeps them beside fetched models, in store.claimName where it is set. Unset: CUDA where the image and the node have it, else the CPU, which the condition ReplicasAsDeclared tells.",
        }),
        new("minAcceleratedShare", new SchemaNode.Whole(1, 100)
        {
            Description = "Percent of the model's time that has to be on the GPU, as each replica's warm-up shows; with less the model is refused, with the figures and the operators that stay on the CPU. Unset: any.",
        }),
    ])
    {
        Default = "{}",
        Description = "Accelerators of one replica.",
        Rules =
        [
            new("self.count > 0 || !has(self.provider) && !has(self.minAcceleratedShare)", "count", "provider and minAcceleratedShare need a GPU",
                static gpu => Whole(gpu["count"]!) > 0 || (gpu["provider"] is null && gpu["minAcceleratedShare"] is null)), // Defaults are filled in.
        ],
    };

    private static readonly SchemaNode Parallelism = new SchemaNode.Object(
    [
        new("mode", new SchemaNode.Choice([.. Enum.GetNames<ParallelismMode>()])
        {
            Default = "\"None\"",
            Description = "How a replica uses its GPUs. None: one copy of the model. Data: a copy on each GPU; with one GPU the same as None.",
        }),
    ]) { Default = "{}", Description = "How a replica uses its GPUs." };

    /// <summary>The objectives of an agent.</summary>
    public static SchemaNode SloNode { get; } = new SchemaNode.Object(
    [
        new("latency", new SchemaNode.Object(
        [
            new("percentile", new SchemaNode.Text
            {
                Format = TextFormat.Decimal,
                Default = "\"99\"",
                Pattern = @"^[0-9]{1,2}(\.[0-9]{1,4})?$",
                LengthMax = 7,
                Rules = [new("double(self) >= 50.0", "", "must be at least 50 and below 100", node => Number(node) is >= 50 and < 100)],
                Description = "Percent of the requests that have to be answered within the target, decimal text, at least 50 and below 100.",
            }),
            new("target", DurationText("Longest latency, measured at the server, as a duration such as 50ms. Above 0, at most 10m.") with
            {
                Rules =
                [
                    new("duration(self) > duration('0s') && duration(self) <= duration('10m')", "", "must be above 0 and at most 10m",
                        node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: > 0 and <= 600_000_000_000 }),
                ],
            }, Required: true),
        ]) { Description = "Latency objective." }, Required: true),
        new("priority", new SchemaNode.Whole(-1000, 1000) { Default = "0", Description = "Who gives way when GPUs are scarce: agents of lower priority keep only their minReplicas until those of higher priority have what they need. Among equals replicas go where they add most to the SLOs. Without slo: 0." }),
    ]) { Description = "Objectives that are held. Unset: replicas are kept at 70 % utilisation." };

    private static readonly SchemaNode Scaling = new SchemaNode.Object(
    [
        new("mode", new SchemaNode.Choice([.. Enum.GetNames<ScalingMode>()])
        {
            Default = "\"Auto\"",
            Description = "Auto: decisions are applied. Recommend: they are only shown in status. Observe: only measurements are shown. In all three a new agent starts with minReplicas, one at least; in the latter two it stays there until minReplicas, maxReplicas or replicas say otherwise.",
        }),
        new("minReplicas", new SchemaNode.Whole(0, 1000)
        {
            Default = "1",
            Description = "Fewest replicas the operator chooses. 0: in local mode none runs while it is proven idle, and the first request is held and wakes it; in a cluster the last one stays, because nothing there can hold requests.",
        }),
        new("maxReplicas", new SchemaNode.Whole(1, 1000) { Default = "10", Description = "Most replicas the operator chooses: the ceiling on cost." }),
        new("replicas", new SchemaNode.Whole(0, 1000)
        {
            Description = "Set: exactly so many replicas, whatever the bounds; kubectl scale and an HPA write this. Unset: the operator decides. Batch limits are tuned either way.",
        }),
        new("scaleUp", new SchemaNode.Object(
        [
            new("maxStep", new SchemaNode.Step { Description = "Most replicas that are on their way at once: a number, or a percentage of those that serve, such as 50%. Unset: three times those that serve, at least 10." }),
        ]) { Default = "{}", Description = "How fast replicas are added." }),
        new("scaleDown", new SchemaNode.Object(
        [
            new("window", DurationText("Only replicas that were not needed at any time within this duration are taken away. At most 1h.") with
            {
                Default = "\"60s\"",
                Rules = [new("duration(self) <= duration('1h')", "", "must be at most 1h", node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: <= 3_600_000_000_000 })],
            }),
            new("maxStep", new SchemaNode.Step { Description = "Most replicas that are taken away in one step: a number, or a percentage of those that run, such as 10%. Steps are at least half a minute or the window apart. Unset: a quarter, at least 1." }),
        ]) { Default = "{}", Description = "How patiently replicas are taken away." }),
    ])
    {
        Default = "{}",
        Description = "Who moves what, and how far.",
        Rules =
        [
            new("self.minReplicas <= self.maxReplicas", "minReplicas", "must not be above maxReplicas",
                node => Whole(node["minReplicas"]) <= Whole(node["maxReplicas"])),
        ],
    };

    // Whole numbers that a double holds exactly, as every element type of a tensor takes them.
    private const long PadMax = 1L << 53;

    private static readonly SchemaNode Queue = new SchemaNode.Object(
    [
        new("requests", new SchemaNode.Whole(1, 1_000_000) { Default = "1024", Description = "Requests that may wait in each replica; one more is refused at once with 429 and the time after which to retry." }),
        new("memory", new SchemaNode.Text
        {
            Default = "\"256Mi\"",
            Pattern = MemoryPattern,
            LengthMax = 9,
            Description = "Memory of the tensors that may wait in each replica, part of the container's: whole Ki (at least 100Ki), Mi or Gi.",
        }),
        new("timeout", DurationText("Longest that a request waits: then it is answered as expired and never executed. A request's own timeout may only be shorter. Unset: as long as its own. Above 0, at most 1h.") with
        {
            Rules =
            [
                new("duration(self) > duration('0s') && duration(self) <= duration('1h')", "", "must be above 0 and at most 1h",
                    node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: > 0 and <= 3_600_000_000_000 }),
            ],
        }),
    ]) { Default = "{}", Description = "What may wait in front of the model in each replica; beyond it requests are refused, low priority first. Changes without a restart." };

    private static readonly SchemaNode Batching = new SchemaNode.Object(
    [
        new("maxSize", new SchemaNode.Whole(1, 4096) { Default = "64", Description = "Most rows in one execution; the operator sets the limit in force between 1 and this." }),
        new("maxDelay", DurationText("Longest a request may wait for company while the model is free; shortened when the SLO leaves less. At most 10s.") with
        {
            Default = "\"0s\"",
            Rules = [new("duration(self) <= duration('10s')", "", "must be at most 10s", node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: <= 10_000_000_000 })],
        }),
        new("queue", Queue),
        new("buckets", new SchemaNode.List(new SchemaNode.Whole(1, 16_777_216) { Description = "One length." }, 32)
        {
            Description = "Lengths, ascending, that the inputs under pad are padded to at their axis 1, the one after the batch, so that requests of different lengths run together; outputs are cut back to each request's own length. A longer request runs at its own. Only for models whose answer does not depend on padding. Changes without a restart.",
        }),
        new("pad", new SchemaNode.Map(new SchemaNode.Whole(-PadMax, PadMax) { Description = "What is put behind the request's own values." }, 64)
        {
            Description = "By name of an input whose length varies: the value that it is padded with, such as {tokens: 0}. Inputs that share one length all have to be here.",
        }),
    ])
    {
        Default = "{}",
        Description = "Bounds of the dynamic batching that the operator tunes, what may wait for it, and lengths that are padded.",
        Rules =
        [
            new("!has(self.buckets) || self.buckets.size() == 0 || has(self.pad) && self.pad.size() > 0", "pad",
                "must name the inputs that are padded to batching.buckets and the value of each, such as {tokens: 0}",
                node => Count(node["buckets"]) == 0 || Count(node["pad"]) > 0),
            new("!has(self.pad) || self.pad.size() == 0 || has(self.buckets) && self.buckets.size() > 0", "buckets",
                "must give the lengths that the inputs under batching.pad are padded to, such as [16, 32]",
                node => Count(node["pad"]) == 0 || Count(node["buckets"]) > 0),
            new("!has(self.buckets) || self.buckets.isSorted() && self.buckets.all(x, self.buckets.exists_one(y, y == x))", "buckets",
                "the lengths must be ascending, each given once",
                node => node["buckets"] is not JsonArray lengths || lengths.Zip(lengths.Skip(1)).All(pair => Whole(pair.First) < Whole(pair.Second))),
        ],
    };

    private static readonly SchemaNode Serving = new SchemaNode.Object(
    [
        new("cache", new SchemaNode.Object(
        [
            new("policy", new SchemaNode.Choice([.. Enum.GetNames<CachePolicy>()])
            {
                Default = "\"None\"",
                Description = "What is given up when the cache is full. None: no cache; requests are computed each time. Changes without a restart.",
            }),
            new("size", new SchemaNode.Text
            {
                Default = "\"64Mi\"",
                Pattern = MemoryPattern,
                LengthMax = 9,
                Description = "Memory of the cache in each replica, part of the container's: whole Ki (at least 100Ki), Mi or Gi, such as 64Mi.",
            }),
            new("ttl", DurationText("Age at which a response is computed anew. 0s: never. At most 720h.") with
            {
                Default = "\"0s\"",
                Rules = [new("duration(self) <= duration('720h')", "", "must be at most 720h", node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: <= 2_592_000_000_000_000 })],
            }),
        ]) { Default = "{}", Description = "Responses kept for requests that are equal byte for byte; for models whose answer depends on nothing else. A new replica takes over the hottest from a ready one before it is ready." }),
    ]) { Default = "{}", Description = "How a replica answers." };

    public static SchemaNode.Object Root { get; } = new(
    [
        new("model", Model, Required: true),
        new("variants", Variants),
        new("store", Store),
        new("quantization", Quantization),
        new("gpu", Gpu),
        new("parallelism", Parallelism),
        new("slo", SloNode),
        new("scaling", Scaling),
        new("batching", Batching),
        new("serving", Serving),
        new("rollout", RolloutSchema.Root),
        new("children", ChildrenSchema.Root),
        new("template", TemplateSchema.Root),
    ])
    {
        Description = "What is declared.",
        Rules =
        [
            new("!has(self.variants) || self.variants.all(v, v.name != 'full')", "variants", "none may be called 'full', which is the model itself",
                spec => VariantsOf(spec).All(variant => variant["name"]!.GetValue<string>() != VariantShares.Full)),
            new("!has(self.variants) || self.variants.map(v, has(v.share) ? v.share : 0).sum() <= 100", "variants", "the shares must not add up to more than 100",
                spec => VariantsOf(spec).Sum(variant => variant["share"] is { } share ? Whole(share) : 0) <= 100),
            new("!has(self.variants) || self.variants.all(v, v.use == 'Share' || !has(v.share) || v.share == 0)", "variants", "one that the operator chooses (use Burst or Steady) has no share of its own",
                spec => VariantsOf(spec).All(variant => !IsChosen(variant) || !HasShare(variant))),
            new("!has(self.variants) || !has(self.quantization.minAccuracy) && double(self.quantization.accuracyPrice) == 0.0 || self.variants.all(v, has(v.accuracy) || v.use == 'Share' && (!has(v.share) || v.share == 0))",
                "variants", "with quantization.minAccuracy or accuracyPrice, each one that answers has to say its accuracy",
                spec => (spec["quantization"]?["minAccuracy"] is null && Number(spec["quantization"]!["accuracyPrice"]!) == 0) // Defaults are filled in.
                    || VariantsOf(spec).All(variant => variant["accuracy"] is not null || (!IsChosen(variant) && !HasShare(variant)))),
            new("!has(self.variants) || !has(self.quantization.minAccuracy) || self.variants.all(v, !has(v.share) || v.share == 0 || !has(v.accuracy) || double(v.accuracy) >= double(self.quantization.minAccuracy))",
                "variants", "one with a share must not be less accurate than quantization.minAccuracy",
                spec => spec["quantization"]?["minAccuracy"] is not { } floor
                    || VariantsOf(spec).All(variant => !HasShare(variant) || variant["accuracy"] is not { } accuracy || Number(accuracy) >= Number(floor))),
        ],
    };

    private static IEnumerable<JsonNode> VariantsOf(JsonNode spec) => (spec["variants"] as JsonArray ?? []).OfType<JsonNode>();

    private static bool IsChosen(JsonNode variant) => variant["use"]!.GetValue<string>() != nameof(VariantUse.Share); // It has a default.

    private static bool HasShare(JsonNode variant) => variant["share"] is { } share && Whole(share) > 0;

    public static SchemaNode.Text Accuracy(string description) => new()
    {
        Format = TextFormat.Decimal,
        Pattern = @"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$",
        LengthMax = 8,
        Description = description,
    };

    public static SchemaNode.Text DurationText(string description) => new()
    {
        Format = TextFormat.Duration,
        Pattern = TextFormats.DurationPattern,
        LengthMax = 32,
        Description = description,
    };

    private static SchemaNode.Text Digest(string description) => new() { Pattern = "^[0-9a-f]{64}$", LengthMax = 64, Description = description };

    private static bool UriBegins(JsonNode model, params ReadOnlySpan<string> beginnings)
    {
        var uri = model["uri"]!.GetValue<string>(); // Required.
        foreach (var beginning in beginnings)
        {
            if (uri.StartsWith(beginning, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static int Count(JsonNode? node) => node switch { JsonArray items => items.Count, JsonObject fields => fields.Count, _ => 0 };

    // Also 16.0 and 1e3, which JSON has and the check of a whole number lets pass.
    private static decimal Whole(JsonNode? node) => decimal.Parse(node!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture); // Checked before: there, and a number.

    private static decimal Number(JsonNode node) => decimal.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);
}
