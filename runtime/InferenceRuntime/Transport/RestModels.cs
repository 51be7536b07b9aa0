using System.Runtime.CompilerServices;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Transport;

/// <summary>What the REST port derives of the models in a repository, once for each version that serves. Thread safe.</summary>
/// <param name="repository">The models.</param>
internal sealed class RestModels(IModelRepository repository)
{
    // Weak: what is derived goes with the version it was derived from.
    private readonly ConditionalWeakTable<ModelLookup.Found, RestModel> _derived = [];

    /// <inheritdoc cref="IModelRepository.Find"/>
    public ModelLookup Find(string name, string version) => repository.Find(name, version);

    public RestModel Of(ModelLookup.Found found) => _derived.GetValue(found, static f => new RestModel(f.Engine));
}
