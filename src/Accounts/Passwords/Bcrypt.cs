using System.Buffers.Binary;
using System.Numerics;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// bcrypt, to check passwords that other systems hashed: Provos and Mazières, "A Future-Adaptable Password Scheme" (USENIX 1999), over
/// Schneier's Blowfish (1993). What Blowfish starts from are the digits of pi, which are computed here and not copied.
/// </summary>
internal static unsafe class Bcrypt
{
    public const int SaltBytes = 16;

    /// <summary>The last byte of the ciphertext is left out, as OpenBSD's implementation did from the beginning.</summary>
    public const int DigestBytes = 23;

    /// <summary>With the zero that ends it; what follows does not count.</summary>
    private const int KeyBytesMax = 72;

    private const int Rounds = 16;
    private const int SubkeyCount = Rounds + 2;
    private const int BoxSize = 256;
    private const int StateWords = SubkeyCount + 4 * BoxSize;
    private const int WordBits = 32;

    private static readonly Lazy<uint[]> Pi = new(ComputePi);

    /// <param name="password">In UTF-8, without a zero.</param>
    /// <param name="salt">16 bytes.</param>
    /// <param name="cost">4 to 31: twice as long for each.</param>
    /// <param name="digest">23 bytes.</param>
    public static void Hash(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int cost, Span<byte> digest)
    {
        Span<byte> key = stackalloc byte[Math.Min(password.Length + 1, KeyBytesMax)];
        key.Clear();
        password[..Math.Min(password.Length, key.Length)].CopyTo(key);
        var keyWords = Words(key);
        var saltWords = Words(salt);
        uint[] state = [.. Pi.Value];
        fixed (uint* subkeys = state)
        {
            MixIn(subkeys, keyWords);
            Replace(subkeys, saltWords);
            Span<uint> nothing = [0, 0, 0, 0];
            for (var i = 0L; i < 1L << cost; i++)
            {
                MixIn(subkeys, keyWords);
                Replace(subkeys, nothing);
                MixIn(subkeys, saltWords);
                Replace(subkeys, nothing);
            }

            EncryptText(subkeys, digest);
        }

        key.Clear();
        Array.Clear(state);
    }

    private static void EncryptText(uint* subkeys, Span<byte> digest)
    {
        const int repetitions = 64;
        ReadOnlySpan<byte> text = "OrpheanBeholderScryDoubt"u8;
        Span<byte> cipher = stackalloc byte[text.Length];
        for (var at = 0; at < text.Length; at += 2 * sizeof(uint))
        {
            var left = BinaryPrimitives.ReadUInt32BigEndian(text[at..]);
            var right = BinaryPrimitives.ReadUInt32BigEndian(text[(at + sizeof(uint))..]);
            for (var i = 0; i < repetitions; i++) Encrypt(subkeys, ref left, ref right);
            BinaryPrimitives.WriteUInt32BigEndian(cipher[at..], left);
            BinaryPrimitives.WriteUInt32BigEndian(cipher[(at + sizeof(uint))..], right);
        }

        cipher[..DigestBytes].CopyTo(digest);
    }

    /// <summary>The bytes, again and again, as the words that 18 subkeys take.</summary>
    private static uint[] Words(ReadOnlySpan<byte> bytes)
    {
        var words = new uint[SubkeyCount];
        for (var i = 0; i < words.Length * sizeof(uint); i++)
        {
            ref var word = ref words[i / sizeof(uint)];
            word = word << 8 | bytes[i % bytes.Length];
        }

        return words;
    }

    private static void MixIn(uint* subkeys, ReadOnlySpan<uint> words)
    {
        for (var i = 0; i < SubkeyCount; i++) subkeys[i] ^= words[i];
    }

    /// <summary>Every word of the state becomes ciphertext of the one before, into which the salt's four words are mixed in turn.</summary>
    private static void Replace(uint* subkeys, ReadOnlySpan<uint> salt)
    {
        uint left = 0, right = 0;
        for (var i = 0; i < StateWords; i += 2)
        {
            left ^= salt[i & 2];
            right ^= salt[(i & 2) + 1];
            Encrypt(subkeys, ref left, ref right);
            subkeys[i] = left;
            subkeys[i + 1] = right;
        }
    }

    private static void Encrypt(uint* subkeys, ref uint left, ref uint right)
    {
        var boxes = subkeys + SubkeyCount;
        var (l, r) = (left ^ subkeys[0], right);
        for (var round = 1; round <= Rounds; round += 2)
        {
            r ^= Scramble(boxes, l) ^ subkeys[round];
            l ^= Scramble(boxes, r) ^ subkeys[round + 1];
        }

        (left, right) = (r ^ subkeys[Rounds + 1], l);
    }

    private static uint Scramble(uint* boxes, uint x) =>
        ((boxes[x >> 24] + boxes[BoxSize + (x >> 16 & 0xff)]) ^ boxes[2 * BoxSize + (x >> 8 & 0xff)]) + boxes[3 * BoxSize + (x & 0xff)];

    /// <summary>The first 33,344 binary digits behind the point, by Machin's formula: pi / 4 = 4 arctan(1/5) - arctan(1/239).</summary>
    private static uint[] ComputePi()
    {
        // What each division cuts off adds up in the spare digits.
        const int spare = 64;
        var one = BigInteger.One << (StateWords * WordBits + spare);
        var pi = 4 * (4 * ArcTangentOfInverse(5, one) - ArcTangentOfInverse(239, one));
        var digits = ((pi - 3 * one) >> spare).ToByteArray(isUnsigned: true, isBigEndian: true);
        var words = new uint[StateWords];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt32BigEndian(digits.AsSpan(i * sizeof(uint)));
        return words;
    }

    private static BigInteger ArcTangentOfInverse(int x, BigInteger one)
    {
        var power = one / x;
        var sum = power;
        for (var n = 3; !power.IsZero; n += 2)
        {
            power /= -x * x;
            sum += power / n;
        }

        return sum;
    }
}
