using System.Text.Json;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Local.Replicas;

/// <summary>The files through which a replica and its supervisor speak: one folder per replica, readable by this user only.</summary>
internal sealed class ReplicaFiles(string folder)
{
    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Written by the replica once it listens.</summary>
    public string Ports => Path.Combine(folder, "ports.json");

    /// <summary>Read by the replica at start.</summary>
    public string Settings => Path.Combine(folder, "settings.json");

    /// <summary>Read by the replica at start, beside the settings.</summary>
    public string Peers => Path.Combine(folder, PrefetchPeersFile.Name);

    /// <summary>Opens the replica's admin port.</summary>
    public string Token => Path.Combine(folder, "token");

    /// <summary>Why the replica ended, in its own words.</summary>
    public string Termination => Path.Combine(folder, "termination.log");

    /// <summary>Creates the folder and its secret.</summary>
    public void Create(AdminToken token)
    {
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Write(Token, System.Text.Encoding.UTF8.GetBytes(token.AuthorizationHeader["Bearer ".Length..]));
    }

    /// <summary>Removes what an earlier process left, and writes what the next one comes up with.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="peers">Admin ports of the replicas that it asks for cached responses.</param>
    public void Prepare(RuntimeSettings settings, IEnumerable<Uri> peers)
    {
        File.Delete(Ports);
        File.Delete(Termination);
        WriteSettings(settings);
        Write(Peers, System.Text.Encoding.UTF8.GetBytes(PrefetchPeersFile.Write(peers)));
    }

    /// <summary>Replaces the settings; whole or not at all.</summary>
    public void WriteSettings(RuntimeSettings settings)
    {
        var next = Settings + ".next";
        Write(next, JsonSerializer.SerializeToUtf8Bytes(settings, ContractJson.Default.RuntimeSettings));
        File.Move(next, Settings, overwrite: true);
    }

    /// <summary>The addresses, or null while the replica has not written them.</summary>
    public ReplicaEndpoints? ReadPorts()
    {
        try
        {
            return ReadText(Ports) is { } text ? JsonSerializer.Deserialize(text, ContractJson.Default.ReplicaEndpoints) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Why the replica ended, in its own words, at most 500 characters; null when it left none.</summary>
    public string? ReadTermination()
    {
        var text = ReadText(Termination)?.Trim();
        return string.IsNullOrEmpty(text) ? null : text.Length > 500 ? text[..500] : text;
    }

    /// <summary>Removes the folder; what cannot be removed stays.</summary>
    public void Remove()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Swept at the next start.
        }
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Write(string path, byte[] bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var stream = new FileStream(path, options);
        stream.Write(bytes);
    }
}
