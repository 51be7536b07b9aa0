using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace InferenceOperator.Control;

/// <summary>Spreads over time what many agents would do at once.</summary>
internal static class Spread
{
    /// <summary>A share in [0, 1) that is an agent's own, the same after each start.</summary>
    public static double Of(string agent) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(agent))) / (double)(1L << 32);
}
