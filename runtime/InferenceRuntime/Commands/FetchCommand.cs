using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;
using InferenceRuntime.Fetching.Sources;
using InferenceRuntime.Fetching.Store;

namespace InferenceRuntime.Commands;

/// <summary><c>inference-runtime fetch</c>: its options, and what is made of them.</summary>
internal sealed class FetchCommand
{
    private const long BytesLimit = 1L << 50;

    private readonly Option<string[]> _models = new("--model") { Description = "NAME=ADDRESS of a model, https://… or s3://bucket/key; repeatable. Its external data is fetched from beside it.", Required = true };
    private readonly Option<string[]> _pins = new("--sha256") { Description = "NAME=SHA256 that the file of that --model must have, hexadecimal; repeatable." };
    private readonly Option<string[]> _dataPins = new("--data-sha256") { Description = "NAME/LOCATION=SHA256 that a file of external data of that --model must have; repeatable. With --sha256 each of its files needs one." };
    private readonly Option<string[]> _access = new("--access") { Description = "NAME=FOLDER with the files of the Secret for that --model: token; username and password; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL; ca.crt. Repeatable." };
    private readonly Option<string> _store = new("--store") { Description = "Folder in which models are kept, also for others that fetch into it at the same time.", Required = true };
    private readonly Option<string> _links = new("--links") { Description = "Folder that receives a link NAME to the folder of each model, whose file there is model.onnx.", Required = true };
    private readonly Option<string> _writer = CommandOptions.Of("--writer", Environment.MachineName, "Tells this one from others that fetch into the store at the same time; the same name goes on with what it left.");
    private readonly Option<long> _modelBytes = CommandOptions.Bytes("--max-model-bytes", "64Gi", BytesLimit, "Most bytes of one model with its external data.");
    private readonly Option<string?> _storeBytes = CommandOptions.Of<string?>("--max-store-bytes", "Most bytes of all models in the store, such as 200Gi. [default: what the volume takes]");
    private readonly Option<int?> _evict = CommandOptions.OptionalWhole("--remove-unused-days", 1, 3650, "Where --max-store-bytes is reached, remove models that nobody has asked for in so many days. [default: nothing is removed]");
    private readonly Option<string[]> _allow = new("--allow-source") { Description = "Address, network or host name (*.models.example too) that is not public and from which models may come; repeatable. Public addresses are allowed, over TLS." };
    private readonly Option<string?> _allowFile = CommandOptions.Of<string?>("--allow-sources-file", "File with more of --allow-source, one a line.");
    private readonly Option<TimeSpan> _timeout = CommandOptions.Duration("--timeout", "60m", "Longest time for all of it.");
    private readonly Option<TimeSpan> _silence = CommandOptions.Duration("--silence", "30s", "Longest silence of a server before its connection is given up.");
    private readonly Option<string?> _terminationLog = CommandOptions.Of<string?>("--termination-log", "File that receives the reason when it fails.");

    /// <summary>The command, which runs <paramref name="fetch"/>.</summary>
    public Command Build(Func<FetchOptions, CancellationToken, Task<int>> fetch)
    {
        var command = new Command("fetch", "Brings models from https:// or s3:// into a folder, whole and checked, and ends.")
        {
            _models, _pins, _dataPins, _access, _store, _links, _writer, _modelBytes, _storeBytes, _evict, _allow, _allowFile, _timeout, _silence, _terminationLog,
        };
        _models.Validators.Add(static result => Check(result, text =>
            !IsName(Pair(text).Key) ? "needs NAME=ADDRESS with a name of 1 to 63 letters, digits, '-', '_' or '.'"
            : FetchSource.TryParse(Pair(text).Value, out _, out var error) ? null : $"{Pair(text).Key}: {error}"));
        _pins.Validators.Add(static result => Check(result, static text => IsSha256(Pair(text).Value) ? null : $"'{text}' is not NAME=SHA256 with 64 hexadecimal digits"));
        _dataPins.Validators.Add(static result => Check(result, static text => Data(text) is { Value.Location.Length: > 0 } data && IsSha256(data.Value.Sha256) ? null : $"'{text}' is not NAME/LOCATION=SHA256 with 64 hexadecimal digits"));
        _access.Validators.Add(static result => Check(result, static text => Pair(text).Value is { Length: > 0 } ? null : $"'{text}' is not NAME=FOLDER"));
        _writer.Validators.Add(static result => Check(result, static text => IsName(text) ? null : $"'{text}' is not a name of 1 to 63 letters, digits, '-', '_' or '.'"));
        _storeBytes.Validators.Add(static result => Check(result, static text => QuantityText.TryParse(text, out var bytes) && bytes is > 0 and <= BytesLimit ? null : $"'{text}' is not an amount such as 200Gi"));
        _allow.Validators.Add(static result => Check(result, static text => RuleFault(text)));
        command.Validators.Add(result =>
        {
            var names = Pairs(result, _models).Select(static pair => pair.Key).ToList();
            if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            {
                result.AddError("--model: a name stands twice");
            }

            foreach (var option in (Option<string[]>[])[_pins, _access])
            {
                var left = names.ToList();
                if (Pairs(result, option).Select(static pair => pair.Key).FirstOrDefault(name => !left.Remove(name)) is { } unknown)
                {
                    result.AddError($"{option.Name}: there is no --model '{unknown}', or it has another already");
                }
            }

            var data = (result.GetValue(_dataPins) ?? []).Select(Data).ToList();
            if (data.FirstOrDefault(pin => !names.Contains(pin.Key)).Key is { } stray)
            {
                result.AddError($"--data-sha256: there is no --model '{stray}'");
            }
            else if (data.GroupBy(static pin => (pin.Key, pin.Value.Location)).Any(static group => group.Count() > 1))
            {
                result.AddError("--data-sha256: a location stands twice");
            }
        });
        command.SetAction((result, cancellationToken) => fetch(Read(result), cancellationToken));
        return command;
    }

    private static void Check(OptionResult result, Func<string, string?> fault)
    {
        foreach (var token in result.Tokens)
        {
            if (fault(token.Value) is { } error)
            {
                result.AddError($"{result.Option.Name}: {error}");
            }
        }
    }

    private static string? RuleFault(string text)
    {
        try
        {
            AddressRules.Read([text]);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private static bool IsName(string? text) =>
        text is { Length: > 0 and <= 63 } && text[0] != '.' && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsSha256(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigit);

    private static KeyValuePair<string, string> Pair(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is var at and >= 0 ? new(text[..at], text[(at + 1)..]) : default;

    private static KeyValuePair<string, (string Location, string Sha256)> Data(string text)
    {
        var (slash, equals) = (text.IndexOf('/', StringComparison.Ordinal), text.LastIndexOf('='));
        return slash > 0 && equals > slash ? new(text[..slash], (text[(slash + 1)..equals], text[(equals + 1)..])) : default;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(SymbolResult result, Option<string[]> option) => (result.GetValue(option) ?? []).Select(Pair);

    private FetchOptions Read(ParseResult result)
    {
        var pins = (result.GetValue(_pins) ?? []).Select(Pair).ToDictionary(StringComparer.Ordinal);
        var access = (result.GetValue(_access) ?? []).Select(Pair).ToDictionary(StringComparer.Ordinal);
        var data = (result.GetValue(_dataPins) ?? []).Select(Data).ToLookup(static pin => pin.Key, static pin => pin.Value, StringComparer.Ordinal);
        return new FetchOptions
        {
            Models =
            [
                .. result.GetRequiredValue(_models).Select(Pair).Select(model => new FetchOptions.ModelToFetch(
                    model.Key,
                    FetchSource.TryParse(model.Value, out var source, out var error) ? source : throw new FormatException(error),
                    access.GetValueOrDefault(model.Key),
                    pins.GetValueOrDefault(model.Key)?.ToLowerInvariant(),
                    data[model.Key].ToImmutableSortedDictionary(static pin => pin.Location, static pin => pin.Sha256.ToLowerInvariant(), StringComparer.Ordinal))),
            ],
            Store = new StoreOptions
            {
                Folder = Path.GetFullPath(result.GetRequiredValue(_store)),
                Writer = result.GetRequiredValue(_writer),
                BytesMax = result.GetValue(_storeBytes) is { } bytes && QuantityText.TryParse(bytes, out var most) ? most : null,
                EvictAfter = result.GetValue(_evict) is { } days ? TimeSpan.FromDays(days) : null,
            },
            LinksFolder = Path.GetFullPath(result.GetRequiredValue(_links)),
            AllowedSources = [.. result.GetValue(_allow) ?? []],
            AllowedSourcesPath = result.GetValue(_allowFile),
            Limits = new FetchLimits
            {
                ModelBytesMax = result.GetValue(_modelBytes),
                Total = result.GetValue(_timeout),
                Silence = result.GetValue(_silence),
            },
            TerminationLogPath = result.GetValue(_terminationLog),
        };
    }
}
