namespace InferenceOperator.Local;

/// <summary>The folder of one running local mode, locked against a second one.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly FileStream _lock;

    private StateFolder(string path, FileStream locked)
    {
        Path = path;
        _lock = locked;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Creates and locks the folder, and removes what replicas of an earlier run left.</summary>
    /// <exception cref="LocalStartException">It cannot be used.</exception>
    public static StateFolder Open(string path)
    {
        try
        {
            path = System.IO.Path.GetFullPath(path);
            Directory.CreateDirectory(path);
            var locked = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var replicas = System.IO.Path.Combine(path, "replicas");
            if (Directory.Exists(replicas))
            {
                Directory.Delete(replicas, recursive: true);
            }

            Directory.CreateDirectory(System.IO.Path.Combine(path, "logs"));
            return new StateFolder(path, locked);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LocalStartException($"the state folder {path} cannot be used (another local mode in it? then name another with --state-dir): {exception.Message}", exception);
        }
    }

    public void Dispose() => _lock.Dispose();
}
