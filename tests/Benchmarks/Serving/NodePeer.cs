using System.Diagnostics;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>The Node.js server's folder with its packages, installed once beside the benchmarks' program.</summary>
internal static class NodePeer
{
    /// <summary>The server's script, ready to run.</summary>
    /// <exception cref="InvalidOperationException">npm could not install its packages.</exception>
    public static async Task<string> InstalledAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Serving", "Peers");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-node")))
        {
            // The install script would fetch a GPU library; the processor's one is in the package.
            var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            {
                WorkingDirectory = folder,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using var npm = Process.Start(start) ?? throw new InvalidOperationException("npm did not start");
            var errors = npm.StandardError.ReadToEndAsync(cancellationToken);
            await npm.StandardOutput.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            if (npm.ExitCode != 0)
            {
                throw new InvalidOperationException($"npm ci ended with {npm.ExitCode}: {await errors}");
            }
        }

        return Path.Combine(folder, "server.mjs");
    }
}
