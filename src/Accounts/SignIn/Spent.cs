using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// What is good for one use and was used: challenges and pending sign-ins, which nobody stored when they were made. Owns the table
/// `accounts_spent`.
/// </summary>
internal sealed class Spent(Database database, TimeProvider time)
{
    /// <summary>False when it was used before, also when another request is quicker.</summary>
    public Task<bool> Use(string id, long expiresAt, CancellationToken ct) => database.Write(tx => Use(tx, id, expiresAt).AsTask(), ct);

    /// <summary>The same, in the transaction of what it is used for.</summary>
    public async ValueTask<bool> Use(Tx tx, string id, long expiresAt)
    {
        // What has run out is refused for that, so it need not be known any longer.
        await tx.Execute("DELETE FROM accounts_spent WHERE expires_at < @before", new { before = time.NowMs() - Clock.Day });
        return await tx.Execute("""
            INSERT INTO accounts_spent (id, expires_at)
            VALUES (@id, @expiresAt)
            ON CONFLICT (id) DO NOTHING
            """, new { id, expiresAt }) > 0;
    }
}
