using Kontor.Foundation;
using Kontor.Foundation.Seams;

namespace Kontor.Home.Sources;

/// <summary>
/// Whether anybody is there of whom a source tells, or whom an admin puts on a list: what would be stored of nobody, no account's end
/// would ever erase. Where no module knows accounts, any id is good.
/// </summary>
internal sealed class KnownAccounts(IEnumerable<IPersonFinder> finders)
{
    private const int NamedMax = 5;
    private const int UnknownMax = 100;

    public static readonly Problem Unknown = new(422, "person-unknown", "There is no account of this id.");

    public async Task<Problem?> Check(string userId, CancellationToken ct)
    {
        if (finders.FirstOrDefault() is not { } finder) return null;
        // It finds people by their addresses too.
        return (await finder.Find(userId, ct))?.Id == userId ? null : Unknown;
    }

    /// <summary>The same of many, at once; the refusal names those that there are not.</summary>
    public async Task<Problem?> Check(IReadOnlyCollection<string> userIds, CancellationToken ct)
    {
        if (userIds.Count == 0 || finders.FirstOrDefault() is not { } finder) return null;
        var known = await finder.Known(userIds, ct);
        var unknown = userIds.Where(id => !known.Contains(id)).Distinct(StringComparer.Ordinal).ToList();
        if (unknown.Count == 0) return null;
        var some = string.Join(", ", unknown.Take(NamedMax));
        return Unknown.Because(unknown.Count > NamedMax ? $"{some} ..." : some).With("unknown", unknown.Take(UnknownMax).ToList());
    }
}
