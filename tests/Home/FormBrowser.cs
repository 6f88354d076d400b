using System.Net;
using System.Text.RegularExpressions;

namespace Kontor.Home.Tests;

/// <summary>Somebody without JavaScript: fills the fields of a form that the page has, and presses one of its buttons.</summary>
internal sealed partial class FormBrowser : IDisposable
{
    private readonly HttpClient _client;

    public FormBrowser(HomeApp app, string person, string language = "en")
    {
        _client = new HttpClient(new SocketsHttpHandler { CookieContainer = new() }) { BaseAddress = app.Address };
        _client.DefaultRequestHeaders.Add("X-Test-Person", person);
        _client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
    }

    public string Html { get; private set; } = "";

    public string Path { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    public async Task<FormBrowser> Open(string path)
    {
        await Show(await _client.GetAsync(path));
        return this;
    }

    /// <summary>Everything that the form has, with these typed into it; a field that it has not cannot be typed into.</summary>
    public async Task Send(string action, string? button, params (string Name, string? Value)[] typed)
    {
        var values = Fields(action);
        foreach (var (name, value) in typed)
        {
            if (!Names(action).Contains(name)) throw new InvalidOperationException($"{Path} has no field {name}.");
            values.RemoveAll(field => field.Key == name);
            if (value is not null) values.Add(new(name, value));
        }

        if (button is not null) values.Add(new("do", button));
        using var content = new FormUrlEncodedContent(values);
        await Show(await _client.PostAsync(action, content));
    }

    /// <summary>What a field holds; null when there is none.</summary>
    public string? Value(string action, string name) =>
        Fields(action).Where(field => field.Key == name).Select(field => field.Value).FirstOrDefault();

    /// <summary>What stands at a field as wrong; null when nothing does.</summary>
    public string? Error(string field) =>
        Regex.Match(Html, $"id=\"{Regex.Escape(field)}-error\">(?:<svg.*?</svg>)?(?<says>[^<]*)") is { Success: true } at
            ? WebUtility.HtmlDecode(at.Groups["says"].Value).Trim()
            : null;

    /// <summary>All that a person reads, without markup.</summary>
    public string Words => WebUtility.HtmlDecode(Space().Replace(Tag().Replace(Html, " "), " "));

    public void Dispose() => _client.Dispose();

    private string Form(string action) => Regex.Matches(Html, "<form\\b[^>]*?\\baction=\"(?<action>[^\"]*)\"[^>]*>(?<content>.*?)</form>",
            RegexOptions.Singleline)
        .FirstOrDefault(form => WebUtility.HtmlDecode(form.Groups["action"].Value) == action)?.Groups["content"].Value
        ?? throw new InvalidOperationException($"{Path} has no form to {action}.");

    private List<string> Names(string action) => [.. NameAttribute().Matches(Form(action)).Select(name => Decoded(name.Groups["name"]))];

    private List<KeyValuePair<string, string>> Fields(string action)
    {
        var form = Form(action);
        var values = new List<KeyValuePair<string, string>>();
        foreach (Match input in Input().Matches(form))
        {
            var tag = input.Value;
            if (NameAttribute().Match(tag) is not { Success: true } name) continue;
            if (tag.Contains("type=\"checkbox\"", StringComparison.Ordinal) && !Regex.IsMatch(tag, @"\schecked\b")) continue;
            values.Add(new(Decoded(name.Groups["name"]), Decoded(Regex.Match(tag, "\\svalue=\"(?<v>[^\"]*)\"").Groups["v"])));
        }

        foreach (Match area in Area().Matches(form))
        {
            // A browser drops the line end with which the text of an area begins.
            var text = Decoded(area.Groups["text"]);
            values.Add(new(Decoded(NameAttribute().Match(area.Value).Groups["name"]), text.StartsWith('\n') ? text[1..] : text));
        }

        foreach (Match select in Select().Matches(form))
        {
            var options = Option().Matches(select.Groups["options"].Value);
            var chosen = options.FirstOrDefault(option => Regex.IsMatch(option.Value, @"\sselected(>|\s)")) ?? options.FirstOrDefault();
            var value = Regex.Match(chosen?.Value ?? "", "\\svalue=\"(?<v>[^\"]*)\"").Groups["v"];
            values.Add(new(Decoded(NameAttribute().Match(select.Value).Groups["name"]), Decoded(value)));
        }

        return values;
    }

    private async Task Show(HttpResponseMessage answer)
    {
        using var _ = answer;
        Status = answer.StatusCode;
        Path = answer.RequestMessage!.RequestUri!.PathAndQuery;
        Html = await answer.Content.ReadAsStringAsync();
    }

    private static string Decoded(Group group) => WebUtility.HtmlDecode(group.Value);

    [GeneratedRegex("<input\\b[^>]*>")]
    private static partial Regex Input();

    [GeneratedRegex("<textarea\\b[^>]*>(?<text>.*?)</textarea>", RegexOptions.Singleline)]
    private static partial Regex Area();

    [GeneratedRegex("<option\\b[^>]*>")]
    private static partial Regex Option();

    [GeneratedRegex("<select\\b[^>]*>(?<options>.*?)</select>", RegexOptions.Singleline)]
    private static partial Regex Select();

    [GeneratedRegex("\\sname=\"(?<name>[^\"]*)\"")]
    private static partial Regex NameAttribute();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
