using System.ComponentModel.DataAnnotations;

namespace Kontor.Shop.Checkout;

/// <summary>Where an order goes.</summary>
/// <param name="Country">ISO 3166-1 alpha-2, for instance `DE`.</param>
public sealed record ShippingAddress(
    [property: Required(ErrorMessage = FieldErrors.Missing), MaxLength(100, ErrorMessage = FieldErrors.TooLong)] string? Name = null,
    [property: Required(ErrorMessage = FieldErrors.Missing), MaxLength(200, ErrorMessage = FieldErrors.TooLong)] string? Street = null,
    [property: Required(ErrorMessage = FieldErrors.Missing), MaxLength(100, ErrorMessage = FieldErrors.TooLong)] string? City = null,
    [property: Required(ErrorMessage = FieldErrors.Missing), MaxLength(20, ErrorMessage = FieldErrors.TooLong)] string? PostalCode = null,
    [property: Required(ErrorMessage = FieldErrors.Missing), Country] string? Country = null);

/// <summary>What is said about a field of an order; pages say it in the visitor's language.</summary>
internal static class FieldErrors
{
    public const string Missing = "Please fill this in.";
    public const string TooLong = "This is too long.";
    public const string NoEmail = "This is not an e-mail address.";
    public const string EmailMissing = "Guests give an e-mail address.";
}
