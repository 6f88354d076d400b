using System.Net;
using System.Text.RegularExpressions;

namespace Kontor.Testing;

/// <summary>A person at a browser without JavaScript: keeps cookies, follows redirects, and sends forms as the page gave them.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly HttpClient _client;
    private (string Path, string Html) _before = ("", "");

    public Browser(Uri address, string language = "en")
    {
        _client = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies }) { BaseAddress = address };
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        _client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>The page that is shown, as HTML.</summary>
    public string Html { get; private set; } = "";

    /// <summary>Where it was found, after redirects: the path and the query.</summary>
    public string Path { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    public async Task Open(string path) => await Show(await _client.GetAsync(path));

    /// <summary>Sends the page's form that goes to this address, with its hidden fields and these; null leaves a field out.</summary>
    public async Task Submit(string action, params (string Name, string? Value)[] fields)
    {
        var form = FormPattern().Matches(Html).FirstOrDefault(form => WebUtility.HtmlDecode(form.Groups["action"].Value) == action)
            ?? throw new InvalidOperationException($"{Path} has no form to {action}.");
        var values = HiddenPattern().Matches(form.Groups["content"].Value)
            .ToDictionary(hidden => hidden.Groups["name"].Value, hidden => WebUtility.HtmlDecode(hidden.Groups["value"].Value));
        foreach (var (name, value) in fields)
        {
            if (value is null) values.Remove(name);
            else values[name] = value;
        }

        using var content = new FormUrlEncodedContent(values);
        await Show(await _client.PostAsync(action, content));
    }

    /// <summary>The page before, as it was: its forms still carry what they carried.</summary>
    public void Back() => (Path, Html) = _before;

    public void Dispose() => _client.Dispose();

    private async Task Show(HttpResponseMessage response)
    {
        using var _ = response;
        _before = (Path, Html);
        Status = response.StatusCode;
        Path = response.RequestMessage!.RequestUri!.PathAndQuery;
        Html = await response.Content.ReadAsStringAsync();
    }

    [GeneratedRegex("""<form\b[^>]*?\baction="(?<action>[^"]*)"[^>]*>(?<content>.*?)</form>""", RegexOptions.Singleline)]
    private static partial Regex FormPattern();

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)" value="(?<value>[^"]*)" ?/?>""")]
    private static partial Regex HiddenPattern();
}
