using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>How the pods of one Deployment are rendered. The Deployment remembers it, so that another version of the operator renders the same.</summary>
/// <remarks>
/// As long as the pods would be the same by the revision and with the image that the Deployment has, it keeps both: neither an
/// upgrade of the operator nor another image in its options replaces a pod. Once the agent changes what replaces the pods
/// anyway, they get the newest.
/// </remarks>
/// <param name="Revision">Revision of <see cref="PodManifest"/>.</param>
/// <param name="Image">Image of the runtime, unless the agent's template has one.</param>
/// <param name="Inputs">Digest of the template by that revision, whatever the image; null: the Deployment does not say, being of the first revision.</param>
internal sealed record PodRendering(int Revision, string Image, string? Inputs)
{
    /// <summary>The revision with an account of its own, spread over nodes and zones, and a drain as long as the grace period lets it.</summary>
    public const int WithSpread = 2;

    /// <summary>The revision of new pods.</summary>
    public const int Newest = WithSpread;

    private const int Oldest = 1;

    /// <summary>How the agent's pods are to be rendered.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="image">Image of the runtime for new pods.</param>
    /// <param name="tokenDigest">First digits of the admin token's SHA-256.</param>
    /// <param name="deployment">The live Deployment; null: there is none.</param>
    /// <param name="renews">True: what is there gets the newest too.</param>
    /// <param name="side">The side of a roll-out; null: the first.</param>
    public static PodRendering For(InferenceAgent agent, string image, string tokenDigest, JsonObject? deployment, bool renews, string? side = null)
    {
        if (deployment is not null && !renews && Of(deployment, image) is { } was)
        {
            var inputs = InputsOf(agent, was.Revision, tokenDigest, side);
            if (was.Inputs is null || was.Inputs == inputs)
            {
                return was with { Inputs = inputs };
            }
        }

        return new(Newest, image, InputsOf(agent, Newest, tokenDigest, side));
    }

    /// <summary>Whether pods of the live Deployment are replaced when they are rendered so.</summary>
    public bool Replaces(JsonObject deployment) => Of(deployment, Image) is not { } was
        || (was.Revision, was.Image) != (Revision, Image)
        || (was.Inputs is not null && was.Inputs != Inputs);

    /// <summary>What the Deployment is to remember.</summary>
    public JsonObject Annotations() => new()
    {
        [ChildLabels.Rendering] = Revision.ToString(CultureInfo.InvariantCulture),
        [ChildLabels.RuntimeImage] = Image,
        [ChildLabels.Inputs] = Inputs,
    };

    /// <summary>What a live Deployment remembers; null when it was rendered by a newer operator than this, which cannot be done again here.</summary>
    private static PodRendering? Of(JsonObject deployment, string image)
    {
        var annotations = deployment["metadata"]?["annotations"];
        if (annotations?[ChildLabels.Rendering]?.ToString() is not { } revision)
        {
            return new(Oldest, ImageOf(deployment) ?? image, null);
        }

        return int.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= Oldest and <= Newest
            ? new(number, annotations[ChildLabels.RuntimeImage]?.ToString() ?? ImageOf(deployment) ?? image, annotations[ChildLabels.Inputs]?.ToString())
            : null;
    }

    private static string? ImageOf(JsonObject deployment) => (deployment["spec"]?["template"]?["spec"]?["containers"] as JsonArray)?
        .FirstOrDefault(static c => c?["name"]?.ToString() == PodManifest.Container)?["image"]?.ToString();

    private static string InputsOf(InferenceAgent agent, int revision, string tokenDigest, string? side) =>
        CanonicalJson.Digest(PodManifest.Render(agent, revision, image: "", tokenDigest, side));
}
