using System.Collections.Concurrent;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Tests;

/// <summary>A product as small as one can be: a thing has pieces, and pieces are taken.</summary>
public sealed class ThingsModule : IModule
{
    public string Name => "test";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<Heard>();
        services.AddSingleton<IEventHandler, FirstListener>();
        services.AddSingleton<IEventHandler, SecondListener>();
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/things/{id}/take", Take.Handle).Idempotent();
        routes.MapGet("/api/things/unknown", () => new Problem(404, "thing-unknown", "No such thing.").With("hint", 7).ToResult());
        routes.MapGet("/api/things/broken", void () => throw new InvalidOperationException("a secret of ours"));
        routes.MapGet("/api/things/rotten", () => JsonSerializer.Deserialize<Taken>("{\"id\": 7}", JsonSerializerOptions.Web));
        routes.MapGet("/api/things/text", (string? q) => q ?? "");
    }
}

internal static class Take
{
    public static readonly Problem TooFew = new(409, "too-few", "There are not so many.");

    public sealed record Request(long Pieces, string? Note = null);

    public sealed record Response(string Id, long Left);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string id, Request request, Database database, Outbox outbox, Idempotency idempotency)
    {
        var (left, problem) = await database.Write(tx => idempotency.Once<Response>(tx, async () =>
        {
            var pieces = await tx.First<long?>("""
                UPDATE test_things SET pieces = pieces - @n WHERE id = @id AND pieces >= @n
                RETURNING pieces
                """, new { id, n = request.Pieces });
            if (pieces is null) return TooFew;
            await outbox.Add(tx, new Taken(id, request.Pieces));
            return new Response(id, pieces.Value);
        }));
        return problem is null ? TypedResults.Ok(left!) : problem.ToResult();
    }
}

internal sealed record Taken(string Id, long Pieces) : IEvent
{
    public static string Name => "test.taken";
}

/// <summary>What the listeners heard, and how often they are to fail before they listen.</summary>
internal sealed class Heard
{
    public ConcurrentQueue<string> Messages { get; } = new();

    public ConcurrentDictionary<string, int> FailuresLeft { get; } = new();

    /// <summary>The thing about which the second listener never comes to an end, whatever its token says.</summary>
    public string? Endless { get; set; }

    public void Hear(string handler, StoredEvent stored)
    {
        if (FailuresLeft.GetValueOrDefault(handler) > 0)
        {
            FailuresLeft[handler]--;
            throw new InvalidOperationException("not now");
        }

        Messages.Enqueue($"{handler} {stored.As<Taken>().Id} {stored.As<Taken>().Pieces}");
    }
}

internal sealed class FirstListener(Heard heard) : IEventHandler
{
    public string Name => "test.first";

    public string Event => Taken.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct)
    {
        heard.Hear(Name, stored);
        return Task.CompletedTask;
    }
}

internal sealed class SecondListener(Heard heard) : IEventHandler
{
    public string Name => "test.second";

    public string Event => Taken.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct)
    {
        if (stored.As<Taken>().Id == heard.Endless) return Task.Delay(Timeout.Infinite, CancellationToken.None);
        heard.Hear(Name, stored);
        return Task.CompletedTask;
    }
}
