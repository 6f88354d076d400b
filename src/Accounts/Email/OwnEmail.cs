using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Security;

namespace Kontor.Accounts.Email;

/// <summary>
/// A person's address: shown to be theirs, and changed. Whoever asks for a letter gets the same answer after the same work, whether or not
/// there is an account; see <see cref="LinkAsked"/>.
/// </summary>
internal sealed class OwnEmail(
    Database database, IUsers users, Links links, Registrations registrations, Outbox outbox, Audit audit)
{
    /// <summary>One more letter to confirm the address of somebody who is signed in.</summary>
    public Task AskAgain(string userId, CancellationToken ct) =>
        database.Write(tx => outbox.Add(tx, new LinkAsked(userId, LinkPurpose.VerifyEmail)).AsTask(), ct);

    /// <summary>The same for whoever is not, and perhaps has no account yet.</summary>
    public Task AskAgain(EmailAddress email, CancellationToken ct) => database.Write(
        async tx =>
        {
            var owner = await users.FindOwner(tx, email);
            var registration = await registrations.FindByEmail(tx, email);
            await outbox.Add(tx, new LinkAsked(owner?.Id, LinkPurpose.VerifyEmail));
            await outbox.Add(tx, new RegistrationAsked(registration));
        }, ct);

    /// <summary>The account has a new address once that is confirmed; until then nothing changes.</summary>
    public Task AskChange(string userId, EmailAddress email, CancellationToken ct) => database.Write(
        async tx =>
        {
            var id = await links.Prepare(tx, userId, LinkPurpose.ChangeEmail, email);
            await outbox.Add(tx, new LinkAsked(userId, LinkPurpose.ChangeEmail, id));
        }, ct);

    /// <summary>
    /// Whoever has the letter shows that the address is theirs: of an account, of one that changes its address, or of a new one.
    /// </summary>
    /// <returns>Null when it is so; or <see cref="Links.Invalid"/>, or <see cref="User.EmailTaken"/>.</returns>
    public async Task<Problem?> Confirm(string token, Actor by, CancellationToken ct) => (await database.Write(
        async tx =>
        {
            if (await links.Take(tx, token, LinkPurpose.VerifyEmail) is { } verified) return await Verify(tx, verified, by);
            if (await links.Take(tx, token, LinkPurpose.ChangeEmail) is { } changed) return await Change(tx, changed, by);
            return await registrations.Take(tx, token) is { } registration ? await Open(tx, registration, by) : Links.Invalid;
        }, ct)).Problem;

    private async Task<Outcome<bool>> Verify(Tx tx, Link link, Actor by)
    {
        // The address may have been changed after the letter was sent.
        if (!await users.ConfirmEmail(tx, link.UserId, link.Address)) return Links.Invalid;
        await audit.Record(tx, by.As(link.UserId), AuditAction.EmailVerified, link.UserId);
        return true;
    }

    private async Task<Outcome<bool>> Change(Tx tx, Link link, Actor by)
    {
        if (await users.Find(tx, link.UserId) is not { } user) return Links.Invalid;
        if (!await users.ChangeEmail(tx, user.Id, link.Address)) return User.EmailTaken;
        // They went to the old address.
        await links.End(tx, user.Id, LinkPurpose.VerifyEmail);
        await links.End(tx, user.Id, LinkPurpose.ResetPassword);
        var old = EmailAddress.Parse(user.Email)!;
        // Nobody has shown that an unconfirmed one is the owner's, so it gives no power over the account.
        if (user.EmailVerified && old.Key != link.EmailKey)
        {
            var undo = await links.Prepare(tx, user.Id, LinkPurpose.UndoEmail, old);
            await outbox.Add(tx, new LinkAsked(user.Id, LinkPurpose.UndoEmail, undo));
        }

        await audit.Record(tx, by.As(user.Id), AuditAction.EmailChanged, user.Id);
        return true;
    }

    private async Task<Outcome<bool>> Open(Tx tx, Registration registration, Actor by)
    {
        var opened = new NewUser(
            registration.Id, registration.Address, registration.Name, registration.Password, [RoleNames.Customer], EmailVerified: true,
            registration.Language);
        var (_, problem) = await users.Register(tx, opened, by.As(registration.Id));
        return problem is null ? true : Links.Invalid;
    }
}
