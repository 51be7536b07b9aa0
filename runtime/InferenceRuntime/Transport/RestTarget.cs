namespace InferenceRuntime.Transport;

/// <summary>A path on the REST port, taken apart.</summary>
/// <param name="Route">What it asks for.</param>
/// <param name="Model">The model that it names; empty when it names none.</param>
/// <param name="Version">The version that it names; empty for the newest.</param>
internal sealed record RestTarget(RestRoute Route, string Model = "", string Version = "")
{
    /// <summary>The one verb that is answered here.</summary>
    public string Verb => Route is RestRoute.Infer or RestRoute.Index or RestRoute.Load or RestRoute.Unload ? HttpMethods.Post : HttpMethods.Get;

    /// <summary>True when a model that serves has to be found first.</summary>
    public bool NamesServedModel => Model.Length > 0 && Route is not (RestRoute.Load or RestRoute.Unload);

    /// <summary>True for the probes, which are open to everyone.</summary>
    public bool IsHealth => Route is RestRoute.Live or RestRoute.Ready;
}
