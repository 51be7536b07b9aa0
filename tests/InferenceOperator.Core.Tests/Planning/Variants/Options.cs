using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Planning.Variants;

/// <summary>Forms of a model for tests, under a p99 of 50 ms unless told otherwise.</summary>
internal static class Options
{
    public static readonly ServiceTime.Fitted Slow = Line(0.006, 0.0005);
    public static readonly ServiceTime.Fitted Fast = Line(0.003, 0.00025);

    public static ServiceTime.Fitted Line(double a, double m) => new(a, m, 1e-12, 1e-16) { MeanBatch = 64 };

    public static ModelOption Full(ServiceTime? service = null, double target = 0.05) => Of(VariantShares.Full, service ?? Slow, 1, VariantUse.Share, target);

    public static ModelOption Student(ServiceTime? service = null, double? accuracy = 0.98, VariantUse use = VariantUse.Steady, double target = 0.05) => Of("student", service ?? Fast, accuracy, use, target);

    public static ModelOption Of(string name, ServiceTime? service, double? accuracy, VariantUse use, double target = 0.05, int maxBatch = 64)
    {
        var declared = new Objective(target, 0.99, 0);
        var verdict = declared.Judge(service, wasInfeasible: false);
        var objective = declared.Under(verdict);
        var table = new CapacityTable();
        if (service is not null)
        {
            table.Rest(service, objective, dispersion: null, rowsPerRequest: 1);
        }

        return new()
        {
            Name = name,
            Use = use,
            Service = service,
            Accuracy = accuracy,
            Verdict = verdict,
            Objective = objective,
            Table = table,
            Batches = ModelOption.BatchesUpTo(service is null ? 1 : Math.Max(1, BatchPlanner.Ideal(service, objective, maxBatch))),
        };
    }

    public static PlanQuestion Ask(double demand, params ModelOption[] options) => new()
    {
        Options = [.. options],
        Current = VariantShares.Full,
        CurrentReplicas = 1,
        Demand = demand,
        ReplicasMin = 1,
        ReplicasMax = 100,
        StartUp = TimeSpan.FromSeconds(30),
    };
}
