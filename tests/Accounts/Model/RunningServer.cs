using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation.Time;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Accounts.Tests.Model;

/// <summary>The running server, over HTTP; its clock is frozen, so that the machine's speed has no say.</summary>
internal sealed class RunningServer(KontorApp app, string userId) : ISessionKeeper, IDisposable
{
    private HttpClient _client = app.NewClient();

    public long Now => app.Clock.NowMs();

    /// <summary>Without its password, which would cost more than the whole story.</summary>
    public async Task<Held> SignIn()
    {
        var user = await app.Services.GetRequiredService<IUsers>().Find(userId, default);
        var (tokens, _) = await app.Services.GetRequiredService<SignIns>()
            .Open(user!, new Device("Kontor/1.0", null), [Authentication.Password], default);
        return Hold(tokens!.AccessToken, tokens.RefreshToken);
    }

    public async Task<(Held? Held, string? Code)> Refresh(string token, string? attempt)
    {
        using var answer = await _client.PostAsJsonAsync("/auth/refresh", new { refreshToken = token, attempt });
        if (!answer.IsSuccessStatusCode) return (null, await answer.Code());
        var tokens = (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
        return (Hold(tokens.AccessToken, tokens.RefreshToken), null);
    }

    public async Task<bool> Use(string access) => await Send(HttpMethod.Get, "/users/me", access) switch
    {
        HttpStatusCode.OK => true,
        HttpStatusCode.Unauthorized => false,
        var other => throw new InvalidOperationException($"/users/me answered {other}"),
    };

    public async Task SignOut(string access) => await Send(HttpMethod.Post, "/auth/logout", access);

    public async Task Restart()
    {
        _client.Dispose();
        await app.Restart();
        _client = app.NewClient();
    }

    /// <summary>Costs a restart here, and is tested elsewhere.</summary>
    public Task NewPepper() => Task.CompletedTask;

    public void SetClock(TimeSpan by) => app.Clock.Advance(by);

    public void Dispose() => _client.Dispose();

    private async Task<HttpStatusCode> Send(HttpMethod method, string path, string access)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access);
        using var answer = await _client.SendAsync(request);
        return answer.StatusCode;
    }

    private static Held Hold(string access, string refresh)
    {
        var claims = JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(access.Split('.')[1]));
        return new(claims.GetProperty("gen").GetInt32(), refresh, access, claims.GetProperty("exp").GetInt64() * 1000);
    }
}
