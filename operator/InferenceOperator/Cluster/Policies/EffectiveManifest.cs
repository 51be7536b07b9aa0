using System.Text.Json.Nodes;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Cluster.Policies;

/// <summary>The one way from a stored manifest to the agent as it counts; what policies refuse is a fault like any other.</summary>
internal static class EffectiveManifest
{
    /// <param name="manifest">With its type.</param>
    /// <param name="judge">What policies make of it.</param>
    public static ManifestReading Read(JsonObject manifest, Func<InferenceAgent, PolicyJudgement> judge)
    {
        var reading = AgentManifest.Read(manifest);
        if (reading is not ManifestReading.Accepted { Agent: var declared })
        {
            return reading;
        }

        var (agent, refusals) = judge(declared);
        return refusals.IsEmpty ? new ManifestReading.Accepted(agent) : new ManifestReading.Rejected(refusals);
    }
}
