using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using Microsoft.Extensions.Logging;

namespace Kontor.Home.Sources;

/// <summary>
/// Before the first request: types and offered widgets are stored, the model is read, and every shared widget is asked for once.
/// </summary>
internal sealed partial class OfferAtStart(
    Database database, WidgetTypes types, OfferedWidgets offered, FeedModels models, Refresher refresher, KeptSnapshots kept,
    TimeProvider time, ILogger<OfferAtStart> logger) : IWarmUp
{
    public async Task WarmUp(CancellationToken ct)
    {
        await database.Write(Store, ct);
        await models.Reload(ct);
        await models.ReloadPushed(ct);
        foreach (var widget in offered.All.Where(widget => !models.Current.Types.ContainsKey(widget.Type)))
            LogUnknownType(widget.Key, widget.Type.ToString());
        await kept.Restore(models.Current, time.NowMs(), ct);
        models.Rebuild();
        // Waited for is only what nobody knows yet, and each ends within the time that a source has.
        await refresher.RenewShared();
    }

    private async Task Store(Tx tx)
    {
        await types.Install(tx);
        var known = (await types.All(tx)).Select(type => type.Name).ToHashSet();
        foreach (var widget in offered.All.Where(widget => known.Contains(widget.Type)))
            await StoredWidgets.Offer(tx, widget.Source.Name, widget.Offer, widget.Type, time);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Widget} is of type {Type}, which is not known; it is left out")]
    private partial void LogUnknownType(string widget, string type);
}
