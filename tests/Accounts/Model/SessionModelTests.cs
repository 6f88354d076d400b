using FsCheck;
using FsCheck.Fluent;
using Kontor.Accounts.Keys;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests.Model;

/// <summary>
/// Stories of a session - refreshes, lost answers, thieves, sign-outs, restarts, clocks that are set - told to the real rules and to a
/// model. A story that fails is printed in its shortest form.
/// </summary>
[Trait("Speed", "slow")]
public class SessionModelTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    [Trait("Database", "none")]
    public void No_honest_client_is_signed_out_and_no_thief_and_victim_both_go_on()
    {
        var rings = Rings(3);
        var (thefts, sideBySide) = (0, 0);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithEndSize(120), Prop.ForAll(Story.Any(restarts: 50), story =>
        {
            var telling = new Telling(new RulesInMemory(rings));
            telling.Tell(story).GetAwaiter().GetResult();
            if (telling.HasThief) thefts++;
            if (telling.IsSideBySide) sideBySide++;
        }));

        // Most stories have a thief who is told from the victim, so the property is not about nothing.
        (thefts - sideBySide).ShouldBeGreaterThan(5_000);
    }

    [Fact]
    public async Task The_running_server_keeps_to_the_model()
    {
        using var robin = await app.NewPerson();
        app.Clock.Hold();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithStartSize(60), Prop.ForAll(Story.Any(restarts: 2), story =>
        {
            using var server = new RunningServer(app, robin.Id);
            new Telling(server).Tell(story).GetAwaiter().GetResult();
        }));
    }

    /// <summary>Each has one pepper more than the one before.</summary>
    private static List<KeyRing> Rings(int count)
    {
        var folder = Directory.CreateTempSubdirectory("kontor-keys-").FullName;
        try
        {
            var rings = new List<KeyRing> { new(folder) };
            for (var i = 2; i <= count; i++)
            {
                File.WriteAllText(Path.Combine(folder, $"pepper-000{i}.key"), new string((char)('0' + i), 64));
                rings.Add(new(folder));
            }

            return rings;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
