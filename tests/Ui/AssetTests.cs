using System.IO.Compression;
using System.Net;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

public class AssetTests(UiApp app) : IClassFixture<UiApp>
{
    private const string Tent = "shop/products/two-person-tent-meadow.svg";

    private Assets Assets => app.Services.GetRequiredService<Assets>();

    [Fact]
    public async Task An_address_with_its_version_is_cached_for_ever()
    {
        using var answer = await Get(Assets[Tent]);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(answer, "Cache-Control").ShouldBe("public, max-age=31536000, immutable");
        Header(answer, "Content-Type").ShouldBe("image/svg+xml; charset=utf-8");
        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(answer, "Content-Security-Policy").ShouldBe("default-src 'none'; style-src 'unsafe-inline'");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?v=0000000000000000")]
    public async Task An_address_without_its_version_is_cached_for_minutes(string query)
    {
        using var answer = await Get("/assets/" + Tent + query);
        Header(answer, "Cache-Control").ShouldBe("public, max-age=300");
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip")]
    [InlineData("identity", null)]
    [InlineData(null, null)]
    public async Task Text_travels_in_the_smallest_form_that_the_client_takes(string? accepted, string? encoding)
    {
        using var answer = await Get(Assets["ui/kontor.css"], ("Accept-Encoding", accepted));
        Header(answer, "Content-Encoding").ShouldBe(encoding);
        Header(answer, "Vary").ShouldBe("Accept-Encoding");
        var body = await answer.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        });
        (await reader.ReadToEndAsync()).ShouldBe(await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "src/Ui/Assets/kontor.css")));
    }

    [Fact]
    public async Task What_is_not_text_travels_as_it_is()
    {
        using var answer = await Get(Assets["sample/picture.bin"], ("Accept-Encoding", "br"));
        Header(answer, "Content-Type").ShouldBe("application/octet-stream");
        Header(answer, "Content-Encoding").ShouldBeNull();
        Header(answer, "Vary").ShouldBeNull();
        Header(answer, "Content-Security-Policy").ShouldBeNull();
        (await answer.Content.ReadAsStringAsync()).ShouldBe("not text");
    }

    [Fact]
    public async Task A_client_that_has_it_gets_nothing_but_304()
    {
        using var first = await Get(Assets[Tent], ("Accept-Encoding", "br"));
        var tag = Header(first, "ETag");
        using var again = await Get(Assets[Tent], ("Accept-Encoding", "br"), ("If-None-Match", $"\"other\", {tag}"));
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        Header(again, "ETag").ShouldBe(tag);
        Header(again, "Cache-Control").ShouldBe("public, max-age=31536000, immutable");
        (await again.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        using var otherForm = await Get(Assets[Tent], ("If-None-Match", tag));
        otherForm.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task HEAD_says_what_GET_would_send()
    {
        using var client = app.NewClient();
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Assets[Tent]));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.ShouldNotBeNull().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("/assets/shop/products/none.svg")]
    [InlineData("/assets/")]
    [InlineData("/assets/SHOP/products/two-person-tent-meadow.svg")]
    [InlineData("/assets/..%2f..%2fetc%2fpasswd")]
    [InlineData("/assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/assets/shop/..%5c..%5cKontor.dll")]
    [InlineData("/assets//etc/passwd")]
    [InlineData("/assets/Kontor.Ui.de.json")]
    public async Task Nothing_else_is_served(string path)
    {
        using var answer = await Get(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Header(answer, "Content-Type").ShouldBe("application/problem+json");
    }

    [Fact]
    public void What_does_not_exist_has_an_address_without_a_version() => Assets["shop/none.svg"].ShouldBe("/assets/shop/none.svg");

    private async Task<HttpResponseMessage> Get(string path, params (string Name, string? Value)[] headers)
    {
        using var client = app.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;
}
