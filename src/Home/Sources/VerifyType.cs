using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Sources;

/// <summary>
/// A product team tries what it would push, or what it answers to a pull, against a type's contract: each promise is told to be kept or
/// not, and nothing is stored. A pull is asked at the address that its source declared, and counts as one of its calls.
/// </summary>
public static class VerifyType
{
    /// <param name="Key">The widget's, for the version that is there; none when left out.</param>
    /// <param name="Snapshot">As it would be pushed to all.</param>
    /// <param name="Pull">Instead: ask the source.</param>
    public sealed record Request([property: MaxLength(64)] string? Key = null, Sample? Snapshot = null, bool Pull = false);

    public sealed record Sample(
        [property: ChecksItsText] JsonElement Content,
        [property: Range(1, 1L << 53)] long Version = 1,
        [property: MaxLength(100)] string? Type = null,
        int TtlSeconds = SnapshotIntake.TtlSecondsDefault,
        int StaleSeconds = SnapshotIntake.DayS);

    /// <param name="Name">`schema`, `bytes`, `ttl`, `stale`, `version`, `type`; of a pull also `answer`, `latency`, `etag`,
    /// `not-modified` and `modified`; and `fallback TYPE` for each type that may stand in.</param>
    /// <param name="IsRequired">Content that does not pass it is refused.</param>
    public sealed record Check(string Name, bool Passed, string Reason, bool IsRequired);

    /// <param name="Key">The widget's; null for what concerns the whole answer of a pull.</param>
    public sealed record Checked(string? Key, IReadOnlyList<Check> Checks);

    /// <param name="Passed">All that is required.</param>
    public sealed record Response(string Type, bool Passed, IReadOnlyList<Checked> Report);

    private static readonly Problem NothingToVerify =
        new(422, "nothing-to-verify", "There is neither a snapshot, nor is the source pulled.");
    private static readonly Problem NotYet = new(429, "pull-rate-reached", "The source declared fewer calls. Try again later.");

    internal static void Map(RouteGroupBuilder home) =>
        home.MapPost("/types/{type}/verify", Handle).WithName("VerifyWidgetType").WithoutSignIn();

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string type, [FromHeader(Name = "Authorization")] string? authorization, Request request, Database database, Verifier verifier,
        CancellationToken ct)
    {
        // The key names its source: `lending.4f6c...`.
        var source = authorization?.Split(' ', 2)[^1].Split('.')[0] ?? "";
        if (await SourceKey.Authenticate(database, source, authorization, ct) is null) return StoredSources.KeyInvalid.ToResult();
        var (report, problem) = await verifier.Verify(type, source, request, ct);
        return problem is null ? TypedResults.Ok(report!) : problem.ToResult();
    }

    internal sealed class Verifier(
        Database database, WidgetTypes types, ContractCheck contract, PullClient client, PullSecrets secrets, TimeProvider time)
    {
        /// <summary>Together a little more than the gap between the calls of a source that declares 60 a minute.</summary>
        private const int AgainMax = 11;

        private static readonly TimeSpan AgainGap = TimeSpan.FromMilliseconds(100);

        public async Task<Outcome<Response>> Verify(string typeName, string source, Request request, CancellationToken ct)
        {
            var name = TypeName.Parse(typeName);
            if (name is null || await database.Read(tx => types.Find(tx, name.Value), ct) is not { } type) return TypeEditor.Unknown;
            if (request.Pull) return await Pull(type, source, ct);
            if (request.Snapshot is not { Content.ValueKind: not JsonValueKind.Undefined } sample) return NothingToVerify;
            var incoming = new Incoming(
                source, request.Key ?? "", "", sample.Version, sample.Type ?? type.Name.ToString(), sample.Content, sample.TtlSeconds,
                sample.StaleSeconds);
            return Report(type, [new(request.Key, await database.Read(tx => contract.Of(tx, incoming, type), ct))]);
        }

        private static Response Report(WidgetType type, IReadOnlyList<Checked> report) => new(
            type.Name.ToString(), report.All(part => part.Checks.All(check => check.Passed || !check.IsRequired)), report);

        private async Task<Outcome<Response>> Pull(WidgetType type, string source, CancellationToken ct)
        {
            // Asked for whole, though something of it may be known.
            var (called, problem) = await Call(source, null, ct);
            if (problem is not null) return problem;
            var (pull, answer, failure, took) = called;
            var latency = ContractCheck.Latency(took, Math.Min(pull.TimeoutMs, type.Contract.Limits.TimeoutMs ?? pull.TimeoutMs));
            if (answer?.Body is not { } body) return Report(type, [new(null, [new("answer", false, failure!, true), latency])]);
            var (read, refusal) = PulledAnswer.Read(source, body);
            List<Check> whole =
                [new("answer", refusal is null, refusal?.Detail ?? "It is one.", true), latency, ContractCheck.ETag(answer.ETag)];
            if (read is null) return Report(type, [new(null, whole)]);
            whole.AddRange(await ConditionalCheck.Of(answer.ETag, etag => Again(source, etag, ct)));
            whole.AddRange(read.Bad.Select(bad => new Check("answer", false, bad.Problem.Detail!, true)));
            var parts = await database.Read(
                async tx =>
                {
                    var checks = new List<Checked>();
                    foreach (var (snapshot, _) in read.Good.Where(one => TypeName.Parse(one.Snapshot.Type) == type.Name))
                        checks.Add(new(snapshot.Key, await contract.Of(tx, snapshot, type)));
                    return checks;
                }, ct);
            if (parts.Count == 0) whole.Add(new("type", false, $"No snapshot of it is of the type {type.Name}.", true));
            return Report(type, [new(null, whole), .. parts]);
        }

        /// <summary>One of the calls that the source declared.</summary>
        private async Task<Outcome<(StoredPulls.Pull Pull, PullAnswer? Answer, string? Failure, long Took)>> Call(
            string source, string? etag, CancellationToken ct)
        {
            var (claimed, problem) = await database.Write<Outcome<StoredPulls.Pull>>(
                async tx =>
                {
                    if (await StoredPulls.Find(tx, source) is not { } declared) return NothingToVerify;
                    if (await StoredPulls.Claim(tx, source, early: true, time.NowMs()) is { } claim) return claim;
                    var wait = Math.Max(declared.CalledAt + Clock.Minute / declared.CallsPerMinute, declared.LeasedUntil) - time.NowMs();
                    return NotYet with { Extensions = ProblemResults.TooManyRequests(wait).Extensions };
                }, ct);
            if (problem is not null) return problem;
            var pull = claimed! with { ETag = etag };
            var began = Stopwatch.GetTimestamp();
            var (answer, failure, took) = ((PullAnswer?)null, (string?)"whoever tried it did not wait", 0L);
            try
            {
                (answer, failure) = await Ask(pull, ct);
            }
            finally
            {
                // However it ended: the source's own turn is not to wait until the lease runs out.
                took = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                await database.Write(
                    tx => StoredPulls.Tried(tx, pull, failure ?? "verified", took, answer?.Body?.Length ?? 0), CancellationToken.None);
            }

            return (pull, answer, failure, took);
        }

        /// <summary>As soon as the declared rate allows, if that is soon.</summary>
        private async Task<Outcome<(PullAnswer? Answer, string? Failure)>> Again(string source, string etag, CancellationToken ct)
        {
            for (var i = 0; ; i++)
            {
                var (called, problem) = await Call(source, etag, ct);
                if (problem is null) return (called.Answer, called.Failure);
                if (i == AgainMax) return problem;
                await Task.Delay(AgainGap, ct);
            }
        }

        private async Task<(PullAnswer? Answer, string? Failure)> Ask(StoredPulls.Pull pull, CancellationToken ct)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
            end.CancelAfter(TimeSpan.FromMilliseconds(pull.TimeoutMs));
            try
            {
                return (await client.Get(pull, secrets.Open(pull), end.Token), null);
            }
            catch (PullException exception)
            {
                return (null, exception.Message);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return (null, $"it took longer than {pull.TimeoutMs} ms");
            }
        }
    }
}
