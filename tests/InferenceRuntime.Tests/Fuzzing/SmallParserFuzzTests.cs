using System.IO.Compression;
using System.Text;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;
using InferenceRuntime.Transport.Compression;
using InferenceRuntime.Transport.Parsing;
using Microsoft.Extensions.Primitives;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Fuzzing;

/// <summary>Paths, headers, repository bodies and packed bodies.</summary>
public sealed class SmallParserFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Paths =
    [
        "/v2", "/v2/health/live", "/v2/models/echo/infer", "/v2/models/echo/versions/1/infer", "/v2/models/stats", "/v2/models/echo/versions/2/stats",
        "/v2/repository/index", "/v2/repository/models/echo/load", "/v2/models/echo/config",
    ];

    private static readonly string[] HeaderValues =
        ["gzip", "gzip;q=0.5, deflate", "identity, *;q=0", "deflate", "12", "2147483647", "Bearer abc", "https://app.example", "gzip, gzip", "q=,;=", "-1"];

    private static readonly string[] RepositoryBodies =
        ["{\"ready\":true}", "{\"parameters\":{\"config\":\"{}\",\"unload_dependents\":true}}", "{\"parameters\":{\"file:1/m\":\"AA==\"}}", "{}"];

    [Fact]
    public void Paths_headers_and_repository_bodies_are_read_or_refused()
    {
        var routes = new RestRoutes();
        new FuzzRun(output, "paths, headers and repository bodies").Run(30_000, random =>
        {
            var path = Mutate(random, Paths[random.Next(Paths.Length)]);
            var target = routes.Find(path);
            Assert.True(target.Model.Length <= path.Length && !target.Model.Contains('/', StringComparison.Ordinal) && !target.Version.Contains('/', StringComparison.Ordinal), path);

            var value = Mutate(random, HeaderValues[random.Next(HeaderValues.Length)]);
            StringValues values = random.Next(6) == 0 ? new StringValues([value, value]) : value;
            Refusal(ContentCodings.Read(values, out _));
            Assert.True(Enum.IsDefined(ContentCodings.Choose(values)));
            Refusal(InferenceHeader.Read(values, out var length));
            Assert.True(length is null or >= 0);
            CrossOrigin.IsOrigin(value);

            var body = Encoding.UTF8.GetBytes(Mutate(random, RepositoryBodies[random.Next(RepositoryBodies.Length)]));
            Refusal(RepositoryCall.ReadIndex(body, out _));
            Refusal(RepositoryCall.ReadChange(body));
        });
    }

    [Fact]
    public void Packed_bodies_are_unpacked_or_refused_within_their_bounds()
    {
        const int BytesMax = 100_000;
        var inflater = new BodyInflater(BytesMax, new BodyBudget(2 * BytesMax));
        var buffer = new PooledBuffer();
        byte[][] contents = [new byte[90_000], Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"inputs\":[]}", 200))), new byte[300_000], [1, 2, 3]];
        (ContentCoding Coding, byte[] Packed)[] seeds = [.. contents.SelectMany(static c => ((ContentCoding, byte[])[])[(ContentCoding.Gzip, Pack(c, gzip: true)), (ContentCoding.Deflate, Pack(c, gzip: false))])];
        var unpacked = 0;
        var cases = new FuzzRun(output, "packed bodies").Run(8_000, random =>
        {
            var (coding, seed) = seeds[random.Next(seeds.Length)];
            var packed = (byte[])seed.Clone();
            for (var edits = random.Next(4); edits > 0; edits--)
            {
                packed[random.Next(packed.Length)] = (byte)random.Next(256);
            }

            packed = random.Next(5) == 0 ? packed[..random.Next(packed.Length)] : packed;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var fault = inflater.Inflate(coding, packed, buffer);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Refusal(fault);
            unpacked += fault is null ? 1 : 0;
            Assert.True(buffer.Length <= BytesMax, "longer than the limit");
            Assert.True(allocated <= 8 * BytesMax, $"{allocated} bytes allocated");
            buffer.Clear();
            inflater = new BodyInflater(BytesMax, new BodyBudget(2 * BytesMax));
        });

        Assert.True(cases < 100 || (unpacked > cases / 20 && unpacked < cases), $"{unpacked} of {cases} unpacked");
    }

    private static void Refusal(RequestFault? fault)
    {
        if (fault is not null)
        {
            Assert.True(fault.Status is (>= 400 and < 500) or 501, $"{fault}");
            ErrorText.AssertTellsNothingInternal(fault.Message);
        }
    }

    private static string Mutate(Random random, string text)
    {
        var changed = new StringBuilder(text);
        for (var edits = random.Next(4); edits > 0 && changed.Length > 0; edits--)
        {
            var at = random.Next(changed.Length);
            switch (random.Next(5))
            {
                case 0:
                    changed[at] = (char)random.Next(0x250);
                    break;
                case 1:
                    changed.Remove(at, Math.Min(random.Next(1, 5), changed.Length - at));
                    break;
                case 2:
                    changed.Insert(at, changed.ToString(random.Next(changed.Length), 1));
                    break;
                case 3:
                    changed.Insert(at, "/../,;q=\"\\u0000{[");
                    break;
                default:
                    changed.Length = at;
                    break;
            }
        }

        return changed.ToString();
    }

    private static byte[] Pack(byte[] content, bool gzip)
    {
        using var packed = new MemoryStream();
        using (Stream packing = gzip ? new GZipStream(packed, CompressionLevel.Optimal) : new ZLibStream(packed, CompressionLevel.Optimal))
        {
            packing.Write(content);
        }

        return packed.ToArray();
    }
}
