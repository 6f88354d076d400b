using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>A node that loses its ways to the database, one after the other.</summary>
public sealed class OutOfTouchTests(OutOfTouchTests.ProxiedApp app) : IClassFixture<OutOfTouchTests.ProxiedApp>
{
    public sealed class ProxiedApp : KontorApp
    {
        /// <summary>By way of which the nodes that start from now on reach the database.</summary>
        internal DatabaseProxy? Proxy { get; set; }

        protected override Settings Configure(Settings settings) =>
            Proxy is null ? settings : settings with { Postgres = Proxy.Address };
    }

    [Fact]
    public async Task A_node_that_no_message_reaches_looks_for_itself()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        await using var proxy = new DatabaseProxy(await UrlOfDatabase());
        await using var far = await FarNode(proxy);
        using var robin = await app.NewPerson();
        using var there = far.As(robin.Tokens);
        (await there.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var admin = await app.Admin();
        using var adminThere = far.As(admin.Tokens);
        await Eventually(() => Task.FromResult(proxy.Listeners == 1));

        proxy.Deafen();
        await Eventually(() => Task.FromResult(proxy.Refused > 0));
        await robin.Client.PostAsync("/auth/logout", null);

        await Eventually(async () => (await there.Client.GetAsync("/users/me")).StatusCode == HttpStatusCode.Unauthorized);
        proxy.Listeners.ShouldBe(0);
        // It is late by half a second at most, so there is no need to refuse anybody.
        app.Clock.Pass(TimeSpan.FromMinutes(1));
        await Eventually(async () => (await adminThere.Client.GetAsync("/api/admin/users")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_node_without_the_database_serves_the_shop_and_does_nothing_for_admins_after_thirty_seconds()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Without its file a server on SQLite is nothing.");
        await using var proxy = new DatabaseProxy(await UrlOfDatabase());
        await using var far = await FarNode(proxy);
        using var admin = await far.Admin();
        using var robin = await far.NewPerson();
        (await admin.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await robin.Client.GetAsync("/api/products")).StatusCode.ShouldBe(HttpStatusCode.OK);

        proxy.Cut();
        (await (await admin.Client.GetAsync("/api/admin/users")).Code()).ShouldBe("unavailable");
        app.Clock.Pass(TimeSpan.FromSeconds(31));

        var refused = await admin.Client.GetAsync("/api/admin/users");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.Code()).ShouldBe("out-of-touch");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        // Who may not is told so, as ever.
        (await robin.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var stranger = far.NewClient();
        (await stranger.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var client in new[] { stranger, robin.Client })
            (await client.GetAsync("/api/products")).StatusCode.ShouldBe(HttpStatusCode.OK);

        proxy.Mend();
        await Eventually(async () => (await admin.Client.GetAsync("/api/admin/users")).StatusCode == HttpStatusCode.OK);
    }

    private async Task<KontorApp> FarNode(DatabaseProxy proxy)
    {
        app.Proxy = proxy;
        try
        {
            return await app.AnotherNode();
        }
        finally
        {
            app.Proxy = null;
        }
    }

    private async Task<Uri> UrlOfDatabase()
    {
        var name = await app.Database.Read(tx => tx.First<string>("SELECT current_database()").AsTask());
        return new UriBuilder(Environment.GetEnvironmentVariable("KONTOR_TEST_DATABASE")!) { Path = name }.Uri;
    }

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds()) await Task.Delay(50, patience.Token);
    }
}
