using System.ComponentModel.DataAnnotations;

namespace Kontor.Shop.Checkout;

/// <summary>Where an order goes.</summary>
/// <param name="Country">ISO 3166-1 alpha-2, for instance `DE`.</param>
public sealed record ShippingAddress(
    [property: Required, MaxLength(100)] string? Name = null,
    [property: Required, MaxLength(200)] string? Street = null,
    [property: Required, MaxLength(100)] string? City = null,
    [property: Required, MaxLength(20)] string? PostalCode = null,
    [property: Required, Country] string? Country = null);
