using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Sources;

/// <summary>How many snapshots of a type a source may push in a minute, over all nodes.</summary>
internal static class PushRates
{
    public static readonly Problem Exceeded =
        new(429, "push-rate-exceeded", "The source pushes more of this type than its contract allows.");

    /// <summary>Counts one; 429 with the time to wait when it is one too many, and then it is not counted.</summary>
    public static async Task<Problem?> Count(Tx tx, string source, WidgetType type, long now)
    {
        if (type.Contract.Limits.PushesPerMinute is not { } most) return null;
        var key = type.Name.ToString();
        var written = await tx.Execute($"""
            INSERT INTO home_push_windows (source, type, began_at, pushes)
            VALUES (@source, @key, @now, 1)
            ON CONFLICT (source, type) DO UPDATE
            SET pushes = CASE WHEN home_push_windows.began_at + {Clock.Minute} <= @now THEN 1 ELSE home_push_windows.pushes + 1 END,
                began_at = CASE WHEN home_push_windows.began_at + {Clock.Minute} <= @now THEN @now ELSE home_push_windows.began_at END
            WHERE home_push_windows.began_at + {Clock.Minute} <= @now OR home_push_windows.pushes < @most
            """, new { source, key, now, most = (long)most });
        if (written > 0) return null;
        var began = await tx.First<long>(
            "SELECT began_at FROM home_push_windows WHERE source = @source AND type = @key", new { source, key });
        return Exceeded with { Extensions = ProblemResults.TooManyRequests(began + Clock.Minute - now).Extensions };
    }
}
