using Kontor.Foundation;

namespace Kontor.Accounts;

/// <summary>What is wrong with which field, gathered so that a person sees all of it at once.</summary>
internal sealed class FieldErrors
{
    private static readonly Problem Invalid = new(400, "validation-failed", "The request is not valid.");

    private readonly Dictionary<string, string[]> _errors = [];

    /// <param name="field">As it is called in JSON and in forms.</param>
    /// <param name="error">Null when nothing is wrong.</param>
    public void Add(string field, string? error)
    {
        if (error is not null) _errors[field] = [error];
    }

    public Problem? ToProblem() => _errors.Count == 0 ? null : Invalid.With("errors", _errors);

    /// <summary>The fields and sentences in a problem that <see cref="ToProblem"/> made; none in any other.</summary>
    public static IReadOnlyDictionary<string, string[]> Of(Problem? problem) =>
        problem?.Extensions.GetValueOrDefault("errors") as Dictionary<string, string[]> ?? [];
}
