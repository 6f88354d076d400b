using System.Security.Cryptography;
using System.Text;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.DataProtection;

namespace Kontor.Shop.Orders;

/// <summary>A guest sees an order by its link, `/orders/{id}?token=`, or by the cart token that it was ordered with.</summary>
internal static class OrderLink
{
    /// <summary>Only the hash of a link's token is stored.</summary>
    public static string? HashOf(string? token) =>
        token is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Seals a link's token for letters.</summary>
    public static IDataProtector Protector(IDataProtectionProvider protection) => protection.CreateProtector("Kontor.Shop.OrderToken");

    public static OrderAccess AccessTo(this CartOwner caller, string orderId, string? token) =>
        new(caller.UserId, HashOf(token ?? caller.OrderToken(orderId)));
}
