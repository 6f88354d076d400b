using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;

namespace Kontor.Shop.Checkout;

/// <summary>The countries of ISO 3166-1 by their alpha-2 codes, with their names in the languages of the pages.</summary>
internal static class Countries
{
    private static readonly FrozenDictionary<string, Names> All = Load();

    private sealed record Names(string En, string De);

    public static bool Has(string code) => All.ContainsKey(code);

    /// <summary>In the visitor's language; the code itself when there is no such country.</summary>
    public static string NameOf(string code) => All.TryGetValue(code, out var names) ? Localised(names) : code;

    /// <summary>By their names in the visitor's language.</summary>
    public static IReadOnlyList<(string Code, string Name)> ByName() =>
        [.. All.Select(pair => (pair.Key, Localised(pair.Value))).OrderBy(country => country.Item2, StringComparer.CurrentCulture)];

    private static string Localised(Names names) => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "de" ? names.De : names.En;

    private static FrozenDictionary<string, Names> Load()
    {
        var assembly = typeof(Countries).Assembly;
        using var stream = assembly.GetManifestResourceStream("Kontor.Shop.Checkout.countries.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, Names>>(stream, JsonSerializerOptions.Web)!
            .ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>The value is a code of ISO 3166-1 alpha-2, in capital letters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class CountryAttribute() : ValidationAttribute("This is not a country's two-letter code.")
{
    public override bool IsValid(object? value) => value is not string code || Countries.Has(code);
}
