namespace Kontor.Home.Ranking;

/// <summary>
/// How much a person likes which categories, from 0 to 1: at most 32 numbers, which fade by half in some days. It is all that is known of
/// what a person likes, and they may read it, take it away or switch it off.
/// </summary>
internal sealed class Taste
{
    public const int CategoriesMax = 32;

    /// <summary>A sign takes the number so far towards 1, so that no number of clicks goes beyond it.</summary>
    private const double ClickStep = 0.3;

    /// <summary>What has faded to this is forgotten.</summary>
    private const double Least = 0.01;

    private readonly Dictionary<string, float> _likes;
    private readonly long _halfLifeMs;

    /// <param name="likes">By category, as they were <paramref name="asOf"/>.</param>
    /// <param name="asOf">Milliseconds since 1970.</param>
    /// <param name="halfLifeMs">After so long without a sign, half is left.</param>
    public Taste(IReadOnlyDictionary<string, float> likes, long asOf, long halfLifeMs)
    {
        _likes = likes.OrderByDescending(like => like.Value).Take(CategoriesMax)
            .ToDictionary(like => like.Key, like => like.Value, StringComparer.Ordinal);
        _halfLifeMs = halfLifeMs;
        AsOf = asOf;
    }

    public long AsOf { get; private set; }

    public IReadOnlyDictionary<string, float> Likes => _likes;

    public double Of(string category, long now) => _likes.GetValueOrDefault(category) * Left(now);

    /// <summary>A widget of this category was clicked.</summary>
    public void Clicked(string category, long now)
    {
        Fade(now);
        var before = _likes.GetValueOrDefault(category);
        _likes[category] = (float)(before + ((1 - before) * ClickStep));
        if (_likes.Count > CategoriesMax) _likes.Remove(_likes.OrderBy(like => (like.Value, like.Key)).First().Key);
    }

    /// <summary>A widget of this category was sent away: half of what was liked about it is left.</summary>
    public void Dismissed(string category, long now)
    {
        Fade(now);
        if (_likes.TryGetValue(category, out var before)) _likes[category] = before / 2;
    }

    /// <summary>A clock that goes back changes nothing.</summary>
    private double Left(long now) => now <= AsOf ? 1 : Math.Pow(0.5, (double)(now - AsOf) / _halfLifeMs);

    private void Fade(long now)
    {
        if (now <= AsOf) return;
        var left = Left(now);
        foreach (var (category, like) in _likes.ToList())
        {
            var faded = (float)(like * left);
            if (faded < Least) _likes.Remove(category);
            else _likes[category] = faded;
        }

        AsOf = now;
    }
}
