using System.Collections.Frozen;
using System.Text.Json;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>An experiment as requests draw from it.</summary>
/// <param name="Condition">Its place among the answers; -1 for none.</param>
internal sealed record LiveExperiment(StoredExperiment Stored, Experiment Drawn, int Condition)
{
    /// <summary>What other experiments ask for: the key of each variation.</summary>
    public IReadOnlyList<JsonElement> Values { get; } =
        [.. Stored.Design.Variations.Select(one => JsonSerializer.SerializeToElement(one.Key))];

    public string StickyKey { get; } = Drawn.StickyKey(Drawn.BucketVersion);

    /// <summary>Names it with its bucket version in a feed's id.</summary>
    public string Mark { get; } = FeedMark.Of(Stored.Key, Stored.Design.BucketVersion);

    /// <summary>Null while it gives variations.</summary>
    public string? WhyNot(long now) => Stored.State switch
    {
        ExperimentState.Running when Stored.Design.Schedule.StartsAt?.ToUnixTimeMilliseconds() > now => "not-started",
        ExperimentState.Running when Stored.Design.Schedule.EndsAt?.ToUnixTimeMilliseconds() <= now => "ended",
        ExperimentState.Running => null,
        ExperimentState.Draft => "draft",
        _ => "stopped",
    };
}

/// <summary>
/// All experiments, compiled once. What a reader is given by those that widgets in use name is one text with a character for each, so
/// readers of equal variations share a feed.
/// </summary>
internal sealed class ExperimentBook
{
    /// <summary>Takes no part, and sees the control.</summary>
    public const char None = '-';

    private readonly LiveExperiment[] _all;
    private readonly int _used;
    private readonly RuleBook _conditions;
    private readonly FrozenDictionary<string, int> _indexes;

    /// <param name="named">Those that published widgets name.</param>
    public ExperimentBook(IEnumerable<StoredExperiment> stored, IEnumerable<string> named, Vocabulary vocabulary)
    {
        var all = stored.ToList();
        var used = named.ToHashSet(StringComparer.Ordinal);
        _conditions = new(all.Select(one => one.Design.Condition), vocabulary);
        // Those in use come first: their place is their character's.
        _all = [.. all.OrderByDescending(one => used.Contains(one.Key)).Select(one =>
            new LiveExperiment(one, Compiled.Of(one), _conditions.IndexOf(one.Design.Condition)))];
        _used = _all.Count(one => used.Contains(one.Stored.Key));
        _indexes = _all.Select((one, i) => (one.Stored.Key, i)).ToFrozenDictionary(one => one.Key, one => one.i, StringComparer.Ordinal);
        var running = _all.Where(one => one.Stored.State == ExperimentState.Running).ToList();
        Remembers = _used > 0 && running.Any(one => one.Drawn.Sticky);
        NeedsDevice = running.Any(one => used.Contains(one.Stored.Key)
            && (one.Drawn.HashAttribute == Subject.Device || one.Drawn.FallbackAttribute == Subject.Device));
    }

    public static ExperimentBook Empty { get; } = new([], [], Vocabulary.Plain);

    public bool IsEmpty => _used == 0;

    /// <summary>The attributes that conditions read.</summary>
    public IReadOnlySet<string> Reads => _conditions.Reads;

    /// <summary>Something in use keeps what people have seen.</summary>
    public bool Remembers { get; }

    /// <summary>Something in use tells strangers apart.</summary>
    public bool NeedsDevice { get; }

    public IEnumerable<StoredExperiment> All => _all.Select(one => one.Stored);

    /// <summary>When what is drawn may become another: experiments begin and end.</summary>
    public IEnumerable<long> Boundaries => _all.Select(one => one.Stored.Design.Schedule)
        .SelectMany(schedule => new[] { schedule.StartsAt, schedule.EndsAt }).OfType<DateTimeOffset>()
        .Select(at => at.ToUnixTimeMilliseconds());

    public IEnumerable<LiveExperiment> InUse => _all.Take(_used);

    /// <summary>Its place among those in use; -1 for one that is not, or that there is not.</summary>
    public int IndexOf(string key) => _indexes.TryGetValue(key, out var index) && index < _used ? index : -1;

    public LiveExperiment? Find(string key) => _indexes.TryGetValue(key, out var index) ? _all[index] : null;

    public LiveExperiment At(int index) => _all[index];

    /// <summary>A character for each experiment in use: see <see cref="VariationOf"/> and <see cref="Counts"/>.</summary>
    public string Draw(Reader reader, long now)
    {
        if (_used == 0) return "";
        var drawing = new Drawing(this, reader, now);
        return string.Create(_used, drawing, static (text, drawing) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = Letter(drawing.Of(i));
        });
    }

    /// <summary>What one experiment gives a reader, and why.</summary>
    public Assignment Explain(int index, Reader reader, long now) => new Drawing(this, reader, now).Of(index);

    public static int VariationOf(char letter) => letter == None ? 0 : (letter | 0x20) - 'a';

    /// <summary>Drawn by the hash: no hand decided it, so what the reader does counts for the results.</summary>
    public static bool Counts(char letter) => char.IsAsciiLetterUpper(letter);

    private static char Letter(Assignment given) =>
        !given.InExperiment ? None : (char)((given.HashUsed ? 'A' : 'a') + given.Variation);

    /// <summary>All that one reader is given; an experiment that others depend on is drawn once.</summary>
    private sealed class Drawing
    {
        private static readonly Assignment InCircle = Assignment.Out("prerequisite");

        private readonly ExperimentBook _book;
        private readonly Assignment?[] _given;
        private readonly Subject _subject;
        private readonly string _answers;
        private readonly long _now;

        public Drawing(ExperimentBook book, Reader reader, long now)
        {
            (_book, _now) = (book, now);
            _given = new Assignment?[book._all.Length];
            _answers = book._conditions.Answers(reader.Attributes(book._conditions.Reads));
            var remembered = reader.Remembered;
            _subject = new(default)
            {
                Forced = reader.Query.Forced,
                Units = reader.Unit,
                Remembered = remembered is null ? null : remembered.Of,
                ValueOf = ValueOf,
                Answers = experiment => Meets(book._indexes[experiment.Key]),
            };
        }

        public Assignment Of(int index)
        {
            if (_given[index] is { } known) return known;
            _given[index] = InCircle;
            return (_given[index] = Given(_book._all[index]))!;
        }

        private Assignment Given(LiveExperiment one)
        {
            // A draft too can be looked at.
            if (_subject.Forced.TryGetValue(one.Stored.Key, out var forced))
                return Assignment.ByHand(one.Drawn, forced, "forced-for-person");
            if (one.WhyNot(_now) is { } reason)
            {
                return one.Stored.State == ExperimentState.Stopped && one.Stored.Design.IndexOf(one.Stored.Decision) is >= 0 and var winner
                    ? Assignment.ByHand(one.Drawn, winner, "decided")
                    : Assignment.Out(reason);
            }

            return Assignment.Draw(one.Drawn, _subject);
        }

        private bool Meets(int index) =>
            _book._all[index].Condition is var place && (place < 0 || _answers[place] == RuleBook.Yes);

        private JsonElement? ValueOf(string key) =>
            _book._indexes.TryGetValue(key, out var index) && Of(index) is { InExperiment: true } given
                ? _book._all[index].Values[given.Variation]
                : null;
    }
}

/// <summary>Makes of a stored experiment what the engine draws from.</summary>
internal static class Compiled
{
    public static Experiment Of(StoredExperiment stored)
    {
        var design = stored.Design;
        var space = design.Namespace is { } named ? new Namespace(named.Name!, new(named.From, named.To)) : null;
        return new(stored.Key, [.. design.Variations.Select(one => one.Key)])
        {
            Seed = design.Seed,
            HashAttribute = design.HashAttribute,
            FallbackAttribute = design.FallbackAttribute,
            HashVersion = design.HashVersion,
            Coverage = design.Coverage,
            Weights = design.Weights,
            Ranges = design.Ranges?.Select(pair => new Span(pair[0], pair[1])).ToList(),
            Namespace = space,
            Filters = FiltersOf(design.Holdouts, space),
            Prerequisites = [.. design.Prerequisites.Select(PrerequisiteOf)],
            Sticky = design.Sticky,
            BucketVersion = design.BucketVersion,
            BucketVersionMin = design.BucketVersionMin,
        };
    }

    /// <summary>Filters replace the namespace, so that becomes one of them: it is a hash of its own too.</summary>
    private static IReadOnlyList<Filter> FiltersOf(IReadOnlyList<ExperimentHoldout> holdouts, Namespace? space)
    {
        if (holdouts.Count == 0) return [];
        var filters = holdouts.Select(one => new Filter("holdout:" + one.Name, [new(one.Share, 1)])).ToList();
        if (space is not null) filters.Add(new("__" + space.Name, [space.Range], HashVersion: 1));
        return filters;
    }

    private static Prerequisite PrerequisiteOf(ExperimentPrerequisite parent)
    {
        var condition = new Dictionary<string, object> { ["value"] = new Dictionary<string, object> { ["$in"] = parent.Variations } };
        var (rule, _) = RuleReader.Read(JsonSerializer.SerializeToElement(condition), new Dictionary<string, JsonElement>());
        return new(parent.Experiment, rule!);
    }
}
