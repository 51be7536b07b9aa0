namespace InferenceRuntime.Onnx.Tests;

/// <summary>Damages model files as accidents and attackers do.</summary>
internal static class OnnxMutation
{
    private static readonly byte[][] Fragments =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
        [0x00], [0x0A, 0x00], [0x7F], "../../etc/passwd"u8.ToArray(), "_ORT_MEM_ADDR_"u8.ToArray(), [0xC3, 0x28],
    ];

    /// <summary>The file with up to six changes.</summary>
    public static byte[] Draw(Random random, byte[] original)
    {
        var file = new List<byte>(original);
        for (var edits = random.Next(1, 7); edits > 0 && file.Count > 0; edits--)
        {
            var at = random.Next(file.Count);
            switch (random.Next(9))
            {
                case 0:
                    file.RemoveRange(at, Math.Min(random.Next(1, 20), file.Count - at));
                    break;
                case 1:
                    file.InsertRange(at, Fragments[random.Next(Fragments.Length)]);
                    break;
                case 2:
                    file.InsertRange(random.Next(file.Count), file.GetRange(at, Math.Min(random.Next(1, 200), file.Count - at)));
                    break;
                case 3 when random.Next(4) == 0:
                    file.RemoveRange(at, file.Count - at);
                    break;
                case 4:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    file[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. file];
    }
}
