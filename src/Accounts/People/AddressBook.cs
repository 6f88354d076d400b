using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts;

/// <summary>Tells other modules where a person gets letters; the name only once it is certain that the address is theirs.</summary>
internal sealed class AddressBook : IAddressBook
{
    private sealed record Row(string Email, string Name, bool EmailVerified, string Language);

    public async ValueTask<Recipient?> Find(Tx tx, string userId)
    {
        var row = await tx.First<Row>(
            "SELECT email, name, email_verified, language FROM accounts_users WHERE id = @userId", new { userId });
        return row is null ? null : new(row.Email, row.EmailVerified ? row.Name : "", row.Language, userId);
    }
}
