using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Kontor.Foundation;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Feed;

/// <summary>
/// What a client says about itself. What is unknown falls back to the web and to English; what no client would say is refused.
/// </summary>
/// <param name="Language">The first part of the locale: `de` of `de-AT`.</param>
/// <param name="Renderers">The types that the client can show; null for all.</param>
internal sealed partial record FeedQuery(string Platform, string? AppVersion, string Language, IReadOnlyList<TypeName>? Renderers)
{
    public const int RenderersMax = 50;

    private const int ForcedMax = 20;

    public static readonly Problem Invalid = new(400, "feed-query-invalid", "The query is not one that a client would send.");

    private const string FallbackPlatform = "web";
    private static readonly string[] Platforms = [FallbackPlatform, "ios", "android"];

    /// <summary>What tells the visitor's device from others; null when nothing does.</summary>
    public string? Device { get; init; }

    /// <summary>Variations that an admin wishes to look at, by experiment.</summary>
    public IReadOnlyDictionary<string, int> Forced { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>As our own pages ask: everything there is.</summary>
    public static FeedQuery Web(string language) => new(FallbackPlatform, null, language, null);

    public static Outcome<FeedQuery> Parse(string? platform, string? appVersion, string? locale, string? renderers)
    {
        if (platform is { Length: > 0 } && !Word().IsMatch(platform)) return Invalid.Because("`platform` is `web`, `ios` or `android`.");
        if (appVersion is { Length: > 0 } && !Version().IsMatch(appVersion)) return Invalid.Because("`appVersion` is like `1.4.2`.");
        if (locale is { Length: > 0 } && !Locale().IsMatch(locale)) return Invalid.Because("`locale` is a tag such as `de` or `de-AT`.");
        List<TypeName>? types = null;
        if (renderers is { Length: > 0 })
        {
            var names = renderers.Split(',', RenderersMax + 1, StringSplitOptions.TrimEntries);
            if (names.Length > RenderersMax) return Invalid.Because($"`renderers` has at most {RenderersMax} types.");
            types = new(names.Length);
            foreach (var name in names)
            {
                if (TypeName.Parse(name) is not { } type) return Invalid.Because("`renderers` is like `hero,product-grid@2`.");
                types.Add(type);
            }
        }

        return new FeedQuery(
            Platforms.FirstOrDefault(known => known.Equals(platform, StringComparison.OrdinalIgnoreCase)) ?? FallbackPlatform,
            appVersion, LanguageOf(locale), types);
    }

    /// <summary>Such as `banner:1,layout:0`, of an admin who looks at variations.</summary>
    public Outcome<FeedQuery> Forcing(string? variations)
    {
        if (string.IsNullOrEmpty(variations)) return this;
        var forced = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var one in variations.Split(',', ForcedMax + 1, StringSplitOptions.TrimEntries))
        {
            var parts = one.Split(':');
            if (parts is not [{ Length: > 0 } key, var number] || !int.TryParse(number, NumberStyles.None, null, out var variation))
                return Invalid.Because("`variation` is like `banner:1`, the key of an experiment and the number of a variation.");
            forced[key] = variation;
        }

        return this with { Forced = forced.ToImmutable() };
    }

    private static string LanguageOf(string? locale)
    {
        var end = locale?.AsSpan().IndexOfAny('-', '_') ?? -1;
        return (end < 0 ? locale ?? "" : locale![..end]).ToLowerInvariant();
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,32}\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z0-9.+_-]{1,64}\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\A[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}\z")]
    private static partial Regex Locale();
}
