using Kontor.Foundation;

namespace Kontor.Accounts;

/// <summary>What is wrong with a field.</summary>
/// <param name="Code">Stable, kebab-case; listed in `docs/accounts.md`.</param>
/// <param name="Text">A sentence in English, which pages translate.</param>
internal sealed record FieldError(string Code, string Text);

/// <summary>What is wrong with which field, gathered so that a person sees all of it at once.</summary>
internal sealed class FieldErrors
{
    private static readonly Problem Invalid = new(400, "validation-failed", "The request is not valid.");

    private readonly Dictionary<string, string[]> _errors = [];
    private readonly Dictionary<string, string> _codes = [];

    /// <param name="field">As it is called in JSON and in forms.</param>
    /// <param name="error">Null when nothing is wrong.</param>
    public void Add(string field, string? error)
    {
        if (error is not null) _errors[field] = [error];
    }

    /// <summary>One that clients may tell from others by its code, in `errorCodes`.</summary>
    public void Add(string field, FieldError? error)
    {
        if (error is null) return;
        Add(field, error.Text);
        _codes[field] = error.Code;
    }

    public Problem? ToProblem()
    {
        if (_errors.Count == 0) return null;
        var problem = Invalid.With("errors", _errors);
        return _codes.Count == 0 ? problem : problem.With("errorCodes", _codes);
    }

    /// <summary>The fields and sentences in a problem that <see cref="ToProblem"/> made; none in any other.</summary>
    public static IReadOnlyDictionary<string, string[]> Of(Problem? problem) =>
        problem?.Extensions.GetValueOrDefault("errors") as Dictionary<string, string[]> ?? [];
}
