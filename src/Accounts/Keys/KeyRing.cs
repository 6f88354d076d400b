using System.Security.Cryptography;
using Kontor.Foundation;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Keys;

/// <summary>
/// The server's secrets, read at start from the data folder's `keys`, which nodes on one database share. The newest of each kind is used
/// for what is made now; the older ones are kept for what was made with them.
/// </summary>
internal sealed class KeyRing
{
    private const int PepperBytes = 32;

    private readonly Dictionary<string, SigningKey> _signingByHeader;
    private readonly Dictionary<string, Pepper> _peppers;

    public KeyRing(IOptions<DataFolder> data)
        : this(Path.Combine(data.Value.Path, "keys"))
    {
    }

    public KeyRing(string folder)
    {
        var signing = KeyFolder.ReadOrCreate(folder, "signing", "pem", SigningKey.NewPem).ConvertAll(SigningKey.FromPem);
        var peppers = KeyFolder.ReadOrCreate(folder, "pepper", "key", NewPepper).ConvertAll(ReadPepper);
        SigningKeys = [.. Enumerable.Reverse(signing)];
        Pepper = peppers[^1];
        _signingByHeader = signing.ToDictionary(key => key.Header, StringComparer.Ordinal);
        _peppers = peppers.ToDictionary(pepper => pepper.Id, StringComparer.Ordinal);
    }

    /// <summary>The newest first, which is the one that signs.</summary>
    public IReadOnlyList<SigningKey> SigningKeys { get; }

    public Pepper Pepper { get; }

    /// <summary>Null when no key of the ring writes this header, whatever it says.</summary>
    public SigningKey? SigningKeyOf(ReadOnlySpan<char> header) =>
        _signingByHeader.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(header, out var key) ? key : null;

    public Pepper? PepperOf(string id) => _peppers.GetValueOrDefault(id);

    private static string NewPepper() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PepperBytes)) + "\n";

    private static Pepper ReadPepper(string text)
    {
        var secret = Convert.FromHexString(text.Trim());
        return secret.Length >= PepperBytes
            ? new Pepper(secret)
            : throw new InvalidOperationException($"A pepper has at least {PepperBytes} bytes, in hexadecimal digits.");
    }
}
