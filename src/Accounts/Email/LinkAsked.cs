using Kontor.Foundation.Events;

namespace Kontor.Accounts.Email;

/// <summary>
/// Somebody asked for a letter with a link. That is all a request does: whether the address has an account, and what the letter says, is
/// found out behind it, so that its answer and its time tell nothing.
/// </summary>
/// <param name="UserId">Null when nobody has the address.</param>
/// <param name="Purpose">One of <see cref="LinkPurpose"/>.</param>
/// <param name="LinkId">The link, where it was prepared with an address of its own.</param>
internal sealed record LinkAsked(string? UserId, string Purpose, string? LinkId = null) : IEvent
{
    public static string Name => "accounts.link-asked";
}
