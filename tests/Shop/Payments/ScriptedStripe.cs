using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Tests;

/// <summary>What was sent to Stripe.</summary>
internal sealed record StripeRequest(string Line, Dictionary<string, string> Headers, Dictionary<string, string> Form)
{
    public string? Key => Headers.GetValueOrDefault("Idempotency-Key");
}

/// <summary>Stripe, as far as these tests have it say something.</summary>
internal sealed class ScriptedStripe : HttpMessageHandler
{
    private readonly Queue<(int Status, string Body, string? Advice)?> _answers = [];

    public List<StripeRequest> Requests { get; } = [];

    /// <param name="status">0 breaks the connection.</param>
    public void Answers(int status, string body, string? advice = null) => _answers.Enqueue((status, body, advice));

    public void Hangs() => _answers.Enqueue(null);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var form = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(new(
            $"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.ToString())}",
            request.Headers.ToDictionary(header => header.Key, header => header.Value.First()),
            form.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(field => field.Split('='))
                .ToDictionary(field => WebUtility.UrlDecode(field[0]), field => WebUtility.UrlDecode(field[1]))));
        if (_answers.Dequeue() is not { } answer) await Task.Delay(Timeout.Infinite, cancellationToken);
        else if (answer.Status == 0) throw new HttpRequestException("The connection broke.");
        else
        {
            var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
            {
                Content = new StringContent(answer.Body, Encoding.UTF8, "application/json"),
            };
            if (answer.Advice is not null) response.Headers.Add("Stripe-Should-Retry", answer.Advice);
            response.Headers.RetryAfter = new(TimeSpan.Zero);
            return response;
        }

        throw new InvalidOperationException("Nothing was to come.");
    }
}

internal sealed class RecordedLog : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add(formatter(state, exception) + exception);
}
