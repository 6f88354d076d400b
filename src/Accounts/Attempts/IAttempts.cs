using Kontor.Foundation;

namespace Kontor.Accounts.Attempts;

/// <summary>How often a password was tried since it was last right, and how long the next try has to wait. Owns the table
/// `accounts_attempts`.</summary>
internal interface IAttempts
{
    /// <summary>Counts one more try under each of the tallies, before anybody looks whether it is right: so of many at once no more are
    /// looked at than of many in turn, whichever nodes they go to.</summary>
    /// <returns>Null when it is counted; or 429 `too-many-requests`, and nothing is.</returns>
    Task<Problem?> Count(IReadOnlyList<Tally> tallies, CancellationToken ct);

    /// <summary>It was right: they begin anew.</summary>
    Task Clear(IReadOnlyList<Tally> tallies, CancellationToken ct);

    /// <summary>Nobody could look at it after all.</summary>
    Task TakeBack(IReadOnlyList<Tally> tallies, CancellationToken ct);

    /// <summary>Removes up to so many that are forgotten.</summary>
    /// <returns>How many there were.</returns>
    Task<int> Tidy(int most, CancellationToken ct);
}
