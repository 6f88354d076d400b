using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Kontor.Foundation;

namespace Kontor.Home.Rules;

/// <summary>
/// The rules of all widgets, compiled once. A reader's answers to all of them are one text with a character for each, so readers with
/// equal answers share a feed; and they are remembered by the values that the rules really read.
/// </summary>
internal sealed class RuleBook
{
    /// <summary>Holds, does not, and cannot be evaluated.</summary>
    public const char Yes = '1';
    public const char No = '0';
    public const char Broken = '!';

    private const int RememberedMax = 20_000;

    private static readonly Meter Meter = new("Kontor.Home");

    private static readonly Counter<long> BrokenRules =
        Meter.CreateCounter<long>("kontor.home.rules_broken", description: "Rules that could not be evaluated and hid their widget.");

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);

    /// <param name="conditions">Null ones stand for always.</param>
    public RuleBook(IEnumerable<JsonElement?> conditions, Vocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        foreach (var condition in conditions.OfType<JsonElement>())
        {
            if (!_indexes.TryAdd(condition.GetRawText(), _entries.Count)) continue;
            var (rule, problem) = vocabulary.Read(condition);
            _entries.Add(new(rule, problem));
            _reads.UnionWith(rule?.Attributes ?? new HashSet<string>());
        }
    }

    private sealed record Entry(Rule? Rule, Problem? Problem);

    public Vocabulary Vocabulary { get; }

    /// <summary>The attributes that decide anything; all others need not be known.</summary>
    public IReadOnlySet<string> Reads => _reads;

    /// <summary>Null when it can be published.</summary>
    public static Problem? Check(JsonElement condition, Vocabulary vocabulary) => vocabulary.Read(condition).Problem;

    /// <summary>A rule's place in the answers; -1 for no rule.</summary>
    public int IndexOf(JsonElement? condition) => condition is { } some ? _indexes[some.GetRawText()] : -1;

    /// <param name="attributes">As JSON, those that are <see cref="Reads"/>; equal texts have equal answers.</param>
    public string Answers(string attributes)
    {
        if (_entries.Count == 0) return "";
        if (_answers.TryGetValue(attributes, out var known)) return known;
        // Whoever invents versions and languages makes it begin again, not grow.
        if (_answers.Count >= RememberedMax) _answers.Clear();
        var seen = JsonElement.Parse(attributes);
        return _answers.GetOrAdd(attributes, string.Concat(_entries.Select(entry => Answer(entry.Rule, seen))));
    }

    /// <summary>What each part of a rule saw; null when it cannot be evaluated.</summary>
    public RuleStep? Explain(int index, JsonElement attributes) => _entries[index].Rule?.Explain(attributes);

    public Problem? ProblemOf(int index) => _entries[index].Problem;

    private static char Answer(Rule? rule, JsonElement attributes)
    {
        try
        {
            if (rule is not null) return rule.Matches(attributes) ? Yes : No;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or OverflowException)
        {
            // Evaluating is total; should it have a hole, one widget is hidden, and no feed fails.
        }

        BrokenRules.Add(1);
        return Broken;
    }
}
