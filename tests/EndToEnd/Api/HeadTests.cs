using System.Net.Http.Headers;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Api;

/// <summary>HEAD is GET without the body, for everything that can be got.</summary>
public class HeadTests(KontorApp app) : IClassFixture<KontorApp>
{
    public static TheoryData<string> Paths() =>
    [
        .. ApiDescription.Snapshot().Operations.Where(operation => operation.Method == "GET")
            .Select(operation => operation.Path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)),
        "/", "/shop", "/shop/nope", "/cart", "/login", "/account", "/admin", "/planner", "/docs", "/openapi/v1.json", "/nope", "/api/nope",
        "/assets/nope.css", "/planner/live",
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task HEAD_answers_as_GET_does_and_without_a_body(string path)
    {
        // One connection: whatever came behind the headers would be taken for the next answer.
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = 1,
        });
        client.BaseAddress = app.Address;
        using var admin = await app.Admin();
        client.DefaultRequestHeaders.Authorization = admin.Client.DefaultRequestHeaders.Authorization;
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));

        using var head = await client.SendAsync(new(HttpMethod.Head, path));
        using var body = new MemoryStream();
        await head.Content.CopyToAsync(body);
        using var get = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);

        head.StatusCode.ShouldBe(get.StatusCode);
        head.Content.Headers.ContentType.ShouldBe(get.Content.Headers.ContentType);
        head.Headers.Location.ShouldBe(get.Headers.Location);
        body.Length.ShouldBe(0);
    }

    [Fact]
    public async Task HEAD_of_what_can_only_be_posted_is_refused()
    {
        using var client = app.NewClient();

        using var answer = await client.SendAsync(new(HttpMethod.Head, "/auth/login"));

        ((int)answer.StatusCode).ShouldBe(405);
        answer.Content.Headers.Allow.ShouldBe(["POST"]);
    }
}
