using System.Collections.Immutable;
using System.Text.Json;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control.Learned;

/// <summary>What a controller has learned and cannot see again at once, so that its successor goes on from it. Some 5 kB as JSON. Immutable.</summary>
/// <remarks>Nothing in it is needed: without it, or with one that is old, a controller learns anew.</remarks>
public sealed record LearnedState
{
    /// <summary>The form that this release writes and reads.</summary>
    public const int Current = 1;

    /// <summary>Most bytes of its JSON.</summary>
    public const int BytesMax = 64 << 10;

    private const int StartUpsMax = 32;
    private const double SecondsMax = 86_400;

    public required int Version { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>The model's URI: service times are of it alone.</summary>
    public required string Model { get; init; }

    /// <summary>When it was learned (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the day usually brings, as <see cref="SeasonText"/>.</summary>
    public required string Season { get; init; }

    /// <inheritdoc cref="ForecastState.Surprises"/>
    public required SurpriseHistogram Surprises { get; init; }

    /// <inheritdoc cref="ForecastState.Skill"/>
    public required ForecastSkill Skill { get; init; }

    /// <summary>The latest start-up times, seconds, oldest first.</summary>
    public ImmutableArray<double> StartUps { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Null: no execution was measured.</summary>
    public FitStatus? Fit { get; init; }

    /// <summary>Of the variants that may be chosen and were measured.</summary>
    public ImmutableArray<VariantStatus> Variants { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Its JSON.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, AgentJson.Default.LearnedState);

    /// <summary>Reads the state of an agent.</summary>
    /// <param name="json">What was kept. Need not be trusted.</param>
    /// <param name="agent">Whose it should be.</param>
    /// <exception cref="FormatException">It is none, or another's; the message says why.</exception>
    public static LearnedState Read(ReadOnlySpan<byte> json, InferenceAgent agent)
    {
        if (json.Length > BytesMax)
        {
            throw new FormatException($"it has {json.Length} bytes, at most {BytesMax} are read");
        }

        LearnedState? state;
        try
        {
            state = JsonSerializer.Deserialize(json, AgentJson.Default.LearnedState);
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }

        return state is null ? throw new FormatException("it is null")
            : state.Fault(agent) is { } fault ? throw new FormatException(fault)
            : state;
    }

    private string? Fault(InferenceAgent agent) =>
        Version != Current ? $"it is of version {Version}, this release reads {Current}"
        : Agent != agent.Key() ? $"it is of the agent {Agent}"
        : SeasonText.Read(Season) is null ? "its season is damaged"
        : Surprises is not { IsValid: true } || !(Skill is { Seasonal: >= 0 and <= SecondsMax, Persistence: >= 0 and <= SecondsMax, Judged: >= 0 and <= SecondsMax }) ? "its forecast is out of range"
        : StartUps.Length > StartUpsMax || !StartUps.All(static s => s is > 0 and < SecondsMax) ? "its start-up times are out of range"
        : !Variants.Select(static v => v?.Model).Prepend(Fit).All(static fit => fit is null || IsFit(fit)) || Variants.Any(static v => v?.Model is null) ? "its service times are out of range"
        : null;

    private static bool IsFit(FitStatus fit) =>
        new[] { fit.Fixed, fit.PerRow, fit.Residual }.All(static d => d.Seconds is >= 0 and < SecondsMax) && fit.LargestBatch is >= 0 and <= 65_536;

    public bool Equals(LearnedState? other) =>
        other is not null && Version == other.Version && Agent == other.Agent && Model == other.Model && At == other.At && Season == other.Season
        && Surprises == other.Surprises && Skill == other.Skill && StartUps.SequenceEqual(other.StartUps) && Fit == other.Fit && Variants.SequenceEqual(other.Variants);

    public override int GetHashCode() => HashCode.Combine(Version, Agent, At, Surprises, Skill);
}
