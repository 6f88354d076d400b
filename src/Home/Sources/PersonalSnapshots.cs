using Kontor.Foundation.Caching;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Sources;

/// <summary>
/// The personal snapshots of those who were here lately, in memory only, bounded; the longest unused are forgotten first.
/// </summary>
internal sealed class PersonalSnapshots(IOptions<HomeOptions> options, TimeProvider time)
{
    /// <summary>What a person, and each of their slots, weighs beside the content, roughly.</summary>
    private const long Overhead = 300;

    private readonly Recent<string, Person> _persons = new(
        options.Value.PersonalMegabytesMax * 1024L * 1024, static person => person.Bytes,
        TimeSpan.FromMinutes(options.Value.PersonalKeepMinutes), time);

    /// <summary>Few slots, and nearly always the same that are asked for.</summary>
    private sealed class Person(string id)
    {
        private volatile Slot[] _slots = [];

        public long Bytes => Overhead + _slots.Sum(slot => Overhead + (slot.Shown?.Content?.Length ?? 0));

        public Slot? Find(OfferedWidget widget) => Array.Find(_slots, slot => slot.Widget == widget);

        /// <returns>How many were new.</returns>
        public int Of(IReadOnlyList<OfferedWidget> widgets, out Slot[] slots)
        {
            // Read once: another device of this person may bring more at any time.
            slots = _slots;
            if (AreOf(slots, widgets)) return 0;
            lock (this)
            {
                var before = _slots;
                var added = widgets.Where(widget => Find(widget) is null).Select(widget => new Slot(widget, id));
                _slots = [.. before, .. added];
                slots = [.. widgets.Select(widget => Find(widget)!)];
                return _slots.Length - before.Length;
            }
        }

        private static bool AreOf(Slot[] slots, IReadOnlyList<OfferedWidget> widgets)
        {
            if (slots.Length != widgets.Count) return false;
            for (var i = 0; i < slots.Length; i++)
            {
                if (slots[i].Widget != widgets[i]) return false;
            }

            return true;
        }
    }

    /// <summary>The person's slots of these widgets, made when they are new. Only requests of that person call this.</summary>
    public IReadOnlyList<Slot> Of(string userId, IReadOnlyList<OfferedWidget> widgets)
    {
        var person = _persons.FindOrAdd(userId, static _ => true, static id => new(id));
        var added = person.Of(widgets, out var slots);
        if (added > 0) _persons.Grow(added * Overhead);
        return slots;
    }

    /// <summary>Null when nothing is held for this person, and so nothing can be stale.</summary>
    public Slot? Find(string userId, OfferedWidget widget) => _persons.Find(userId)?.Find(widget);

    /// <summary>The content of somebody's slot has become so much larger, or smaller.</summary>
    public void Grow(long bytes) => _persons.Grow(bytes);

    /// <summary>Lets go of those who were not here for a while.</summary>
    public void Tidy() => _persons.Tidy();

    /// <summary>Forgets this person.</summary>
    public void Forget(string userId) => _persons.Forget(userId);
}
