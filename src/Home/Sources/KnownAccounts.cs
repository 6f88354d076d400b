using Kontor.Foundation;
using Kontor.Foundation.Seams;

namespace Kontor.Home.Sources;

/// <summary>
/// Whether anybody is there of whom a source tells: what would be stored of nobody, no account's end would ever erase. Where no module
/// knows accounts, any id is good.
/// </summary>
internal sealed class KnownAccounts(IEnumerable<IPersonFinder> finders)
{
    public static readonly Problem Unknown = new(422, "person-unknown", "There is no account of this id.");

    public async Task<Problem?> Check(string userId, CancellationToken ct)
    {
        if (finders.FirstOrDefault() is not { } finder) return null;
        // It finds people by their addresses too.
        return (await finder.Find(userId, ct))?.Id == userId ? null : Unknown;
    }
}
