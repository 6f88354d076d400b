using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;

namespace Kontor.Home.Feed;

/// <summary>Puts together what is known of a reader, as far as it decides anything; from memory but for the first time.</summary>
internal sealed class Readers(PersonFacts facts, Assignments assignments)
{
    public async ValueTask<Reader> Of(FeedModel model, FeedQuery query, CurrentUser? user, CancellationToken ct)
    {
        // Both at once, so that a slow database is waited for once.
        var told = facts.Of(user?.Id, model.Needs, ct);
        var seen = assignments.Of(model.Experiments, user?.Id, query.Device, ct);
        return new(query, user) { Facts = await told, Remembered = await seen };
    }
}
