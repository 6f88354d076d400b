using System.Buffers.Text;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Identity;

namespace Kontor.Accounts.Passkeys;

/// <summary>Lets the framework's ceremonies read our people and their passkeys. They write nothing, and ask for nothing else.</summary>
internal sealed class PasskeyStore(IUsers users, IPasskeys passkeys) : IUserPasskeyStore<User>
{
    public Task<string> GetUserIdAsync(User user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(User user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<User?> FindByIdAsync(string userId, CancellationToken cancellationToken) => users.Find(userId, cancellationToken);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(User user, CancellationToken cancellationToken) =>
        [.. (await passkeys.List(user.Id, cancellationToken)).Select(InfoOf)];

    public async Task<User?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        await passkeys.FindByCredential(Base64Url.EncodeToString(credentialId), cancellationToken) is { } found
            ? await users.Find(found.UserId, cancellationToken)
            : null;

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(User user, byte[] credentialId, CancellationToken cancellationToken) =>
        await passkeys.FindByCredential(Base64Url.EncodeToString(credentialId), cancellationToken) is { } found && found.UserId == user.Id
            ? InfoOf(found)
            : null;

    public Task AddOrUpdatePasskeyAsync(User user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw Unexpected();

    public Task RemovePasskeyAsync(User user, byte[] credentialId, CancellationToken cancellationToken) => throw Unexpected();

    public Task SetUserNameAsync(User user, string? userName, CancellationToken cancellationToken) => throw Unexpected();

    public Task<string?> GetNormalizedUserNameAsync(User user, CancellationToken cancellationToken) => throw Unexpected();

    public Task SetNormalizedUserNameAsync(User user, string? normalizedName, CancellationToken cancellationToken) => throw Unexpected();

    public Task<IdentityResult> CreateAsync(User user, CancellationToken cancellationToken) => throw Unexpected();

    public Task<IdentityResult> UpdateAsync(User user, CancellationToken cancellationToken) => throw Unexpected();

    public Task<IdentityResult> DeleteAsync(User user, CancellationToken cancellationToken) => throw Unexpected();

    public Task<User?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw Unexpected();

    public void Dispose()
    {
    }

    /// <summary>What the device said when it was added is not kept: nobody asks for it.</summary>
    private static UserPasskeyInfo InfoOf(Passkey passkey) => new(
        Base64Url.DecodeFromChars(passkey.CredentialId), passkey.PublicKey, passkey.CreatedAt.ToTime(), (uint)passkey.SignCount,
        passkey.Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries), isUserVerified: true, passkey.IsBackupEligible,
        passkey.IsBackedUp, attestationObject: [], clientDataJson: []);

    private static NotSupportedException Unexpected() => new("The ceremonies of passkeys only read.");
}
