using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Home.Feed;
using Kontor.Home.Simulation;
using Kontor.Home.Tests.Experiments;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>How far one admin alone may reach, on whom that is tried, and for how long others wait meanwhile.</summary>
public class ReachTests(ReachTests.App app) : IClassFixture<ReachTests.App>
{
    public sealed class App : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:SecondPersonShare"] = "0.4";
        }
    }

    [Fact]
    public async Task Small_steps_add_up_for_each_admin_and_day()
    {
        (await Add("step-one", "kim", """{"platform": "ios"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);

        var second = await Trials.Ok(await Add("step-two", "kim", """{"platform": "android"}"""), HttpStatusCode.Accepted);
        (await Add("step-three", "lee", """{"platform": "android"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        await GivenSegment("step-segment", """{"platform": "web", "language": "fr"}""");
        await app.As("ute", "admin").PostAsJsonAsync("/api/admin/widgets", Text("step-named", """{"$inGroup": "step-segment"}"""));
        var segment = await app.As("kim", "admin").PatchAsJsonAsync(
            "/api/admin/segments/step-segment", new { rule = JsonNode.Parse("""{"platform": "web"}""") });
        segment.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        // What two agreed to counts for neither, and to take something off needs one.
        var address = $"/api/admin/widgets/{second["id"]}";
        (await app.As("mia", "admin").Agree(address)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.As("kim", "admin").PostAsync($"{address}/archive", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Add("step-four", "mia", """{"platform": "ios"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task How_much_somebody_changed_alone_is_forgotten_with_them()
    {
        (await Add("alone", "zoe", """{"platform": "ios"}""")).StatusCode.ShouldBe(HttpStatusCode.Created);
        var data = app.Services.GetServices<IPersonalData>().Single(one => one.Name == "home");
        (await app.Database.Read(tx => Sum(tx, "zoe"))).ShouldBe(1);

        await data.Erase(new DataSubject("zoe", null, 0), CancellationToken.None);

        (await app.Database.Read(tx => Sum(tx, "zoe"))).ShouldBe(0);

        static Task<long> Sum(Foundation.Data.Tx tx, string userId) =>
            tx.First<long>("SELECT COUNT(*) FROM home_reaches WHERE user_id = @userId AND share > 0", new { userId }).AsTask();
    }

    [Fact]
    public async Task Whoever_looks_is_one_reader_however_often_and_a_preview_is_none()
    {
        var recorded = app.Services.GetRequiredService<RecordedReaders>();
        await app.As("once", "customer").Feed();
        var before = recorded.All.Count;

        for (var i = 0; i < 20; i++)
        {
            await app.As("once", "customer").Feed("?platform=ios");
            await app.As("once", "customer").GetAsync("/");
            (await app.Admin.GetAsync($"/admin/home/preview?as=guest&locale=de&{i}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        recorded.All.Count.ShouldBe(before);
        await app.As("another", "customer").Feed();
        await app.Anonymous.OnDevice("reach-device").Feed();
        recorded.All.Count.ShouldBe(before + 2);
    }

    [Fact]
    public async Task Recorded_readers_make_no_change_smaller_than_it_is()
    {
        // An admin can be many visitors; none of these has a phone.
        for (var i = 0; i < 60; i++) await app.Anonymous.OnDevice($"invented-{i}").Feed("?platform=web");

        var answer = await Add("on-phones", "ida", """{"platform": {"$in": ["ios", "android"]}}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Nobody_who_writes_waits_until_a_change_was_tried_on_readers()
    {
        var widget = await app.GivenText("tried", with => with["state"] = "draft");
        var change = WriteWhileNothingCanBeTried(
            () => app.As("ella", "admin").PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new { state = "published" }));

        (await change).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    /// <summary>A lock belongs to a thread, so nothing is awaited while it is held.</summary>
    private Task<HttpResponseMessage> WriteWhileNothingCanBeTried(Func<Task<HttpResponseMessage>> begin)
    {
        var swapping = (Lock)typeof(FeedModels).GetField("_swapping", BindingFlags.Instance | BindingFlags.NonPublic)!
            .GetValue(app.Services.GetRequiredService<FeedModels>())!;
        using (swapping.EnterScope())
        {
            var change = Task.Run(begin);
            for (var i = 0; i < 20; i++)
            {
                var write = app.Database.Write(
                    tx => tx.Execute("DELETE FROM home_reaches WHERE user_id = 'nobody'").AsTask(), CancellationToken.None);
                write.Wait(TimeSpan.FromSeconds(10)).ShouldBeTrue();
                Thread.Sleep(100);
            }

            change.IsCompleted.ShouldBeFalse();
            return change;
        }
    }

    private Task<HttpResponseMessage> Add(string key, string by, string rule) =>
        app.As(by, "admin").PostAsJsonAsync("/api/admin/widgets", Text(key, rule));

    private async Task GivenSegment(string key, string rule) => (await app.Admin.PostAsJsonAsync(
        "/api/admin/segments", new { key, title = key, rule = JsonNode.Parse(rule) })).StatusCode.ShouldBe(HttpStatusCode.Created);

    private static JsonObject Text(string key, string? rule)
    {
        var request = HomeApp.Text(key);
        if (rule is not null) request["rule"] = JsonNode.Parse(rule);
        return request;
    }
}
