using Kontor.Accounts.Keys;
using Kontor.Foundation.Time;
using Kontor.Testing;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>The folder of keys, by itself: processes that are killed, and clocks that are wrong.</summary>
public class KeyScheduleTests
{
    [Fact]
    public void A_rotation_that_is_killed_at_any_step_loses_nothing_and_can_be_done_again()
    {
        for (var step = 1; ; step++)
        {
            var folder = Directory.CreateTempSubdirectory("kontor-keys-").FullName;
            try
            {
                var clock = new TestClock();
                ScheduleOf(folder, clock).Tend();
                clock.Advance(TimeSpan.FromDays(1));
                var published = new KeyRing(folder).SigningKeys.Select(key => key.Kid).ToList();
                var pepper = new KeyRing(folder).Pepper.Id;

                var wasKilled = IsKilled(step, folder, clock);
                // What a process leaves that was killed while it wrote.
                var draft = Path.Combine(folder, "signing-0002.pem.0.draft");
                File.WriteAllText(draft, "half a key");
                File.SetLastWriteTimeUtc(draft, DateTime.UtcNow.AddHours(-2));

                var ring = new KeyRing(KeyFolder.Open(folder), clock);
                ring.SigningKeys.Select(key => key.Kid).ShouldBeSubsetOf([.. published, ring.SigningKeys[0].Kid]);
                published.ShouldBeSubsetOf(ring.SigningKeys.Select(key => key.Kid));
                published.ShouldContain(ring.SigningKey.Kid);
                ring.PepperOf(pepper).ShouldNotBeNull();
                // A server that runs tends the folder within a second.
                ScheduleOf(folder, clock).Tend();
                clock.Advance(TimeSpan.FromMinutes(11));
                ScheduleOf(folder, clock).Rotate().ShouldBeLessThanOrEqualTo(clock.NowMs());
                Directory.GetFiles(folder, "*.draft").ShouldBeEmpty();
                if (wasKilled) continue;
                step.ShouldBeGreaterThan(6);
                return;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    [Fact]
    public async Task A_folder_that_another_process_tends_is_waited_for_and_one_that_is_gone_is_not()
    {
        var folder = Directory.CreateTempSubdirectory("kontor-keys-").FullName;
        try
        {
            var keys = KeyFolder.Open(folder);
            var held = keys.Lock();
            var waiting = Task.Run(() => KeyFolder.Open(folder).Lock());
            await Task.Delay(200, TestContext.Current.CancellationToken);
            waiting.IsCompleted.ShouldBeFalse();
            held.Dispose();
            (await waiting).Dispose();
            Directory.Delete(folder, recursive: true);
            Should.Throw<DirectoryNotFoundException>(() => keys.Lock());
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_clock_that_was_wrong_for_a_while_leaves_a_key_that_signs_and_one_that_follows_within_a_month()
    {
        var folder = Directory.CreateTempSubdirectory("kontor-keys-").FullName;
        try
        {
            var clock = new TestClock();
            foreach (var days in new[] { 0, 400, 1, -401, -400, 0, 800 })
            {
                clock.Advance(TimeSpan.FromDays(days));
                var schedule = ScheduleOf(folder, clock);
                schedule.Tend();
                schedule.Tend();
                var files = KeyFolder.Open(folder).Read(KeyKind.Signing);
                files.Count.ShouldBeInRange(2, 3);
                files.Count(file => file.UsedFrom > clock.NowMs()).ShouldBeGreaterThan(0);
                files[^1].UsedFrom.ShouldBeLessThanOrEqualTo(clock.NowMs() + (30 * Clock.Day));
                _ = new KeyRing(KeyFolder.Open(folder), clock).SigningKey.Sign([1]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class KilledException : Exception;

    /// <summary>Rotates both kinds, and is killed before the given change of a file.</summary>
    private static bool IsKilled(int step, string folder, TestClock clock)
    {
        var steps = 0;
        void Before(string change)
        {
            if (++steps == step) throw new KilledException();
        }

        try
        {
            var schedule = ScheduleOf(folder, clock, Before);
            schedule.RotatePepper();
            schedule.Rotate();
            clock.Advance(TimeSpan.FromMinutes(5));
            schedule.Tend();
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }

    private static KeySchedule ScheduleOf(string folder, TimeProvider clock, Action<string>? before = null)
    {
        var ring = new KeyRing(KeyFolder.Open(folder, before), clock);
        return new(ring, Options.Create(new AccountOptions()), clock);
    }
}
