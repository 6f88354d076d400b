using System.Net;
using System.Text.RegularExpressions;
using Kontor.Testing;

namespace Kontor.Accounts.Tests;

/// <summary>Keeps cookies and sends forms as a browser does; follows no redirects, so that a test sees them.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _client;

    public Browser(KontorApp app, string userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    {
        var handler = new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false };
        _client = new HttpClient(handler) { BaseAddress = app.Address };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public CookieContainer Cookies { get; } = new();

    public string? Cookie(string name) => Cookies.GetAllCookies().LastOrDefault(cookie => cookie.Name == name)?.Value;

    public void Forget(string name)
    {
        foreach (var cookie in Cookies.GetAllCookies().Where(cookie => cookie.Name == name)) cookie.Expired = true;
    }

    public Task<HttpResponseMessage> Get(string path) => _client.GetAsync(path);

    /// <summary>Opens the page, takes its form's antiforgery token, and sends the fields.</summary>
    public async Task<HttpResponseMessage> Submit(string page, string action, object fields) =>
        await Post(action, fields, await TokenOf(page));

    public async Task<string> TokenOf(string page) =>
        Token().Match(await (await Get(page)).Content.ReadAsStringAsync()).Groups[1].Value;

    public Task<HttpResponseMessage> Send(HttpRequestMessage request) => _client.SendAsync(request);

    public Task<HttpResponseMessage> Post(string action, HttpContent form) => _client.PostAsync(action, form);

    public async Task<HttpResponseMessage> Post(string action, object fields, string? token)
    {
        var form = fields.GetType().GetProperties().ToDictionary(field => field.Name, field => (string)field.GetValue(fields)!);
        if (token is not null) form["__RequestVerificationToken"] = token;
        using var content = new FormUrlEncodedContent(form);
        return await _client.PostAsync(action, content);
    }

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
