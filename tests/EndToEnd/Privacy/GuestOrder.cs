using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;

namespace Kontor.EndToEnd.Tests.Privacy;

/// <summary>An order without an account.</summary>
internal sealed class GuestOrder(KontorApp app) : IDisposable
{
    private readonly string _mark = $"g{Guid.NewGuid():N}"[..9];

    public HttpClient Client { get; } = app.NewClient();

    public string Id { get; private set; } = "";

    /// <summary>Of the link to the order.</summary>
    public string Token { get; private set; } = "";

    public List<string> Words { get; } = [];

    public async Task Place(string productId, string? email = null)
    {
        Words.AddRange([$"{_mark}-buyer", $"{_mark}-street", $"{_mark}-city"]);
        if (email is null) Words.Add($"{_mark}@kontor.example");
        using var added = await Client.PostAsJsonAsync("/api/cart", new { productId, quantity = 1 });
        Client.DefaultRequestHeaders.Add("X-Cart-Token", added.Headers.GetValues("X-Cart-Token").Single());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders")
        {
            Content = JsonContent.Create(new
            {
                email = email ?? Words[^1],
                shippingAddress = new { name = Words[0], street = Words[1], city = Words[2], postalCode = "10115", country = "DE" },
                payment = new { method = "invoice" },
            }),
        };
        request.Headers.Add("Idempotency-Key", _mark);
        using var placed = await Client.SendAsync(request);
        placed.StatusCode.ShouldBe(HttpStatusCode.Created, await placed.Content.ReadAsStringAsync());
        var order = (await placed.Content.ReadFromJsonAsync<JsonNode>())!;
        (Id, Token) = ((string)order["id"]!, (string)order["token"]!);
    }

    public void Dispose() => Client.Dispose();
}
