using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// Hashes passwords with OWASP's parameters for Argon2id and the pepper as its secret. Everything goes through the gate; an address that
/// nobody has costs the same as a wrong password.
/// </summary>
internal sealed partial class PasswordHasher
{
    private const int SaltBytes = 16;
    private const int TagBytes = 32;

    private static readonly byte[] NoSalt = new byte[SaltBytes];
    private static readonly byte[] NoTag = new byte[TagBytes];

    private static readonly Argon2.Cost Cost = new(MemoryKiB: 19_456, Passes: 2, Lanes: 1);

    private readonly KeyRing _ring;
    private readonly HashingGate _gate;
    private readonly ILogger<PasswordHasher> _logger;

    public PasswordHasher(KeyRing ring, HashingGate gate, ILogger<PasswordHasher> logger)
    {
        (_ring, _gate, _logger) = (ring, gate, logger);
        Argon2.TestItself();
    }

    /// <summary>Whether this network would be refused at this moment.</summary>
    public bool IsBusyFor(ClientNetwork network) => _gate.IsFullFor(network);

    /// <param name="password">One that <see cref="PasswordRules"/> allows, where a person chose it.</param>
    /// <param name="network">On whose behalf; see <see cref="HashingGate"/>.</param>
    /// <param name="ct">Ends the waiting, not the computation.</param>
    /// <returns>Or <see cref="HashingGate.TooBusy"/>.</returns>
    public Task<Outcome<StoredPassword>> Hash(string password, ClientNetwork network, CancellationToken ct) => _gate.Run(
        () =>
        {
            var salt = RandomNumberGenerator.GetBytes(SaltBytes);
            var pepper = _ring.Pepper;
            return new StoredPassword(StoredPassword.Format(Cost, salt, Compute(password, salt, pepper, Cost)), pepper.Id);
        }, network, ct);

    /// <param name="password">What was typed.</param>
    /// <param name="stored">Null when nobody has the address: then the same work is done, and the answer is no.</param>
    /// <param name="network">On whose behalf; see <see cref="HashingGate"/>.</param>
    /// <param name="ct">Ends the waiting, not the computation.</param>
    /// <returns>Or <see cref="HashingGate.TooBusy"/>.</returns>
    public Task<Outcome<bool>> Verify(string password, StoredPassword? stored, ClientNetwork network, CancellationToken ct)
    {
        if (stored is not null && ForeignHash.Parse(stored.Phc) is { } foreign)
            return _gate.Run(() => foreign.Matches(password), network, ct);
        var pepper = stored is null ? null : _ring.PepperOf(stored.PepperId);
        var parts = pepper is null ? null : stored!.Read();
        if (stored is { IsNone: false } && pepper is null) LogPepperMissing(stored.PepperId);
        // Whatever keeps the answer from being yes, the work is the same.
        var (salt, tag, cost) = parts is null ? (NoSalt, NoTag, Cost) : (parts.Salt, parts.Tag, parts.Cost);
        return _gate.Run(
            () => CryptographicOperations.FixedTimeEquals(tag, Compute(password, salt, pepper ?? _ring.Pepper, cost)) && parts is not null,
            network, ct);
    }

    /// <summary>Whether it was made as passwords are made today; else it is worth making again when its owner types it.</summary>
    public bool IsCurrent(StoredPassword stored) => stored.PepperId == _ring.Pepper.Id && stored.Read()?.Cost == Cost;

    private static byte[] Compute(string password, byte[] salt, Pepper pepper, Argon2.Cost cost)
    {
        // One password may be typed in several ways; this form is the same for all keyboards.
        var bytes = Encoding.UTF8.GetBytes(password.InForm(NormalizationForm.FormKC));
        try
        {
            var tag = new byte[TagBytes];
            Argon2.Hash(bytes, salt, pepper.PasswordKey, default, cost, tag);
            return tag;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message =
        "A password was made with pepper {PepperId}, which is not in the data folder's keys; its owner cannot sign in until it is")]
    private partial void LogPepperMissing(string pepperId);
}
