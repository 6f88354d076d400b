using System.Security.Cryptography;
using System.Text;

namespace Kontor.Accounts.Keys;

/// <summary>
/// Encrypts what the server has to read again (AES-256-GCM, NIST SP 800-38D), under a key that is in no database. What is sealed about one
/// thing opens about no other: a secret that was copied to another person's row is worth nothing there.
/// </summary>
internal static class Seal
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = Pepper.IdBytes + NonceBytes + TagBytes;

    /// <param name="ring">The newest pepper's key is taken, and its id put in front.</param>
    /// <param name="plain">The secret.</param>
    /// <param name="about">What it is and whose.</param>
    public static byte[] Close(KeyRing ring, ReadOnlySpan<byte> plain, string about)
    {
        var closed = new byte[HeadBytes + plain.Length];
        var nonce = closed.AsSpan(Pepper.IdBytes, NonceBytes);
        var tag = closed.AsSpan(Pepper.IdBytes + NonceBytes, TagBytes);
        var pepper = ring.Pepper;
        Convert.FromHexString(pepper.Id, closed, out _, out _);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(pepper.SealKey, TagBytes);
        aes.Encrypt(nonce, plain, closed.AsSpan(HeadBytes), tag, Encoding.UTF8.GetBytes(about));
        return closed;
    }

    /// <summary>Null when it was not sealed here, about this, with a pepper that the ring still has.</summary>
    public static byte[]? Open(KeyRing ring, ReadOnlySpan<byte> closed, string about)
    {
        if (closed.Length < HeadBytes) return null;
        if (ring.PepperOf(Convert.ToHexStringLower(closed[..Pepper.IdBytes])) is not { } pepper) return null;
        var plain = new byte[closed.Length - HeadBytes];
        using var aes = new AesGcm(pepper.SealKey, TagBytes);
        try
        {
            var nonce = closed.Slice(Pepper.IdBytes, NonceBytes);
            var tag = closed.Slice(Pepper.IdBytes + NonceBytes, TagBytes);
            aes.Decrypt(nonce, closed[HeadBytes..], tag, plain, Encoding.UTF8.GetBytes(about));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
