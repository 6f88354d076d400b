using System.Security.Cryptography;
using System.Text;

namespace Kontor.Home.Experiments;

/// <summary>
/// What a feed's id says of experiments: for each that gave its reader a variation by the hash, six digits that name the experiment and
/// a letter for the variation, after a dot. So an event, which names its feed, tells on any node and at any time what its reader was
/// shown. What it says is believed only as far as the hash of the reader agrees.
/// </summary>
internal static class FeedMark
{
    private const char Begin = '.';
    private const int NameLength = 6;

    public static string Of(string key, long bucketVersion) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}__{bucketVersion}")).AsSpan(0, NameLength / 2));

    /// <summary>Empty when the reader takes no part in anything.</summary>
    public static string Of(ExperimentBook book, string variations)
    {
        var mark = new StringBuilder();
        for (var i = 0; i < variations.Length; i++)
        {
            if (!ExperimentBook.Counts(variations[i])) continue;
            if (mark.Length == 0) mark.Append(Begin);
            mark.Append(book.At(i).Mark).Append(variations[i]);
        }

        return mark.ToString();
    }

    /// <summary>The variation that the feed showed of an experiment; -1 when it says nothing of it.</summary>
    public static int VariationIn(string feedId, LiveExperiment experiment)
    {
        var at = feedId.IndexOf(Begin, StringComparison.Ordinal) + 1;
        for (; at > 0 && at + NameLength < feedId.Length; at += NameLength + 1)
        {
            var letter = feedId[at + NameLength];
            if (feedId.AsSpan(at, NameLength).SequenceEqual(experiment.Mark) && ExperimentBook.Counts(letter))
                return ExperimentBook.VariationOf(letter);
        }

        return -1;
    }
}
