using Kontor.Accounts.External;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Accounts.SignIn;

/// <summary>Keeps an account from losing the last thing that its owner can sign in with.</summary>
internal sealed class WaysIn(Providers providers)
{
    public static readonly Problem Last = new(409, "last-way-in", "This is the last way to sign in to the account. Add another one first.");

    /// <summary>Asked in the transaction that has removed one, which a problem undoes.</summary>
    public async ValueTask<Problem?> Check(Tx tx, string userId)
    {
        // A site that is not in use here any more lets nobody in.
        var left = await tx.First<bool>($"""
            SELECT
                EXISTS (SELECT 1 FROM accounts_users WHERE id = @userId AND password_hash <> '')
                OR EXISTS (SELECT 1 FROM accounts_passkeys WHERE user_id = @userId)
                OR EXISTS (SELECT 1 FROM accounts_identities WHERE user_id = @userId AND provider {tx.Dialect.In("sites")})
            """, new { userId, sites = providers.Names });
        return left ? null : Last;
    }
}
