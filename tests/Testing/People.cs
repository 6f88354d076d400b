using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;

namespace Kontor.Testing;

/// <summary>What a sign-in answers.</summary>
public sealed record TokenPair(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn, TokenUser User);

public sealed record TokenUser(string Id, string Email, string Name, string[] Roles);

/// <summary>Somebody signed in, with a client of their own that sends their access token.</summary>
public sealed class Person(HttpClient client, TokenPair tokens, string password) : IDisposable
{
    /// <summary>Calls the API as this person.</summary>
    public HttpClient Client { get; } = client;

    public TokenPair Tokens { get; private set; } = tokens;

    public string Password { get; } = password;

    public string Id => Tokens.User.Id;

    public string Email => Tokens.User.Email;

    /// <summary>From now on the client sends these.</summary>
    public void Use(TokenPair tokens)
    {
        Tokens = tokens;
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
    }

    public void Dispose() => Client.Dispose();
}

public static class People
{
    private const string AdminPassword = "kontor-demo-admin";

    /// <summary>A fresh customer.</summary>
    public static async Task<Person> NewPerson(this KontorApp app, string name = "Robin Example")
    {
        var email = $"p-{Guid.NewGuid():N}@kontor.example";
        const string password = "a long enough phrase";
        using var client = app.NewClient();
        var response = await client.PostAsJsonAsync("/auth/register", new { email, password, name });
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return app.As((await response.Content.ReadFromJsonAsync<TokenPair>())!, password);
    }

    /// <summary>The demo's administrator, in a session of its own.</summary>
    public static Task<Person> Admin(this KontorApp app) => app.SignIn("admin@kontor.example", AdminPassword);

    /// <summary>One more session of somebody who has an account.</summary>
    public static async Task<Person> SignIn(this KontorApp app, string email, string password)
    {
        using var client = app.NewClient();
        var response = await client.PostAsJsonAsync("/auth/login", new { email, password });
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return app.As((await response.Content.ReadFromJsonAsync<TokenPair>())!, password);
    }

    /// <summary>The owner of tokens, with a client for the server's present address.</summary>
    public static Person As(this KontorApp app, TokenPair tokens, string password = "")
    {
        var person = new Person(app.NewClient(), tokens, password);
        person.Use(tokens);
        return person;
    }

    /// <summary>A problem's stable code; fails when the answer is no problem.</summary>
    public static async Task<string> Code(this HttpResponseMessage response)
    {
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        return problem.GetProperty("code").GetString()!;
    }
}
