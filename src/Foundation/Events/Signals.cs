using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Kontor.Foundation.Events;

/// <summary>
/// What changed, told in memory to everyone who keeps a copy: on this node right after the commit, on other nodes as the
/// database carries it. A signal may be lost or come twice; a subscriber rereads what it keeps, and also when <see cref="Lost"/>.
/// </summary>
public sealed partial class Signals(ILogger<Signals> logger)
{
    private readonly ConcurrentDictionary<string, Action<string>[]> _subscribers = new(StringComparer.Ordinal);

    /// <summary>Tells this node's messages from those of others.</summary>
    public string Node { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Signals of other nodes may have been missed; every copy is to be checked again.</summary>
    public event Action? Lost;

    /// <summary>Takes effect until the answer is disposed. The action is short and does not throw.</summary>
    public IDisposable Subscribe(string channel, Action<string> action)
    {
        _subscribers.AddOrUpdate(channel, [action], (_, others) => [.. others, action]);
        return new Subscription(() =>
            _subscribers.AddOrUpdate(channel, [], (_, others) => [.. others.Where(other => other != action)]));
    }

    public void Raise(string channel, string payload)
    {
        foreach (var action in _subscribers.GetValueOrDefault(channel, [])) Tell(channel, () => action(payload));
    }

    public void RaiseLost()
    {
        foreach (var action in Delegate.EnumerateInvocationList(Lost)) Tell(nameof(Lost), action);
    }

    private void Tell(string channel, Action subscriber)
    {
        try
        {
            subscriber();
        }
        catch (Exception exception)
        {
            // The sender has committed, and others listen too; a subscriber's mistake is not to reach them.
            LogFailed(channel, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A subscriber of {Channel} failed")]
    private partial void LogFailed(string channel, Exception exception);

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
