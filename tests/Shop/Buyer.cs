using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;

namespace Kontor.Shop.Tests;

/// <summary>An answer of the API: its status and its JSON.</summary>
public sealed record Reply(HttpStatusCode Status, JsonNode Body, HttpResponseMessage Message)
{
    public string? Code => (string?)Body["code"];

    public bool Replayed => Message.Headers.TryGetValues("Idempotent-Replayed", out var values) && values.Single() == "true";

    public Reply ShouldBe(HttpStatusCode status, string? code = null)
    {
        Status.ShouldBe(status, Body.ToJsonString());
        Code.ShouldBe(code);
        return this;
    }
}

/// <summary>Somebody who shops through the API: a guest with the token of the first answer, unless the client is signed in.</summary>
public sealed class Buyer(HttpClient client)
{
    public static readonly object Address =
        new { name = "Ada Lovelace", street = "Hauptstr. 1", city = "Berlin", postalCode = "10115", country = "DE" };

    public HttpClient Client => client;

    public string? Token { get; set; }

    public Task<Reply> Cart() => Send(HttpMethod.Get, "/api/cart");

    public Task<Reply> Add(string productId, int quantity = 1, string? key = null) =>
        Send(HttpMethod.Post, "/api/cart", new { productId, quantity }, key);

    public Task<Reply> Change(string productId, int quantity) =>
        Send(HttpMethod.Patch, $"/api/cart/{productId}", new { quantity });

    public Task<Reply> Remove(string productId) => Send(HttpMethod.Delete, $"/api/cart/{productId}");

    public Task<Reply> Order(string? key = null, bool acceptPrices = false, string city = "Berlin", string method = "invoice") =>
        Send(HttpMethod.Post, "/api/orders", new
        {
            email = "ada@example.org",
            shippingAddress = new { name = "Ada Lovelace", street = "Hauptstr. 1", city, postalCode = "10115", country = "DE" },
            payment = new { method },
            acceptPrices,
        }, key);

    /// <summary>The address of the page on which the order is paid.</summary>
    public Task<Reply> Pay(string orderId) => Send(HttpMethod.Post, $"/api/orders/{orderId}/pay");

    public Task<Reply> Cancel(string orderId) => Send(HttpMethod.Post, $"/api/orders/{orderId}/cancel", new { });

    public async Task<Reply> Send(HttpMethod method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        if (Token is not null) request.Headers.Add("X-Cart-Token", Token);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        var message = await client.SendAsync(request);
        var json = await message.Content.ReadAsStringAsync();
        var reply = new Reply(message.StatusCode, json.Length == 0 ? new JsonObject() : JsonNode.Parse(json)!, message);
        if (message.Headers.TryGetValues("X-Cart-Token", out var tokens)) Token = tokens.Single();
        return reply;
    }
}

/// <summary>What tests read in the answers.</summary>
internal static class Replies
{
    public static JsonNode Line(this Reply cart, string productId) =>
        cart.Body["items"]!.AsArray().Single(line => (string)line!["productId"]! == productId)!;

    public static string Id(this Reply order) => (string)order.Body["id"]!;

    public static string Text(this JsonNode node, string member) => node[member]!.GetValue<JsonElement>().ToString();
}
