using System.Collections.Immutable;

namespace Kontor.Foundation;

/// <summary>
/// An expected refusal, declared `static readonly` beside the rule it belongs to. It becomes an RFC 9457 answer with a stable
/// <paramref name="Code"/>, and undoes the transaction that returns it.
/// </summary>
/// <param name="Status">The HTTP status, 400 to 599.</param>
/// <param name="Code">Stable, kebab-case; clients decide by it.</param>
/// <param name="Title">One sentence for a person, the same each time.</param>
public sealed record Problem(int Status, string Code, string Title)
{
    /// <summary>What is particular this time.</summary>
    public string? Detail { get; init; }

    /// <summary>Further members of the JSON object, for instance `available`.</summary>
    public ImmutableDictionary<string, object?> Extensions { get; init; } = ImmutableDictionary<string, object?>.Empty;

    public Problem With(string member, object? value) => this with { Extensions = Extensions.SetItem(member, value) };

    public Problem Because(string detail) => this with { Detail = detail };
}

/// <summary>A result that may be a refusal; a transaction whose work answers one is rolled back.</summary>
public interface IOutcome
{
    Problem? Problem { get; }
}

/// <summary>Either a value or the problem that stood in its way: `var (order, problem) = await orders.Place(...)`.</summary>
public sealed record Outcome<T>(T? Value, Problem? Problem) : IOutcome
{
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, problem);
}
