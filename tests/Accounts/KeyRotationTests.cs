using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Signing keys and peppers come and go while servers run; nobody is signed out.</summary>
public class KeyRotationTests(KontorApp app) : IClassFixture<KontorApp>
{
    private string Folder => Path.Combine(app.Services.GetRequiredService<IOptions<DataFolder>>().Value.Path, "keys");

    private KeyRing Ring => app.Services.GetRequiredService<KeyRing>();

    [Fact]
    public async Task A_month_later_the_next_key_signs_and_the_tokens_of_the_previous_work_until_they_end()
    {
        var (first, next) = (Ring.SigningKey.Kid, await NextKid());
        PassUntil(UsedFrom(next).AddMinutes(-2));
        using var early = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        using var late = await app.NewPerson();

        KidOf(early).ShouldBe(first);
        KidOf(late).ShouldBe(next);
        foreach (var person in new[] { early, late }) (await StatusOf(person)).ShouldBe(HttpStatusCode.OK);
        await Eventually(async () => (await PublishedKids()).Count == 3);
        (await PublishedKids()).ShouldBe([Ring.SigningKeys[0].Kid, next, first]);

        app.Clock.Advance(TimeSpan.FromMinutes(14));
        (await StatusOf(early)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusOf(late)).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await Eventually(async () => !(await PublishedKids()).Contains(first));
        (await RefreshOf(early)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_command_reaches_the_servers_that_run()
    {
        var next = await NextKid();
        using var before = await app.NewPerson();
        var tag = await TagOfPublicKeys();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await RefreshOf(before)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var robin = await app.NewPerson();

        (await RunCommand()).ShouldContain($"signed with key {next} from now on");

        await Eventually(async () =>
        {
            using var somebody = await app.SignIn(robin.Email, robin.Password);
            return KidOf(somebody) == next;
        });
        KidOf(robin).ShouldNotBe(next);
        (await StatusOf(robin)).ShouldBe(HttpStatusCode.OK);
        await Eventually(async () => await TagOfPublicKeys() != tag);
    }

    [Fact]
    public async Task A_key_signs_only_when_it_was_published_for_ten_minutes()
    {
        var current = await NextKid();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await RunCommand();
        await Eventually(() => Task.FromResult(Ring.SigningKey.Kid == current));
        var next = await NextKid();

        (await RunCommand()).ShouldContain("The next key signs from");

        using var soon = await app.NewPerson();
        KidOf(soon).ShouldBe(current);
        await Eventually(() => Task.FromResult(UsedFrom(next) < app.Clock.GetUtcNow().AddMinutes(11)));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await Eventually(async () =>
        {
            using var later = await app.NewPerson();
            return KidOf(later) == next;
        });
    }

    [Fact]
    public async Task A_new_pepper_signs_nobody_out()
    {
        using var robin = await app.NewPerson();
        var lost = await Read(await RefreshOf(robin, "attempt-1"));
        var old = Ring.Pepper.Id;

        (await RunCommand("pepper")).ShouldContain("A new pepper is used from");
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        await Eventually(() => Task.FromResult(Ring.Pepper.Id != old));

        // The lost answer is the same as before, and what follows is made with the new pepper.
        (await Read(await RefreshOf(robin, "attempt-1"))).RefreshToken.ShouldBe(lost.RefreshToken);
        using var second = app.As(lost);
        using var third = app.As(await Read(await RefreshOf(second, "attempt-2")));
        using var fourth = app.As(await Read(await RefreshOf(third, "attempt-3")));
        (await StatusOf(fourth)).ShouldBe(HttpStatusCode.OK);
        PepperOf(second).ShouldBe(old);
        PepperOf(third).ShouldBe(Ring.Pepper.Id);
        using var again = await app.SignIn(robin.Email, robin.Password);
        (await StatusOf(again)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nodes_that_share_the_folder_take_each_others_tokens_all_the_while()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        await using var other = await app.AnotherNode();
        var otherRing = other.Services.GetRequiredService<KeyRing>();
        using var robin = await app.NewPerson();
        await RunCommand("pepper");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await RunCommand();

        var current = robin.Tokens;
        for (var i = 0; i < 40; i++)
        {
            var (here, there) = i % 2 == 0 ? (app, other) : (other, app);
            current = await Read(await Refresh(here, current.RefreshToken, $"attempt-{i}"));
            using var person = there.As(current);
            (await StatusOf(person)).ShouldBe(HttpStatusCode.OK);
        }

        await Eventually(() => Task.FromResult(
            otherRing.SigningKey.Kid == Ring.SigningKey.Kid && otherRing.SigningKeys.Count == Ring.SigningKeys.Count));
        otherRing.Pepper.Id.ShouldBe(Ring.Pepper.Id);
    }

    [Fact]
    public async Task A_key_whose_file_is_taken_away_is_refused_within_a_second_also_for_tokens_that_were_taken_before()
    {
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        using var robin = await app.NewPerson();
        (await StatusOf(robin)).ShouldBe(HttpStatusCode.OK);
        var leaked = Ring.SigningKey;
        await RunCommand();

        File.Delete(FileOf(leaked.Kid));

        await Eventually(async () => await StatusOf(robin) == HttpStatusCode.Unauthorized);
        (await PublishedKids()).ShouldNotContain(leaked.Kid);
        // Who was signed in refreshes, and goes on.
        using var after = app.As(await Read(await RefreshOf(robin)));
        (await StatusOf(after)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_broken_file_changes_nothing_for_a_server_that_runs()
    {
        using var robin = await app.NewPerson();
        var broken = Path.Combine(Folder, "signing-9999.pem");
        await File.WriteAllTextAsync(broken, "-----BEGIN PRIVATE KEY-----\nMIGH");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            (await StatusOf(robin)).ShouldBe(HttpStatusCode.OK);
            (await RefreshOf(robin)).StatusCode.ShouldBe(HttpStatusCode.OK);
            using var another = await app.NewPerson();
            (await StatusOf(another)).ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            File.Delete(broken);
        }
    }

    /// <summary>As another process would run it.</summary>
    private async Task<string> RunCommand(params string[] args)
    {
        var ring = new KeyRing(KeyFolder.Open(Folder), app.Clock);
        var schedule = new KeySchedule(ring, Options.Create(new AccountOptions()), app.Clock);
        var output = new StringWriter();
        (await new RotateKeys(schedule, ring, app.Clock).Run(args, output, default)).ShouldBe(0);
        return output.ToString();
    }

    /// <summary>The key that is published and does not sign yet; there is one within a second of the last rotation.</summary>
    private async Task<string> NextKid()
    {
        await Eventually(() => Task.FromResult(Ring.SigningKeys[0] != Ring.SigningKey));
        return Ring.SigningKeys[0].Kid;
    }

    private DateTimeOffset UsedFrom(string kid) => DateTimeOffset.FromUnixTimeMilliseconds(
        KeyFolder.Open(Folder).Read(KeyKind.Signing).Single(file => SigningKey.FromPem(file.Secret).Kid == kid).UsedFrom);

    private string FileOf(string kid) => Directory.GetFiles(Folder, "signing-*.pem")
        .Single(file => SigningKey.FromPem(File.ReadAllText(file)).Kid == kid);

    private void PassUntil(DateTimeOffset time) => app.Clock.Advance(time - app.Clock.GetUtcNow());

    private async Task<List<string>> PublishedKids()
    {
        using var client = app.NewClient();
        var keys = (await client.GetFromJsonAsync<JsonElement>("/.well-known/jwks.json")).GetProperty("keys");
        return [.. keys.EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];
    }

    private async Task<string> TagOfPublicKeys()
    {
        using var client = app.NewClient();
        return (await client.GetAsync("/.well-known/jwks.json")).Headers.ETag!.Tag;
    }

    private static string KidOf(Person person) => JsonSerializer
        .Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(person.Tokens.AccessToken.Split('.')[0]))
        .GetProperty("kid").GetString()!;

    private static string PepperOf(Person person) => Convert.ToHexStringLower(
        System.Buffers.Text.Base64Url.DecodeFromChars(person.Tokens.RefreshToken.Split('.')[3]).AsSpan(0, Pepper.IdBytes));

    private static async Task<HttpStatusCode> StatusOf(Person person) => (await person.Client.GetAsync("/users/me")).StatusCode;

    private Task<HttpResponseMessage> RefreshOf(Person person, string? attempt = null) =>
        Refresh(app, person.Tokens.RefreshToken, attempt);

    private static async Task<HttpResponseMessage> Refresh(KontorApp node, string refreshToken, string? attempt)
    {
        using var client = node.NewClient();
        return await client.PostAsJsonAsync("/auth/refresh", new { refreshToken, attempt });
    }

    private static async Task<TokenPair> Read(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds()) await Task.Delay(50, patience.Token);
    }
}
