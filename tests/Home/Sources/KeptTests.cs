using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Sources;

/// <summary>A server that starts shows the last known good, whatever has fallen meanwhile; and not for ever.</summary>
public class KeptTests : IAsyncLifetime
{
    /// <summary>What a source said is shown for a minute after its age of ten, and one that hangs is given up soon.</summary>
    private sealed class FragileApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:StaleSecondsMax"] = "60";
            builder.Configuration["Home:PullTimeoutMs"] = "300";
        }
    }

    private readonly FragileApp _app = new();

    public ValueTask InitializeAsync() => _app.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_starts_while_a_source_is_down_shows_what_it_last_said(bool hangs)
    {
        await Eventually(async () => await Kept() > 0 && await State() == "fresh");
        _app.Source.Answer = async (_, _, ct) =>
        {
            if (hangs) await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException("It is down.");
        };

        await _app.Restart();

        // Of the very first request: it waits for nobody.
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
        (await State()).ShouldBe("stale");
        await Eventually(async () => (await Content()).GetProperty("lastFailure").ValueKind == JsonValueKind.String);
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");

        // The hard limit: its age and the time that stale content may be shown.
        _app.Clock.Advance(TimeSpan.FromSeconds(600 + 61));
        await Eventually(async () => !(await _app.Anonymous.Keys()).Contains(TestSource.News));

        // It comes back though it says the same as before.
        _app.Source.Answer = (key, _, _) => TestSource.Says($"{key} for all");
        await Eventually(async () =>
        {
            _app.Clock.Advance(TimeSpan.FromSeconds(61));
            return await _app.Anonymous.Says(TestSource.News) == "news for all";
        });
        await Eventually(async () => await State() == "fresh");
    }

    [Fact]
    public async Task What_has_reached_its_age_is_stale_while_its_source_fails()
    {
        await Eventually(async () => await State() == "fresh");
        _app.Source.Answer = (_, _, _) => throw new InvalidOperationException("It is down.");

        _app.Clock.Advance(TimeSpan.FromSeconds(601));

        await Eventually(async () => await State() == "stale");
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
        (await Content()).GetProperty("lastFailure").GetString().ShouldBe("InvalidOperationException");
    }

    [Fact]
    public async Task What_is_too_old_or_of_another_type_is_not_brought_back()
    {
        await Eventually(async () => await Kept() > 0);
        _app.Source.Answer = (_, _, _) => throw new InvalidOperationException("It is down.");
        // So that nothing it said before is written over what follows.
        await _app.Restart();

        await _app.Database.Write(tx => tx.Execute("UPDATE home_kept SET type = 'hero@1'").AsTask());
        await _app.Restart();
        (await _app.Anonymous.Keys()).ShouldNotContain(TestSource.News);

        await _app.Database.Write(tx => tx.Execute("""UPDATE home_kept SET type = 'text@1', content = '{"paragraphs": []}'""").AsTask());
        await _app.Restart();
        (await _app.Anonymous.Keys()).ShouldNotContain(TestSource.News);

        await _app.Database.Write(tx => tx.Execute("""UPDATE home_kept SET content = '{"paragraphs": ["Old."]}'""").AsTask());
        await _app.Restart();
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("Old.");

        await _app.Database.Write(tx => tx.Execute("UPDATE home_kept SET as_of = as_of - 700000").AsTask());
        await _app.Restart();
        (await _app.Anonymous.Keys()).ShouldNotContain(TestSource.News);
    }

    [Fact]
    public async Task A_persons_own_is_not_shown_for_ever_either()
    {
        var ada = _app.As("ada");
        await Eventually(async () => await ada.Says(TestSource.Yours) == "yours for ada");
        _app.Source.Answer = (_, _, _) => throw new InvalidOperationException("It is down.");

        _app.Clock.Advance(TimeSpan.FromSeconds(630));
        (await ada.Says(TestSource.Yours)).ShouldBe("yours for ada");
        _app.Clock.Advance(TimeSpan.FromSeconds(60));
        (await ada.Keys()).ShouldNotContain(TestSource.Yours);
    }

    private Task<long> Kept() => _app.Database.Read(tx => tx.First<long>("SELECT COUNT(*) FROM home_kept").AsTask());

    private async Task<string?> State() => (await Content()).GetProperty("state").GetString();

    private async Task<JsonElement> Content() =>
        (await _app.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain")).GetProperty("widgets").EnumerateArray()
            .Single(one => one.GetProperty("key").GetString() == TestSource.News).GetProperty("content");
}
