using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Keys;

/// <summary>
/// Which signing keys there are: one that signs, the next, which is published long before it signs, and the previous, until its last
/// tokens have ended. Everything follows from the files and the clock, so any node may do it, and any may be killed while it does.
/// </summary>
internal sealed class KeySchedule(KeyRing ring, IOptions<AccountOptions> options, TimeProvider time)
{
    /// <summary>How long a key is published before it signs: twice as long as other systems may keep the list.</summary>
    public const long PublishMs = 10 * Clock.Minute;

    /// <summary>How long a key is kept after its successor began: its last tokens live for a quarter of this.</summary>
    public const long KeepMs = Clock.Hour;

    /// <summary>Nodes look every second, and folders in a network are up to a minute late.</summary>
    public const long PepperDelayMs = 2 * Clock.Minute;

    /// <summary>Null when keys are changed by command only.</summary>
    private long? PeriodMs => options.Value.SigningKeyDays is > 0 and var days ? days * Clock.Day : null;

    /// <summary>Makes the next key when there is none, and removes those whose tokens have all ended.</summary>
    public void Tend()
    {
        using var alone = ring.Folder.Lock();
        var now = time.NowMs();
        var keys = ring.Folder.Read(KeyKind.Signing);
        var current = InUse(keys, now);
        if (NextOf(keys, now) is not { } next) AddNext(keys, DueAt(current, now), now);
        // After a clock that was set, or a shorter period.
        else if (PeriodMs is { } period && next.UsedFrom > now + period) Redate(next, now + period);
        foreach (var key in keys.TakeWhile(key => key != current))
        {
            if (SuccessorOf(keys, key) is { IsDated: true, UsedFrom: var began } && began + KeepMs < now)
                ring.Folder.Remove(KeyKind.Signing, key);
        }

        ring.Folder.RemoveDrafts();
        ring.Reload();
    }

    /// <summary>The next key signs at once, or as soon as it has been published for long enough.</summary>
    /// <returns>When, in milliseconds since 1970.</returns>
    public long Rotate()
    {
        Tend();
        long from;
        using (ring.Folder.Lock())
        {
            var now = time.NowMs();
            var next = NextOf(ring.Folder.Read(KeyKind.Signing), now)!;
            from = Math.Max(now, next.MadeAt + PublishMs);
            if (from < next.UsedFrom) Redate(next, from);
            else from = next.UsedFrom;
        }

        Tend();
        return from;
    }

    /// <summary>Makes a pepper, for passwords and refresh tokens of the future.</summary>
    /// <returns>From when on it is used, in milliseconds since 1970.</returns>
    public long RotatePepper()
    {
        using var alone = ring.Folder.Lock();
        var now = time.NowMs();
        var from = now + PepperDelayMs;
        ring.Folder.Add(KeyKind.Pepper, new(ring.Folder.Read(KeyKind.Pepper)[^1].Number + 1, now, from, KeyKind.Pepper.New()));
        ring.Reload();
        return from;
    }

    private void AddNext(List<KeyFile> keys, long usedFrom, long now) =>
        ring.Folder.Add(KeyKind.Signing, new(keys[^1].Number + 1, now, usedFrom, KeyKind.Signing.New()));

    private void Redate(KeyFile key, long usedFrom) => ring.Folder.Replace(KeyKind.Signing, key with { UsedFrom = usedFrom });

    /// <summary>Where nothing is due by itself, the next key waits for the command.</summary>
    private long DueAt(KeyFile current, long now) =>
        PeriodMs is { } period ? Math.Max(current.UsedFrom + period, now + PublishMs) : DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static KeyFile InUse(List<KeyFile> keys, long now) => keys.FindLast(key => key.UsedFrom <= now) ?? keys[0];

    private static KeyFile? NextOf(List<KeyFile> keys, long now) => keys.Skip(keys.IndexOf(InUse(keys, now)) + 1).FirstOrDefault();

    private static KeyFile SuccessorOf(List<KeyFile> keys, KeyFile key) => keys[keys.IndexOf(key) + 1];
}
