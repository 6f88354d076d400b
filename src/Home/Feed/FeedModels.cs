using Kontor.Foundation.Data;
using Kontor.Home.Sources;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Feed;

/// <summary>Holds the model that requests read, and swaps it when an admin or a source changed something.</summary>
internal sealed class FeedModels(Database database, WidgetTypes types, OfferedWidgets offered) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _swapping = new();
    private volatile FeedModel _current = FeedModel.Empty;
    private FeedSettings _settings = FeedSettings.Empty;

    public FeedModel Current => _current;

    /// <summary>Reads the database; what was committed before the call is in the model after it.</summary>
    public async Task Reload(CancellationToken ct)
    {
        // One after the other, so that what was read last is also what is held.
        await _reading.WaitAsync(ct);
        try
        {
            var settings = await database.Snapshot(tx => FeedSettings.Read(tx, types), ct);
            lock (_swapping)
            {
                _settings = settings;
                _current = FeedModel.Of(_settings, offered);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Takes over what the sources' shared snapshots hold now.</summary>
    public void Rebuild()
    {
        lock (_swapping) _current = FeedModel.Of(_settings, offered);
    }

    public void Dispose() => _reading.Dispose();
}
