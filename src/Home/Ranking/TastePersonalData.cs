using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Ranking;

/// <summary>What a person likes and lately saw, and whether they wanted that to be known.</summary>
internal sealed class TastePersonalData(Database database, IOptions<RankingOptions> options, TimeProvider time) : IPersonalPart
{
    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        if (await database.Read(tx => StoredTastes.Find(tx, person.UserId).AsTask(), ct) is not { } row) return;
        var (state, now) = (PersonalState.Of(row, options.Value), time.NowMs());
        export.Value("taste", new
        {
            enabled = state.IsOn,
            likes = state.Taste.Likes.Keys.Order(StringComparer.Ordinal)
                .Select(category => new { category, strength = state.Taste.Of(category, now) }),
            seen = state.Seen.Ring.Select(one => new
            {
                one.WidgetId,
                lastAt = ((one.Day * Clock.Day) + (one.LastMinute * Clock.Minute)).ToTime(),
                one.Visits,
                one.Response,
            }),
        });
    }

    public Task Erase(Tx tx, DataSubject person) => StoredTastes.Erase(tx, person.UserId);
}
