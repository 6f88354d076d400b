using Kontor.Home.Sources.Pulled;

namespace Kontor.Home.Sources;

/// <summary>
/// Whether a source says that nothing has changed, and only when that is so: it is asked again with its ETag, and with one that it never
/// gave. Where its rate does not allow that many calls at once, the report says what was not tried.
/// </summary>
internal static class ConditionalCheck
{
    private const string Foreign = "\"never-given-by-this-source\"";

    /// <param name="etag">Of the answer that was whole.</param>
    /// <param name="ask">With an ETag; its problem says why it cannot be asked now.</param>
    public static async Task<IReadOnlyList<VerifyType.Check>> Of(
        string? etag, Func<string, Task<Foundation.Outcome<(PullAnswer? Answer, string? Failure)>>> ask)
    {
        if (etag is null) return [];
        return [await Unchanged(etag, ask), await Changed(ask)];
    }

    /// <summary>It costs the source nothing but work, so it is not required.</summary>
    private static async Task<VerifyType.Check> Unchanged(
        string etag, Func<string, Task<Foundation.Outcome<(PullAnswer? Answer, string? Failure)>>> ask)
    {
        var (said, problem) = await ask(etag);
        if (problem is not null) return NotTried("not-modified", problem);
        return new("not-modified", said is { Answer: { Body: null } }, said switch
        {
            { Failure: { } failure } => $"Asked with {etag}, {failure}.",
            { Answer.Body: null } => $"Asked with {etag}, it answers 304.",
            { Answer.ETag: { } other } when other != etag => $"Asked with {etag}, it sends all of it as {other}, as if it were new.",
            _ => $"Asked with {etag}, it sends all of it again.",
        }, false);
    }

    /// <summary>A 304 for whatever it is asked with would keep what is shown for ever.</summary>
    private static async Task<VerifyType.Check> Changed(
        Func<string, Task<Foundation.Outcome<(PullAnswer? Answer, string? Failure)>>> ask)
    {
        var (said, problem) = await ask(Foreign);
        if (problem is not null) return NotTried("modified", problem);
        return new("modified", said.Answer is { Body: not null }, said switch
        {
            { Failure: { } failure } => $"Asked with an ETag that it never gave, {failure}.",
            { Answer.Body: null } => "Asked with an ETag that it never gave, it answers 304: its new content would never be seen.",
            _ => "Asked with an ETag that it never gave, it sends all of it.",
        }, true);
    }

    private static VerifyType.Check NotTried(string name, Foundation.Problem problem) =>
        new(name, true, $"Not tried: {problem.Title} Its 304 is tried where it declares 60 calls a minute or more.", false);
}
