using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Payments;

/// <summary>
/// Stripe's REST API: form-encoded requests, JSON answers, one version of the API whatever the account's default is. A request is made
/// again when it is not known whether it was done - the connection broke, Stripe failed or was busy -, at most twice, because every request
/// made here may be repeated: reads, requests with an idempotency key, and changes of state that Stripe makes once.
/// </summary>
internal sealed partial class StripeClient(StripeAccount account, HttpMessageHandler handler, ILogger logger) : IDisposable
{
    /// <summary>The version whose objects <see cref="StripeSession"/> and the others describe. https://docs.stripe.com/changelog</summary>
    public const string Version = "2025-09-30.clover";

    private const int AttemptsMax = 3;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RetryPauseMax = TimeSpan.FromSeconds(5);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    private sealed record Call(HttpMethod Method, string Path, IReadOnlyList<(string Name, string Value)> Form, string? IdempotencyKey);

    /// <exception cref="ProviderException">Stripe refused, or did not answer.</exception>
    public Task<T> Get<T>(string path, CancellationToken ct) => Send<T>(new(HttpMethod.Get, path, [], null), ct);

    /// <param name="idempotencyKey">Null for what Stripe does once by itself, such as cancelling.</param>
    /// <exception cref="ProviderException">Stripe refused, or did not answer.</exception>
    public Task<T> Post<T>(
        string path, IReadOnlyList<(string Name, string Value)> form, string? idempotencyKey, CancellationToken ct) =>
        Send<T>(new(HttpMethod.Post, path, form, idempotencyKey), ct);

    public void Dispose() => _http.Dispose();

    private async Task<T> Send<T>(Call call, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (answer, failure) = await Try(call, ct);
            if (answer is { IsSuccessStatusCode: true })
            {
                using (answer) return await Read<T>(answer, ct);
            }

            var isLast = attempt == AttemptsMax;
            if (answer is null)
            {
                LogNoAnswer(call.Method, call.Path, attempt, failure!.GetType().Name);
                if (isLast) throw new ProviderException(isRefusal: false, "no-answer", "Stripe did not answer.", failure);
            }
            else
            {
                var error = await ErrorOf(answer, ct);
                LogRefused(call.Method, call.Path, (int)answer.StatusCode, error.Code, RequestIdOf(answer));
                if (isLast || !IsWorthRepeating(answer)) throw error;
            }

            var pause = PauseOf(answer, attempt);
            answer?.Dispose();
            await Task.Delay(pause, ct);
        }
    }

    private async Task<(HttpResponseMessage? Answer, Exception? Failure)> Try(Call call, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(account.Timeout);
        using var request = new HttpRequestMessage(call.Method, new Uri(account.BaseUrl().ToString().TrimEnd('/') + call.Path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.SecretKey);
        request.Headers.Add("Stripe-Version", Version);
        if (call.IdempotencyKey is not null) request.Headers.Add("Idempotency-Key", call.IdempotencyKey);
        if (call.Method == HttpMethod.Post)
            request.Content = new FormUrlEncodedContent(call.Form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        try
        {
            // With its content, so that a connection that breaks within the answer is a failure of this attempt.
            return (await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, patience.Token), null);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && exception is HttpRequestException or OperationCanceledException)
        {
            return (null, exception);
        }
    }

    private static async Task<T> Read<T>(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            return (await answer.Content.ReadFromJsonAsync<T>(Json, ct))!;
        }
        catch (JsonException exception)
        {
            throw new ProviderException(isRefusal: false, "unreadable-answer", "Stripe's answer could not be read.", exception);
        }
    }

    /// <summary>What was wrong with the request, or with the card, will be wrong again; nothing else says that it was not done.</summary>
    private static async Task<ProviderException> ErrorOf(HttpResponseMessage answer, CancellationToken ct)
    {
        StripeError? error = null;
        try
        {
            error = (await answer.Content.ReadFromJsonAsync<StripeFailure>(Json, ct))?.Error;
        }
        catch (JsonException)
        {
            // A proxy's page, for instance: the status says enough.
        }

        // An answer that is not Stripe's own says nothing about what Stripe did.
        var isRefusal = error is not null
            && answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.PaymentRequired or HttpStatusCode.NotFound;
        var code = error?.DeclineCode ?? error?.Code ?? error?.Type ?? $"http-{(int)answer.StatusCode}";
        return new(isRefusal, code, error?.Message ?? $"Stripe answered {(int)answer.StatusCode}.");
    }

    private static bool IsWorthRepeating(HttpResponseMessage answer)
    {
        if (answer.Headers.TryGetValues("Stripe-Should-Retry", out var advice)) return advice.First() == "true";
        return answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500;
    }

    /// <summary>Longer each time, and never the same for two who failed together.</summary>
    private static TimeSpan PauseOf(HttpResponseMessage? answer, int attempt)
    {
        if (answer?.Headers.RetryAfter?.Delta is { } asked && asked < RetryPauseMax) return asked;
        return RetryPause * Math.Pow(2, attempt - 1) * (0.5 + Random.Shared.NextDouble());
    }

    private static string? RequestIdOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Request-Id", out var ids) ? ids.First() : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} at the payment provider: no answer to attempt {Attempt} ({Error})")]
    private partial void LogNoAnswer(HttpMethod method, string path, int attempt, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} at the payment provider: {Status} {Code} (request {RequestId})")]
    private partial void LogRefused(HttpMethod method, string path, int status, string code, string? requestId);
}
