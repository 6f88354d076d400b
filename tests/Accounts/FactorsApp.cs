using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Accounts.Factors;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Accounts.Tests;

/// <summary>A server whose sign-ins can be interrupted at a named step, to let a rival in.</summary>
public class FactorsApp : KontorApp
{
    private InterruptedFactors? _factors;

    /// <summary>Runs once, after a code was found right and before it is taken.</summary>
    public Func<Task>? BeforeUse
    {
        set => _factors!.BeforeUse = value;
    }

    /// <summary>Runs once, after a sign-in was told which factors there are.</summary>
    public Func<Task>? AfterFactorsRead
    {
        set => _factors!.AfterRead = value;
    }

    /// <summary>Moves the clock to the begin of a step, so that a test knows for half a minute which it is.</summary>
    public long NextStep()
    {
        var now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var step = Totp.StepAt(now) + 1;
        Clock.Advance(TimeSpan.FromMilliseconds(step * 30_000 - now));
        return step;
    }

    /// <summary>The code that an app with this secret shows at a step, the present one by default.</summary>
    public string CodeOf(string secret, long? step = null) =>
        Totp.CodeOf(FromBase32(secret), step ?? Totp.StepAt(Clock.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>Somebody with an authenticator app; its next code is good.</summary>
    public async Task<Protected> NewProtectedPerson()
    {
        var person = await this.NewPerson();
        NextStep();
        var proposal = await (await person.Client.PostAsync("/auth/mfa/totp", null)).Content.ReadFromJsonAsync<JsonElement>();
        var secret = proposal.GetProperty("secret").GetString()!;
        var answer = await person.Client.PostAsJsonAsync("/auth/mfa/totp/confirm", new { code = CodeOf(secret) });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var codes = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("recoveryCodes");
        NextStep();
        return new(person, secret, [.. codes.EnumerateArray().Select(code => code.GetString()!)]);
    }

    /// <summary>A security key in a browser that shows this server's pages.</summary>
    internal Authenticator NewAuthenticator() => new("localhost", $"http://localhost:{Address.Port}");

    public async Task<JsonElement> OfferToAdd(Person person) =>
        await (await person.Client.PostAsync("/auth/passkeys/options", null)).Content.ReadFromJsonAsync<JsonElement>();

    internal Task<HttpResponseMessage> AnswerToAdd(Person person, Authenticator key, JsonElement offer, string? name = null) =>
        person.Client.PostAsJsonAsync("/auth/passkeys", new
        {
            state = offer.GetProperty("state").GetString(),
            credential = key.Create(offer.GetProperty("publicKey")),
            name,
        });

    internal async Task<JsonElement> AddPasskey(Person person, Authenticator key, string? name = null)
    {
        var answer = await AnswerToAdd(person, key, await OfferToAdd(person), name);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<JsonElement> OfferToSignIn()
    {
        using var client = NewClient();
        return await (await client.PostAsync("/auth/passkeys/sign-in/options", null)).Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<HttpResponseMessage> Send(JsonElement offer, JsonObject credential)
    {
        using var client = NewClient();
        return await client.PostAsJsonAsync(
            "/auth/passkeys/sign-in", new { state = offer.GetProperty("state").GetString(), credential });
    }

    /// <summary>Signs in with a passkey; the answer may be changed on its way.</summary>
    internal async Task<HttpResponseMessage> Answer(Authenticator key, Action<JsonObject>? change = null)
    {
        var offer = await OfferToSignIn();
        var credential = key.Get(offer.GetProperty("publicKey"));
        change?.Invoke(credential);
        return await Send(offer, credential);
    }

    internal async Task<TokenPair> SignIn(Authenticator key)
    {
        var answer = await Answer(key);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    /// <summary>How a session's owner signed in, as its access token says.</summary>
    public List<string?> MethodsIn(TokenPair tokens) => [.. JsonSerializer.Deserialize<JsonElement>(
        System.Buffers.Text.Base64Url.DecodeFromChars(tokens.AccessToken.Split('.')[1]))
        .GetProperty("amr").EnumerateArray().Select(method => method.GetString())];

    public Task<HttpResponseMessage> Login(Person person, string? code) => Login(person.Email, person.Password, code);

    public async Task<HttpResponseMessage> Login(string email, string password, string? code)
    {
        using var client = NewClient();
        return await client.PostAsJsonAsync("/auth/login", new { email, password, code });
    }

    /// <summary>The factor, the change and nothing else of each event about a person.</summary>
    public async Task<List<string>> FactorEventsOf(Person person)
    {
        var payloads = await Database.Read(tx => tx.Query<string>(
            "SELECT payload FROM foundation_events WHERE name = 'accounts.factor-changed' AND payload LIKE @user ORDER BY id",
            new { user = $"%{person.Id}%" }).AsTask());
        return payloads.ConvertAll(payload => JsonSerializer.Deserialize<JsonElement>(payload))
            .ConvertAll(happened => $"{happened.GetProperty("factor").GetString()} {happened.GetProperty("change").GetString()}");
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IFactors>(
        services => _factors = new(ActivatorUtilities.CreateInstance<SqlFactors>(services)));

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }

    public sealed record Protected(Person Person, string Secret, string[] RecoveryCodes) : IDisposable
    {
        public void Dispose() => Person.Dispose();
    }
}
