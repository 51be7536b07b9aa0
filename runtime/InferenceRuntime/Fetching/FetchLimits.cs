namespace InferenceRuntime.Fetching;

/// <summary>What one fetch may take.</summary>
internal sealed record FetchLimits
{
    /// <summary>Bytes of one model with its external data, at least 1. Default 64 GiB.</summary>
    public long ModelBytesMax { get; init; } = 64L << 30;

    /// <summary>Longest time for all that one command brings. Default 1 h.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Longest silence of a server, from the request on, before the connection is given up. Default 30 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tries in a row that bring no new byte before it is given up, at least 1. Default 6.</summary>
    public int FruitlessTriesMax { get; init; } = 6;

    /// <summary>Wait before the second try; doubles with each fruitless one up to <see cref="WaitMax"/>, and half of it is drawn by lot.</summary>
    public TimeSpan WaitFirst { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait between two tries, also when a server asks for more.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Redirects that are followed for one request.</summary>
    public int RedirectsMax { get; init; } = 5;

    /// <summary>Times that a file may change at its source while it is read before it is given up.</summary>
    public int ChangesMax { get; init; } = 3;

    /// <summary>Files of external data of one model.</summary>
    public int DataFilesMax { get; init; } = 1024;
}
