using System.Text.Json;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.External;

/// <summary>Where another site is, and the questions it is asked: for JSON, with limits of time and size, following no redirects.</summary>
internal sealed partial class ProviderSite(
    string name, ProviderOptions options, HttpClient http, TimeProvider time, ILogger<ProviderSite> logger)
{
    public const int AnswerBytesMax = 64 * 1024;
    private const int DepthMax = 16;
    private const long RememberedMs = Clock.Hour;
    private const string WellKnown = "/.well-known/openid-configuration";

    private Known? _known;

    /// <param name="Authorize">Where browsers are sent.</param>
    /// <param name="Token">Where codes become tokens.</param>
    /// <param name="UserInfo">What says whose a token is.</param>
    /// <param name="Issuer">What it calls itself; null when nobody says.</param>
    /// <param name="NamesItself">Its redirects carry `iss`, so one without is not its own.</param>
    /// <param name="ReadAt">Milliseconds since 1970.</param>
    public sealed record Known(Uri Authorize, Uri Token, Uri UserInfo, string? Issuer, bool NamesItself, long ReadAt);

    /// <summary>Null when it cannot be found out now. Its own document is read again after an hour.</summary>
    public async ValueTask<Known?> Find(CancellationToken ct)
    {
        var now = time.NowMs();
        if (options.Discovery is null)
            return _known ??= new(options.AuthorizeUrl!, options.TokenUrl!, options.UserInfoUrl!, options.Issuer, NamesItself: false, now);
        if (_known is { } known && Math.Abs(now - known.ReadAt) < RememberedMs) return known;
        using var request = new HttpRequestMessage(HttpMethod.Get, options.Discovery);
        if (await Ask(request, ct) is { } document && Read(document, now) is { } found) return _known = found;
        // Sites seldom move: what was right an hour ago is better than nothing.
        return _known;
    }

    /// <summary>Null when it does not answer in time, or anything but one JSON object of moderate size with status 200.</summary>
    public async Task<JsonElement?> Ask(HttpRequestMessage request, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.UserAgent.ParseAdd("Kontor");
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, patience.Token);
            var answer = Parse(await response.Content.ReadAsByteArrayAsync(patience.Token));
            if (response.IsSuccessStatusCode && answer is not null) return answer;
            // Its error code is from a short list (RFC 6749, 5.2); the rest may hold what is nobody's business.
            var error = answer is null ? null : TextIn(answer.Value, "error");
            LogRefused(name, request.RequestUri!.AbsolutePath, (int)response.StatusCode, IsErrorCode(error) ? error : null);
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !ct.IsCancellationRequested))
        {
            LogUnreachable(name, request.RequestUri!.AbsolutePath, exception.Message);
            return null;
        }
    }

    /// <summary>Null unless it is one JSON object.</summary>
    public static JsonElement? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
            var value = JsonElement.ParseValue(ref reader);
            return value.ValueKind == JsonValueKind.Object && !reader.Read() ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member that is text, a number or a truth value, as text; null when it is anything else or not there.</summary>
    public static string? TextIn(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.ValueKind switch
    {
        JsonValueKind.String => WellFormed(value),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    } : null;

    /// <summary>Half a character in an escape is no text, and neither database would take NUL.</summary>
    private static string? WellFormed(JsonElement value)
    {
        try
        {
            var text = value.GetString()!;
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsErrorCode(string? text) => text is { Length: < 60 } && text.All(c => char.IsAsciiLetter(c) || c == '_');

    private Known? Read(JsonElement document, long now)
    {
        // OpenID Connect Discovery, 4.3: a document speaks only for the issuer at whose address it lies.
        var issuer = TextIn(document, "issuer");
        var isItsOwn = issuer is not null && issuer.TrimEnd('/') + WellKnown == options.Discovery!.AbsoluteUri;
        var (authorize, token, userInfo) = (
            options.AuthorizeUrl ?? UrlIn(document, "authorization_endpoint"),
            options.TokenUrl ?? UrlIn(document, "token_endpoint"),
            options.UserInfoUrl ?? UrlIn(document, "userinfo_endpoint"));
        if (isItsOwn && authorize is not null && token is not null && userInfo is not null)
        {
            var namesItself = TextIn(document, "authorization_response_iss_parameter_supported") == "true";
            return new(authorize, token, userInfo, options.Issuer ?? issuer, namesItself, now);
        }

        LogNotItsOwn(name, options.Discovery!);
        return null;
    }

    private static Uri? UrlIn(JsonElement document, string member) =>
        Uri.TryCreate(TextIn(document, member), UriKind.Absolute, out var url) && ExternalOptionsRules.IsSafe(url) ? url : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} refused {Path} with {Status} {Error}")]
    private partial void LogRefused(string provider, string path, int status, string? error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Provider} did not answer {Path}: {Reason}")]
    private partial void LogUnreachable(string provider, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Provider} has no OpenID Connect document of its own at {Discovery}")]
    private partial void LogNotItsOwn(string provider, Uri discovery);
}
