using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Sources.Pulled;

/// <summary>A pull that gave nothing, with a reason that may be shown.</summary>
internal sealed class PullException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>For the dead letters: what it answered, and why that is none.</summary>
    public (Problem Problem, string Raw)? Refused { get; init; }
}

/// <summary>What a source answered.</summary>
/// <param name="Body">Null when nothing has changed since the answer that it was told of (304).</param>
/// <param name="ETag">As it was written; null when it offers none.</param>
internal sealed record PullAnswer(byte[]? Body, string? ETag);

/// <summary>Asks a source over HTTP: it follows no redirect, uses no proxy, and reads no more than was declared.</summary>
internal sealed class PullClient : IDisposable
{
    private const int ETagLengthMax = 200;

    private static readonly HttpRequestOptionsKey<bool> IsHere = new("IsLoopbackName");

    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _time;

    public PullClient(IOptions<HomeOptions> options, ResolveHost resolve, TimeProvider time)
    {
        _time = time;
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 16,
            // Of an answer that is of no use no more is read: the connection is closed.
            MaxResponseDrainSize = 0,
            // What a name leads to is looked at when a connection is opened, so none is kept for long.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = (context, ct) => Reachable.Connect(
                resolve, context.DnsEndPoint, context.InitialRequestMessage.Options.TryGetValue(IsHere, out var isHere) && isHere,
                options.Value.PullLoopback, ct),
        });
    }

    /// <param name="secret">In clear; null when it says not who asks.</param>
    /// <exception cref="PullException">There is no answer, or none that is of use.</exception>
    public async Task<PullAnswer> Get(StoredPulls.Pull pull, string? secret, CancellationToken ct)
    {
        var uri = new Uri(pull.Url);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Options.Set(IsHere, PullSettings.IsLoopbackName(uri));
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(new("Kontor", "1"));
        if (pull.ETag is { } known) request.Headers.TryAddWithoutValidation("If-None-Match", known);
        if (secret is not null) Sign(request, uri, pull.Auth, secret);
        try
        {
            using var response = await _http.SendAsync(request, ct);
            return await Read(response, pull, ct);
        }
        catch (HttpRequestException exception)
        {
            throw exception.InnerException as PullException ?? new PullException("it cannot be reached", exception);
        }
        catch (IOException exception)
        {
            throw new PullException("its answer broke off", exception);
        }
    }

    public void Dispose() => _http.Dispose();

    private void Sign(HttpRequestMessage request, Uri uri, string auth, string secret)
    {
        if (auth == StoredPulls.Bearer)
        {
            // One that was declared before secrets were looked at may be no header.
            if (secret.Any(letter => letter is < ' ' or > '~')) throw new PullException("its secret cannot be sent; declare another");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            return;
        }

        // The time is signed too, so that what somebody overheard is of no use later.
        var at = (_time.NowMs() / Clock.Second).ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at}.GET.{uri.PathAndQuery}"));
        request.Headers.Add("X-Kontor-Signature", $"t={at},v1={Convert.ToHexStringLower(mac)}");
    }

    /// <summary>As it has to be (RFC 9110, 8.8.3). What is not could not be said to the source again: that call would fail.</summary>
    private static bool IsETag(string etag) =>
        etag.Length <= ETagLengthMax && EntityTagHeaderValue.TryParse(etag, out _) && etag.All(one => one is > ' ' and < '\x7f');

    private static async Task<PullAnswer> Read(HttpResponseMessage response, StoredPulls.Pull pull, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        if (status == 304 && pull.ETag is not null) return new(null, pull.ETag);
        if (status == 304) throw new PullException("it answered 304, though it was not told of any earlier answer");
        if (status is >= 300 and < 400) throw new PullException($"it answered {status}; redirects are not followed");
        if (status != 200) throw new PullException($"it answered {status}");
        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw new PullException("its answer is compressed; nobody asked for that");
        var tooLarge = $"its answer is larger than {pull.BytesMax} bytes";
        if (response.Content.Headers.ContentLength > pull.BytesMax) throw new PullException(tooLarge);
        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var part = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(part, ct)) > 0;)
        {
            if (body.Length + read > pull.BytesMax) throw new PullException(tooLarge);
            body.Write(part, 0, read);
        }

        var etag = response.Headers.TryGetValues("ETag", out var tags) ? tags.First() : null;
        return new(body.ToArray(), etag is not null && IsETag(etag) ? etag : null);
    }
}
