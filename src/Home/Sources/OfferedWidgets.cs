using System.Collections.Frozen;
using Kontor.Foundation.Seams;
using Kontor.Home.Widgets.Types;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Sources;

/// <summary>All that the sources of this process offer. An offer that cannot be used is logged and left out; the others stand.</summary>
internal sealed partial class OfferedWidgets
{
    private readonly FrozenDictionary<string, OfferedWidget> _byKey;

    public OfferedWidgets(IEnumerable<IWidgetSource> sources, IOptions<HomeOptions> options, ILogger<OfferedWidgets> logger)
    {
        var usable = new Dictionary<string, OfferedWidget>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            foreach (var offer in source.Widgets)
            {
                var isUsable = TypeName.Parse(offer.Type) is { } type && offer.Title.ContainsKey("en") && offer.Priority is >= 0 and <= 1000
                    && usable.TryAdd($"{source.Name}.{offer.Key}", new OfferedWidget(source, offer, type, options.Value.StaleSecondsMax));
                if (!isUsable) LogUnusable(logger, source.Name, offer.Key);
            }
        }

        _byKey = usable.ToFrozenDictionary(StringComparer.Ordinal);
        All = [.. _byKey.Values.OrderBy(widget => widget.Key, StringComparer.Ordinal)];
    }

    public IReadOnlyList<OfferedWidget> All { get; }

    /// <summary>The sources' names, in order.</summary>
    public IReadOnlyList<string> Sources => [.. All.Select(widget => widget.Source.Name).Distinct()];

    /// <summary>The next moment at which something that all are shown grows too old.</summary>
    public long NextEnd(long now) => All.Where(widget => widget.Shared?.Shown is not null)
        .Select(widget => widget.ShownUntil(widget.Shared!.Shown!)).Where(at => at > now).DefaultIfEmpty(long.MaxValue).Min();

    /// <param name="caches">By the widget's key.</param>
    public void Narrow(IReadOnlyDictionary<string, WidgetCache> caches)
    {
        foreach (var widget in All) widget.Cache = caches.GetValueOrDefault(widget.Key);
    }

    public OfferedWidget? Find(string key) => _byKey.GetValueOrDefault(key);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Source} offers {Key} without a known form of type, an English title, a priority of 0 to 1000, or twice; it is left out")]
    private static partial void LogUnusable(ILogger logger, string source, string key);
}
