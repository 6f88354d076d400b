using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;

namespace Kontor.Home;

/// <summary>Configured under `Home`.</summary>
internal sealed class HomeOptions
{
    /// <summary>A source that takes longer has failed: what it offers is for people who wait for a page.</summary>
    [Range(1, 60_000)]
    public int PullTimeoutMs { get; set; } = 2000;

    /// <summary>How long a person's feed waits for a snapshot that it has not, or that an event made stale. Longer would be felt.</summary>
    [Range(0, 10_000)]
    public int PersonalWaitMs { get; set; } = 100;

    /// <summary>How long a feed waits for what the database knows of its person; then it is made without. Longer than a busy database
    /// takes, because a person should find what they just did.</summary>
    [Range(1, 30_000)]
    public int StoredWaitMs { get; set; } = 1000;

    /// <summary>For how long content of a source of this process is shown after its age, while the source gives nothing newer; also
    /// after a restart. A day is longer than an outage, and shorter than anybody would believe it.</summary>
    [Range(0, 30 * 24 * 60 * 60)]
    public int StaleSecondsMax { get; set; } = 24 * 60 * 60;

    /// <summary>Calls to one source at the same time, over all persons: what a small service bears.</summary>
    [Range(1, 1000)]
    public int PullsAtOnce { get; set; } = 8;

    /// <summary>Between two pulls of a widget that is the same for all, however many events make it stale.</summary>
    [Range(0, 600_000)]
    public int SharedPullGapMs { get; set; } = 1000;

    /// <summary>Memory for persons' snapshots; the longest unused go first. About 100,000 persons at least.</summary>
    [Range(1, 64 * 1024)]
    public int PersonalMegabytesMax { get; set; } = 256;

    /// <summary>Memory for what was pushed to single persons; the longest unused goes first, and is read again when they come.</summary>
    [Range(1, 64 * 1024)]
    public int PushedMegabytesMax { get; set; } = 64;

    /// <summary>A person's snapshots make room when they were not asked for in this time, at the latest after twice that.</summary>
    [Range(1, 24 * 60)]
    public int PersonalKeepMinutes { get; set; } = 30;

    /// <summary>Of so many it is remembered what products and other systems tell of them; about 300 bytes for each product.</summary>
    [Range(2, 10_000_000)]
    public int PersonsMax { get; set; } = 100_000;

    /// <summary>
    /// Sources may be pulled from this machine, by `http` too: for trying one out. Off, because whoever may declare a source could reach
    /// what listens here for nobody else.
    /// </summary>
    public bool PullLoopback { get; set; }

    /// <summary>
    /// A change of one widget or one segment's rule that would alter the feed of more than this share of readers needs two admins,
    /// whoever's it is. 1 is never, because a shop may have one admin.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SecondPersonShare { get; set; } = 1;

    /// <summary>
    /// Teams whose widgets are shown, and changed while they are shown, only when two admins agree; `*` for all. Nobody's by default,
    /// because a shop may have one admin. Written as a list, or as one text with commas between. What can be no team stops the start,
    /// because it would guard nothing.
    /// </summary>
    public IReadOnlyList<string> FourEyes { get; set; } = [];

    /// <summary>Of one signed-in person, so many events a day are counted: far more than a day of reading makes.</summary>
    [Range(1, 1_000_000)]
    public int EventsPerPersonDaily { get; set; } = 5000;

    /// <summary>Likewise of all strangers behind one address (IPv6: one /64): an office, not a machine that inflates numbers.</summary>
    [Range(1, 100_000_000)]
    public int EventsPerNetworkDaily { get; set; } = 20_000;

    /// <summary>Events that experiments may have as their goal, beside clicks. Which ones there are is the products' to say.</summary>
    public IReadOnlyList<GoalEvent> Goals { get; set; } = [];

    public const string FourEyesWrong =
        "Home:FourEyes is teams with commas between, each a word in lower case, such as press, lending; or * for all of them.";

    /// <summary>The binder reads lists only, and would pass over a text in silence.</summary>
    public static IReadOnlyList<string> TeamsIn(IConfigurationSection section) => [.. section.GetChildren().Prepend(section).SelectMany(
        one => (one.Value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}

/// <summary>An event that a person brings about, such as an order.</summary>
internal sealed class GoalEvent
{
    /// <summary>Its name among the platform's events.</summary>
    [Required]
    public string Event { get; set; } = "";

    /// <summary>The member of its JSON that holds the person's id.</summary>
    [Required]
    public string UserField { get; set; } = "userId";
}
