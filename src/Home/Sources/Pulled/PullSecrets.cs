using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Kontor.Home.Sources.Pulled;

/// <summary>Seals what this server says to sources to be known: under the keys of the data folder, which are in no database.</summary>
internal sealed class PullSecrets(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("home.pulls");

    public string Seal(string secret) => _protector.Protect(secret);

    /// <summary>Null when the source asks for none.</summary>
    public string? Open(StoredPulls.Pull pull)
    {
        if (pull.Secret is null) return null;
        try
        {
            return _protector.Unprotect(pull.Secret);
        }
        catch (CryptographicException exception)
        {
            throw new PullException("its secret cannot be read with this node's keys; declare it again", exception);
        }
    }
}
