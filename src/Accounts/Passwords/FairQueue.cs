using System.Diagnostics.CodeAnalysis;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// A queue of limited length in which each network has a line of its own, and the lines take turns. One network alone may fill it; when
/// others come, whoever has the longest line gives up its last place, until all have as many. Not safe for threads.
/// </summary>
/// <param name="lengthMax">Of all lines together.</param>
internal sealed class FairQueue<T>(int lengthMax)
    where T : class
{
    private readonly Dictionary<string, LinkedList<T>> _lines = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _turns = [];

    public int Length { get; private set; }

    /// <summary>Whether <see cref="Add"/> would have a place for one more of this network.</summary>
    public bool HasPlaceFor(string network) => Length < lengthMax || LineThatYieldsTo(network) is not null;

    /// <param name="network">Whose line it joins.</param>
    /// <param name="item">Not in the queue yet.</param>
    /// <returns>Who has no place any more: null, the last of another line, or the item itself.</returns>
    public T? Add(string network, T item)
    {
        T? givenUp = null;
        if (Length >= lengthMax)
        {
            if (LineThatYieldsTo(network) is not { } longest) return item;
            givenUp = _lines[longest].Last!.Value;
            Remove(longest, givenUp);
        }

        if (!_lines.TryGetValue(network, out var line))
        {
            _lines.Add(network, line = []);
            _turns.AddLast(network);
        }

        line.AddLast(item);
        Length++;
        return givenUp;
    }

    /// <summary>The first of the line whose turn it is.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        item = null;
        if (_turns.First is not { } turn) return false;
        item = _lines[turn.Value].First!.Value;
        _turns.RemoveFirst();
        _turns.AddLast(turn);
        return Remove(turn.Value, item);
    }

    /// <returns>False when it is not in the queue.</returns>
    public bool Remove(string network, T item)
    {
        if (!_lines.TryGetValue(network, out var line) || !line.Remove(item)) return false;
        Length--;
        if (line.Count > 0) return true;
        _lines.Remove(network);
        return _turns.Remove(network);
    }

    /// <summary>The longest line, unless this network would then have as many itself.</summary>
    private string? LineThatYieldsTo(string network)
    {
        var own = _lines.TryGetValue(network, out var line) ? line.Count : 0;
        var longest = _lines.MaxBy(other => other.Value.Count);
        return longest.Value?.Count > own + 1 ? longest.Key : null;
    }
}
