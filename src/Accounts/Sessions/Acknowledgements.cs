using Kontor.Accounts.Tokens;
using Kontor.Foundation.Caching;

namespace Kontor.Accounts.Sessions;

/// <summary>
/// Tells a session once that its client has the newest tokens, before the first request that shows it is answered. Afterwards this node's
/// memory knows; were it lost, the session would be told again, to no effect.
/// </summary>
internal sealed class Acknowledgements(ISessions sessions)
{
    private const int RememberedMax = 100_000;

    private static readonly object Told = new();

    private readonly Recent<(string Session, long Generation), object> _known = new(RememberedMax);

    public ValueTask Make(VerifiedToken token, CancellationToken ct)
    {
        // Those of generation 0 came with the sign-in's own answer, which nobody can ask for twice.
        if (token.IsAcknowledged || token.Token.Generation == 0) return ValueTask.CompletedTask;
        return new(MakeFirst(token, ct));
    }

    private async Task MakeFirst(VerifiedToken token, CancellationToken ct)
    {
        var key = (token.Token.Session, token.Token.Generation);
        if (_known.Find(key) is null)
        {
            await sessions.Acknowledge(key.Session, key.Generation, ct);
            _known.Set(key, Told);
        }

        token.IsAcknowledged = true;
    }
}
