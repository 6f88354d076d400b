using System.Net;
using System.Text.Json.Nodes;
using Kontor.Foundation.Events;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

public class LiveTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task A_change_on_one_device_is_heard_on_the_other()
    {
        var person = app.NewPerson();
        using var live = await Live.Open(person.NewDevice());

        (await Change(person.NewDevice(), "t1")).ShouldBe(HttpStatusCode.OK);

        var version = await live.Next();
        version.ShouldBeGreaterThan(0);
        ((long)(await person.NewDevice().Pull(null))["timestamp"]!).ShouldBe(version);
    }

    [Fact]
    public async Task A_change_on_another_node_is_heard_too()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Several nodes need PostgreSQL: set KONTOR_TEST_DATABASE.");
        await using var other = await app.AnotherNode();
        var person = app.NewPerson();
        using var live = await Live.Open(person.NewDevice());
        var away = person.NewDevice();
        using var http = new HttpClient { BaseAddress = other.Address };
        http.DefaultRequestHeaders.Authorization = away.Http.DefaultRequestHeaders.Authorization;

        (await Change(new Device(http), "t1")).ShouldBe(HttpStatusCode.OK);

        (await live.Next()).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("Last-Event-ID")]
    [InlineData("last_pulled_at")]
    public async Task Whoever_was_away_hears_at_once_what_was_missed(string how)
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        await Change(device, "t1");
        var known = (long)(await device.Pull(null))["timestamp"]!;
        await Change(person.NewDevice(), "t2");
        if (how == "Last-Event-ID") device.Http.DefaultRequestHeaders.Add(how, $"{known}");

        using var live = await Live.Open(device, how == "last_pulled_at" ? $"?last_pulled_at={known}" : "");

        (await live.Next()).ShouldBeGreaterThan(known);
    }

    [Theory]
    [InlineData("Last-Event-ID")]
    [InlineData("last_pulled_at")]
    public async Task Whoever_names_a_time_to_come_hears_at_once_that_there_is_something(string how)
    {
        var device = app.NewPerson().NewDevice();
        await Change(device, "t1");
        var version = (long)(await device.Pull(null))["timestamp"]!;
        var future = version + 1_000_000_000;
        if (how == "Last-Event-ID") device.Http.DefaultRequestHeaders.Add(how, $"{future}");

        using var live = await Live.Open(device, how == "last_pulled_at" ? $"?last_pulled_at={future}" : "");

        (await live.Next()).ShouldBe(version);
        (await device.Pull(future)).Ids().ShouldBe(["t1"]);
    }

    [Fact]
    public async Task What_others_change_is_not_told()
    {
        var person = app.NewPerson();
        using var live = await Live.Open(person.NewDevice());
        var before = (long)(await person.NewDevice().Pull(null))["timestamp"]!;

        await Change(app.NewPerson().NewDevice(), "of-somebody-else");
        await Change(person.NewDevice(), "own");

        var version = await live.Next();
        ((long)(await person.NewDevice().Pull(before))["timestamp"]!).ShouldBe(version);
    }

    [Fact]
    public async Task A_change_whose_signal_was_lost_is_heard_when_the_channel_is_back()
    {
        var person = app.NewPerson();
        using var live = await Live.Open(person.NewDevice());
        await app.Database.Write(tx => tx.Execute(
            "INSERT INTO sync_users (user_id, version, tombstone_floor) VALUES (@id, 77, 0)", new { id = person.Id }).AsTask());

        app.Service<Signals>().RaiseLost();

        (await live.Next()).ShouldBe(77);
    }

    [Fact]
    public async Task A_pull_that_waits_answers_as_soon_as_there_is_something()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        await Change(device, "t1");
        var known = (long)(await device.Pull(null))["timestamp"]!;

        var waiting = device.Pull(known, "&wait=25");
        await Task.Delay(100);
        waiting.IsCompleted.ShouldBeFalse();
        await Change(person.NewDevice(), "t2");

        var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(20));
        answer["changes"]!["tasks"]!["updated"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_pull_that_waits_in_vain_is_an_empty_one()
    {
        var device = app.NewPerson().NewDevice();
        var known = (long)(await device.Pull(null))["timestamp"]!;

        var answer = await device.Pull(known, "&wait=1");

        ((long)answer["timestamp"]!).ShouldBe(known);
    }

    [Theory]
    [InlineData("/sync/pull?wait=-1")]
    [InlineData("/sync/pull?wait=soon")]
    [InlineData("/sync/live?last_pulled_at=yesterday")]
    public async Task A_question_that_makes_no_sense_is_refused(string path)
    {
        var answer = await app.NewPerson().NewDevice().Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe("invalid-request");
    }

    [Fact]
    public async Task A_stranger_hears_nothing()
    {
        using var client = app.NewClient();
        (await client.GetAsync("/sync/live")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Nobody_listens_without_end()
    {
        var person = app.NewPerson();
        var open = new List<Live>();
        for (var i = 0; i < 20; i++) open.Add(await Live.Open(person.NewDevice()));

        var answer = await person.NewDevice().Http.GetAsync("/sync/live", HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await answer.Code()).ShouldBe("too-many-listeners");

        // Whoever leaves makes room.
        foreach (var live in open) live.Dispose();
        await Until(async () =>
        {
            using var again = await person.NewDevice().Http.GetAsync("/sync/live", HttpCompletionOption.ResponseHeadersRead);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task A_stream_ends_with_its_server()
    {
        await using var other = new SyncApp();
        await other.InitializeAsync();
        var lives = new List<Live>();
        // Many, because each could be broken off at a moment of its own.
        foreach (var person in Enumerable.Range(0, 10).Select(_ => other.NewPerson()))
        {
            for (var i = 0; i < 10; i++) lives.Add(await Live.Open(person.NewDevice()));
        }

        await other.Restart();

        foreach (var live in lives)
        {
            using (live) await live.ShouldEnd();
        }
    }

    private static async Task<HttpStatusCode> Change(Device device, string id)
    {
        device.Set("tasks", id, new JsonObject { ["title"] = "Something new" });
        return await device.Synchronize();
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds()) return;
            await Task.Delay(50);
        }

        throw new ShouldAssertException("It did not become so within 30 seconds.");
    }
}
