using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kontor.Bench;

/// <summary>The limit of sign-ins: the reference library's Argon2id with Kontor's parameters, on every core, and nothing else.</summary>
internal static partial class RawArgon2
{
    private const uint Passes = 2;
    private const uint MemoryKiB = 19_456;
    private const uint Lanes = 1;

    /// <returns>Hashes a second, all cores together.</returns>
    public static double Measure(TimeSpan time)
    {
        var begun = Stopwatch.GetTimestamp();
        var counts = new int[Environment.ProcessorCount];
        var threads = counts.Select((_, i) => new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(begun) < time)
            {
                Hash();
                counts[i]++;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return counts.Sum() / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static void Hash()
    {
        var (password, salt, tag) = ("a long password for measuring"u8.ToArray(), RandomNumberGenerator.GetBytes(16), new byte[32]);
        var error = Run(Passes, MemoryKiB, Lanes, password, (nuint)password.Length, salt, (nuint)salt.Length, tag, (nuint)tag.Length);
        if (error != 0) throw new BenchException($"Argon2 answered error {error}.");
    }

    [LibraryImport("libargon2.so.1", EntryPoint = "argon2id_hash_raw")]
    private static partial int Run(
        uint passes, uint memoryKiB, uint lanes, byte[] password, nuint passwordLength, byte[] salt, nuint saltLength, byte[] tag,
        nuint tagLength);
}
