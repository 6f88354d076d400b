using System.Collections.Frozen;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;

namespace Kontor.Home.Feed;

/// <summary>
/// What rules and experiments said of one person lately: while all that they saw is the same, they say the same. Of each kind of device
/// that the person has, one.
/// </summary>
internal sealed class ProjectionMemo
{
    private const int Max = 4;
    private const int BytesOfEach = 350;

    private volatile Entry[] _latest = [];

    /// <summary>In memory, roughly.</summary>
    public int Bytes => BytesOfEach * _latest.Length;

    public bool Find(FeedModel model, Reader reader, long now, out Projection projection)
    {
        foreach (var known in _latest)
        {
            if (!known.IsOf(model, reader, now)) continue;
            projection = known.Projection;
            return true;
        }

        projection = default;
        return false;
    }

    /// <summary>Of two who add at once one is forgotten, which costs somebody a little work.</summary>
    /// <returns>How many bytes it has grown by.</returns>
    public int Add(FeedModel model, Reader reader, Projection projection)
    {
        var before = _latest;
        // What an earlier model was asked comes to no use any more.
        _latest = [new(model.Number, reader, projection), .. before.Where(one => one.Model == model.Number).Take(Max - 1)];
        return BytesOfEach * (_latest.Length - before.Length);
    }

    /// <summary>Holds nothing of the model, which would stay in memory as long as somebody who once asked it.</summary>
    private sealed class Entry(long model, Reader reader, Projection projection)
    {
        private readonly FeedQuery _query = reader.Query;
        private readonly Facts _facts = reader.Facts;
        private readonly IReadOnlyList<string> _roles = reader.User?.Roles ?? [];
        private readonly Assurance? _assurance = reader.User?.Assurance;
        private readonly FrozenDictionary<string, string>? _ofPerson = reader.Remembered?.Person;
        private readonly FrozenDictionary<string, string>? _ofDevice = reader.Remembered?.Device;

        public long Model => model;

        public Projection Projection => projection;

        /// <param name="asked">Of the same person.</param>
        public bool IsOf(FeedModel current, Reader asked, long now) =>
            model == current.Number && projection.Period == current.PeriodAt(now) && projection.Hours == current.Hours.At(now)
            && ReferenceEquals(_facts, asked.Facts)
            && ReferenceEquals(_ofPerson, asked.Remembered?.Person) && ReferenceEquals(_ofDevice, asked.Remembered?.Device)
            && _assurance == asked.User?.Assurance && IsSame(_roles, asked.User?.Roles ?? []) && _query == asked.Query;

        private static bool IsSame(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
            ReferenceEquals(one, other) || one.SequenceEqual(other, StringComparer.Ordinal);
    }
}
