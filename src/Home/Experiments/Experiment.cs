using System.Globalization;
using Kontor.Home.Rules;

namespace Kontor.Home.Experiments;

/// <summary>Several variations of one thing, and who gets which.</summary>
/// <param name="Key">Seeds the hash unless <paramref name="Seed"/> does.</param>
/// <param name="Variations">The keys of the variations, the control first.</param>
internal sealed record Experiment(string Key, IReadOnlyList<string> Variations)
{
    public string? Seed { get; init; }

    /// <summary>The attribute that tells one person from another.</summary>
    public string HashAttribute { get; init; } = Subject.Person;

    /// <summary>Stands in where there is no <see cref="HashAttribute"/>; keeps the variation over a sign-in, with sticky buckets.</summary>
    public string? FallbackAttribute { get; init; }

    public long HashVersion { get; init; } = 2;

    /// <summary>The share of all who take part, 0 to 1.</summary>
    public double Coverage { get; init; } = 1;

    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>Written-out parts of the line; then weights and coverage count for nothing.</summary>
    public IReadOnlyList<Span>? Ranges { get; init; }

    /// <summary>Further hashes, all of which must fall into their ranges: holdouts, shared traffic. They replace the namespace.</summary>
    public IReadOnlyList<Filter> Filters { get; init; } = [];

    public Namespace? Namespace { get; init; }

    public Rule? Condition { get; init; }

    public IReadOnlyList<Prerequisite> Prerequisites { get; init; } = [];

    /// <summary>The variation of everybody who takes part; for one that was decided.</summary>
    public int? Forced { get; init; }

    public bool Active { get; init; } = true;

    public bool Sticky { get; init; } = true;

    /// <summary>Raise it to draw anew for everybody.</summary>
    public long BucketVersion { get; init; }

    /// <summary>Whoever has a bucket of an older version is left out: for a variation that did harm.</summary>
    public long BucketVersionMin { get; init; }

    public string StickyKey(long version) => $"{Key}__{version}";

    /// <summary>The other way round; an experiment's own key has no such sign.</summary>
    public static (string Key, long BucketVersion) ReadStickyKey(string name) => name.Split("__") is [var key, var version]
        ? (key, long.Parse(version, CultureInfo.InvariantCulture))
        : (name, 0);
}

/// <param name="Attribute">Whose hash it is; when null, that of what the variation is drawn by.</param>
internal sealed record Filter(string Seed, IReadOnlyList<Span> Ranges, string? Attribute = null, long HashVersion = 2);

/// <summary>Another experiment (or switch) must have given the person a value that matches.</summary>
internal sealed record Prerequisite(string Key, Rule Condition);
