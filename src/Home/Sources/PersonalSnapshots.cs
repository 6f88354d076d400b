using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Sources;

/// <summary>
/// The personal snapshots of those who were here lately, in memory only, bounded; the longest unused are forgotten first.
/// </summary>
internal sealed class PersonalSnapshots(IOptions<HomeOptions> options, TimeProvider time)
{
    /// <summary>What a person and a slot weigh beside the content, roughly.</summary>
    private const long Overhead = 400;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Person>> _persons = new(StringComparer.Ordinal);
    private readonly LinkedList<Person> _latestFirst = [];
    private readonly long _bytesMax = options.Value.PersonalMegabytesMax * 1024L * 1024;
    private readonly long _keepMs = options.Value.PersonalKeepMinutes * Clock.Minute;
    private long _bytes;

    private sealed class Person(string id)
    {
        public string Id => id;

        public Dictionary<string, Slot> Slots { get; } = new(StringComparer.Ordinal);

        public long UsedAt { get; set; }

        public long Bytes { get; set; }
    }

    /// <summary>The person's slots of these widgets, made when they are new. Only requests of that person call this.</summary>
    public Slot[] Of(string userId, IReadOnlyList<OfferedWidget> widgets)
    {
        lock (_lock)
        {
            var node = Node(userId);
            var slots = new Slot[widgets.Count];
            for (var i = 0; i < slots.Length; i++)
            {
                if (!node.Value.Slots.TryGetValue(widgets[i].Key, out var slot))
                {
                    node.Value.Slots[widgets[i].Key] = slot = new Slot(widgets[i], userId);
                    Weigh(node.Value);
                }

                slots[i] = slot;
            }

            EvictBut(node);
            return slots;
        }
    }

    /// <summary>Null when nothing is held for this person, and so nothing can be stale.</summary>
    public Slot? Find(string userId, OfferedWidget widget)
    {
        lock (_lock) return _persons.TryGetValue(userId, out var node) ? node.Value.Slots.GetValueOrDefault(widget.Key) : null;
    }

    /// <summary>The slot's content has another size.</summary>
    public void Weigh(Slot slot)
    {
        lock (_lock)
        {
            if (!_persons.TryGetValue(slot.UserId!, out var node)) return;
            Weigh(node.Value);
            EvictBut(node);
        }
    }

    /// <summary>Forgets this person.</summary>
    public void Forget(string userId)
    {
        lock (_lock)
        {
            if (_persons.TryGetValue(userId, out var node)) Forget(node);
        }
    }

    /// <summary>Forgets whoever was not here for a while.</summary>
    public void Tidy()
    {
        lock (_lock)
        {
            var before = time.NowMs() - _keepMs;
            while (_latestFirst.Last is { } oldest && oldest.Value.UsedAt < before) Forget(oldest);
        }
    }

    private LinkedListNode<Person> Node(string userId)
    {
        if (_persons.TryGetValue(userId, out var node)) _latestFirst.Remove(node);
        else _persons[userId] = node = new(new Person(userId));
        _latestFirst.AddFirst(node);
        node.Value.UsedAt = time.NowMs();
        return node;
    }

    private void Weigh(Person person)
    {
        _bytes -= person.Bytes;
        person.Bytes = Overhead + person.Slots.Values.Sum(slot => Overhead + (slot.Shown?.Content?.Length ?? 0));
        _bytes += person.Bytes;
    }

    private void EvictBut(LinkedListNode<Person> kept)
    {
        while (_bytes > _bytesMax && _latestFirst.Last is { } oldest && oldest != kept) Forget(oldest);
    }

    private void Forget(LinkedListNode<Person> node)
    {
        _latestFirst.Remove(node);
        _persons.Remove(node.Value.Id);
        _bytes -= node.Value.Bytes;
    }
}
