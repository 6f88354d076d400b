using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Shop.Catalogue;

namespace Kontor.Shop.Admin;

/// <summary>What a product's fields may hold, wherever they come from.</summary>
internal static class ProductRules
{
    public const int NameMax = 120;
    public const int CategoryMax = 60;
    public const int DescriptionMax = 10_000;
    public const int ImageMax = 500;
    public const int PriceMax = 10_000_000;

    /// <summary>One line of text that is not blank: a name stands in headings, addresses and CSV.</summary>
    public const string Line = @"[^\p{Cc}]*[^\p{Cc}\s][^\p{Cc}]*";
    public const string LineMessage = "One line of text.";

    /// <summary>A category is also a part of an address, where these could not be told from the address's own.</summary>
    public const string Category = @"[^\p{Cc}/\\]*[^\p{Cc}/\\\s][^\p{Cc}/\\]*";
    public const string CategoryMessage = "One line of text without slashes.";

    public const string Image = @"https?://\S+|/[^/\\\s]\S*";
    public const string ImageMessage = "An address that begins with https:// or, on this site, with /.";
}

/// <summary>An amount of euros and whole cents that somebody could pay.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PriceAttribute : ValidationAttribute
{
    public PriceAttribute()
        : base("An amount from 0 to 10,000,000 with at most two decimals.")
    {
    }

    public override bool IsValid(object? value) => value switch
    {
        null => true,
        decimal price => price is >= 0 and <= ProductRules.PriceMax && Money.FromMajor(price, Products.Currency) is not null,
        _ => false,
    };
}
