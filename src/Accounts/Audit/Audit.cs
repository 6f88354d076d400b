using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Accounts;

/// <summary>
/// What was done to accounts: who, what, to whom, when, from where. Written in the deed's own transaction, so there is none without the
/// other. Owns the table `accounts_audit`, in which the database itself refuses to change anything.
/// </summary>
internal sealed class Audit(TimeProvider time)
{
    /// <param name="tx">The transaction that does the deed.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="action">One of <see cref="AuditAction"/>.</param>
    /// <param name="subject">The id of the person whose account it is done to; null when it concerns none.</param>
    /// <param name="details">What else is worth knowing, as a JSON object of few fields. Never a password, a token or a code.</param>
    public async ValueTask Record(Tx tx, Actor by, string action, string? subject, object? details = null) => await tx.Execute("""
        INSERT INTO accounts_audit (at, actor, network, action, subject, details)
        VALUES (@now, @actor, @network, @action, @subject, @details)
        """, new
    {
        now = time.NowMs(),
        actor = by.Id,
        network = by.Network,
        action,
        subject,
        details = details is null ? "{}" : JsonSerializer.Serialize(details, JsonSerializerOptions.Web),
    });

    /// <summary>
    /// For erasure: what was done stays, under an id that leads to nobody any more; where the person was and what else was noted about them
    /// goes.
    /// </summary>
    public static async Task Forget(Tx tx, string person)
    {
        await tx.Execute("UPDATE accounts_audit SET network = NULL, details = '{}' WHERE subject = @person", new { person });
        await tx.Execute("UPDATE accounts_audit SET network = NULL WHERE actor = @person", new { person });
    }
}
