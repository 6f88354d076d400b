using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Kontor.Shop.Waiting;

/// <summary>
/// The secret in the link of a letter, by which whoever got it takes or declines the piece, on any device. Only this shop can make one.
/// </summary>
internal sealed class WaitingLink(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Kontor.Shop.WaitingPlace");

    public string PathOf(string placeId) => $"/waiting/{placeId}?token={_protector.Protect(placeId)}";

    public bool Opens(string placeId, string? token)
    {
        try
        {
            return token is not null && _protector.Unprotect(token) == placeId;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
