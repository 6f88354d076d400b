using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Kontor.Accounts.Email;

/// <summary>What makes a link in a letter work, once. Only its hash is stored, so whoever reads the database has no link.</summary>
internal sealed record LinkToken(string Text)
{
    private const int SecretBytes = 32;

    public static LinkToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    public byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes(Text));

    /// <summary>An address of this server.</summary>
    public string At(string path) => $"{path}?token={Text}";
}
