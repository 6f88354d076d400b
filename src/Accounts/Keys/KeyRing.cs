using Kontor.Foundation;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Keys;

/// <summary>
/// The server's secrets, in memory as the data folder's `keys` has them, which nodes on one database share. Of each kind the newest whose
/// time has come is used for what is made now; the others are kept for what was made with them, or will be.
/// </summary>
internal sealed class KeyRing
{
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private string _fingerprint = "";
    private volatile Content _content = new([], []);

    public KeyRing(IOptions<DataFolder> data, TimeProvider time)
        : this(KeyFolder.Open(Path.Combine(data.Value.Path, "keys")), time)
    {
    }

    public KeyRing(string folder)
        : this(KeyFolder.Open(folder), TimeProvider.System)
    {
    }

    public KeyRing(KeyFolder folder, TimeProvider time)
    {
        (Folder, _time) = (folder, time);
        foreach (var kind in new[] { KeyKind.Signing, KeyKind.Pepper })
        {
            if (folder.Read(kind).Count == 0) folder.Add(kind, new(Number: 1, time.NowMs(), time.NowMs(), kind.New()));
        }

        Reload();
    }

    private sealed class Content(IReadOnlyList<Dated<SigningKey>> signing, IReadOnlyList<Dated<Pepper>> peppers)
    {
        public IReadOnlyList<Dated<SigningKey>> Signing { get; } = signing;

        public IReadOnlyList<Dated<Pepper>> Peppers { get; } = peppers;

        public Dictionary<string, SigningKey> SigningByHeader { get; } =
            signing.ToDictionary(key => key.Value.Header, key => key.Value, StringComparer.Ordinal);

        public Dictionary<string, Pepper> PeppersById { get; } =
            peppers.ToDictionary(pepper => pepper.Value.Id, pepper => pepper.Value, StringComparer.Ordinal);
    }

    private sealed record Dated<T>(KeyFile File, T Value);

    public KeyFolder Folder { get; }

    /// <summary>The one that signs.</summary>
    public SigningKey SigningKey => InUse(_content.Signing);

    /// <summary>Every one whose tokens are taken, those of the future included: the newest first.</summary>
    public IReadOnlyList<SigningKey> SigningKeys => [.. _content.Signing.Reverse().Select(key => key.Value)];

    public Pepper Pepper => InUse(_content.Peppers);

    /// <summary>Null when no key of the ring writes this header, whatever it says.</summary>
    public SigningKey? SigningKeyOf(ReadOnlySpan<char> header) =>
        _content.SigningByHeader.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(header, out var key) ? key : null;

    /// <summary>One that is not known is looked for, because another node may have it already. When that fails, the failure is told: who is
    /// told instead that their refresh token is not valid would sign out.</summary>
    public Pepper? PepperOf(string id)
    {
        if (_content.PeppersById.TryGetValue(id, out var known)) return known;
        Reload();
        return _content.PeppersById.GetValueOrDefault(id);
    }

    /// <summary>Reads the folder when it changed. A key that is no longer there is retired at once, and its tokens with it.</summary>
    public void Reload()
    {
        lock (_reading)
        {
            var fingerprint = Folder.Fingerprint();
            if (fingerprint == _fingerprint) return;
            var before = _content;
            _content = new(
                [.. Folder.Read(KeyKind.Signing).Select(file => new Dated<SigningKey>(file, Key(before, file)))],
                [.. Folder.Read(KeyKind.Pepper).Select(file => new Dated<Pepper>(file, Pepper.FromText(file.Secret)))]);
            _fingerprint = fingerprint;
            foreach (var key in before.Signing)
            {
                if (!_content.SigningByHeader.ContainsKey(key.Value.Header)) key.Value.Retire();
            }
        }
    }

    /// <summary>One that is known stays the same object, by which tokens that were taken know whether it is retired.</summary>
    private static SigningKey Key(Content before, KeyFile file) =>
        before.Signing.FirstOrDefault(key => key.File.Secret == file.Secret)?.Value ?? SigningKey.FromPem(file.Secret);

    private T InUse<T>(IReadOnlyList<Dated<T>> secrets)
    {
        var now = _time.NowMs();
        for (var i = secrets.Count - 1; i > 0; i--)
        {
            if (secrets[i].File.UsedFrom <= now) return secrets[i].Value;
        }

        // Also when the clock was set back to before the first.
        return secrets[0].Value;
    }
}
