using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Home.Widgets;

namespace Kontor.Home.Experiments;

/// <summary>What an admin may say of an experiment.</summary>
public static class ExperimentSettings
{
    /// <summary>It goes through them in this order, and never back.</summary>
    public enum ExperimentState
    {
        Draft,
        Running,
        Stopped,
        Archived,
    }

    /// <summary>`click` on any widget of the experiment; other goals are names of events.</summary>
    public const string ClickGoal = "click";

    /// <param name="Key">Kebab-case; the first variation of an experiment is its control.</param>
    public sealed record ExperimentVariation(string Key, string Name);

    /// <summary>The part of a namespace that the experiment owns: experiments with other parts never meet in one person.</summary>
    /// <param name="Name">None removes it.</param>
    public sealed record ExperimentNamespace(string? Name = null, double From = 0, double To = 1);

    /// <summary>A share of all readers that takes part in none of the experiments with a holdout of this name.</summary>
    /// <param name="Share">More than 0, and less than 1.</param>
    public sealed record ExperimentHoldout(string Name, double Share);

    /// <summary>Only for those to whom another experiment gave one of these variations.</summary>
    public sealed record ExperimentPrerequisite(string Experiment, IReadOnlyList<string> Variations);

    /// <summary>It gives variations from then, and until then, while it is running.</summary>
    public sealed record ExperimentSchedule(DateTimeOffset? StartsAt = null, DateTimeOffset? EndsAt = null);

    /// <summary>Of a new experiment what is left out is a default; of one that is changed it stays.</summary>
    public record ExperimentRequest
    {
        [MaxLength(1000)]
        public string? Name { get; init; }

        [MaxLength(10_000)]
        public string? Hypothesis { get; init; }

        public string? Team { get; init; }

        /// <summary>The control first.</summary>
        public IReadOnlyList<ExperimentVariation>? Variations { get; init; }

        /// <summary>One for each variation, together 1; `[]` for equal ones.</summary>
        public IReadOnlyList<double>? Weights { get; init; }

        /// <summary>The share of all who take part, 0 to 1.</summary>
        public double? Coverage { get; init; }

        /// <summary>Pairs `[from, to]`, one for each variation; then weights and coverage count for nothing. `[]` for none.</summary>
        public IReadOnlyList<IReadOnlyList<double>>? Ranges { get; init; }

        public ExperimentNamespace? Namespace { get; init; }

        /// <summary>Of the hash; the key when it is left out or empty.</summary>
        public string? Seed { get; init; }

        /// <summary>1 or 2; 2 when it is left out.</summary>
        public long? HashVersion { get; init; }

        /// <summary>`id` or `deviceId`.</summary>
        public string? HashAttribute { get; init; }

        /// <summary>`deviceId`: tells strangers apart, and who signs in keeps what their device was shown. Empty for none.</summary>
        public string? FallbackAttribute { get; init; }

        /// <summary>Who has seen a variation keeps it.</summary>
        public bool? Sticky { get; init; }

        /// <summary>Raised: everybody is drawn anew, and the results begin again.</summary>
        public long? BucketVersion { get; init; }

        /// <summary>Whoever saw a variation of an older bucket version takes no part any more.</summary>
        public long? BucketVersionMin { get; init; }

        /// <summary>A rule over the registered attributes; `{}` removes it.</summary>
        public JsonElement? Condition { get; init; }

        public IReadOnlyList<ExperimentPrerequisite>? Prerequisites { get; init; }

        public IReadOnlyList<ExperimentHoldout>? Holdouts { get; init; }

        public ExperimentSchedule? Schedule { get; init; }

        /// <summary>`click`, or the name of an event that the server was told to count.</summary>
        public string? Goal { get; init; }

        internal bool ChangesNothing => JsonSerializer.Serialize<ExperimentRequest>(this, Targeting.Json) == "{}";
    }
}
