using System.Collections.Concurrent;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Catalogue;

/// <summary>
/// Answers of the catalogue, as bytes, by the request's address. Never wrong, only late: an answer carries the version of the catalogue
/// that was current before it was read, every change raises the version, and an answer of an older version is not given.
/// </summary>
/// <remarks>
/// A change by this node is told before its caller hears of it, so whoever changed something reads it back. A hold that runs out is
/// told by nobody; that is why an answer lives for two seconds at most.
/// </remarks>
internal sealed class CatalogueCache : IDisposable
{
    private const int AnswersMax = 1000;
    private const int BodyBytesMax = 256 * 1024;
    private const long LifeMs = 2 * Clock.Second;

    /// <summary>While the database is away the last answer is better than none: here nobody can buy or change anything meanwhile.</summary>
    private const long OutageMs = 15 * Clock.Minute;

    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly JsonSerializerOptions _json;
    private readonly Signals _signals;
    private readonly IDisposable _subscription;
    private long _version;

    public CatalogueCache(Signals signals, TimeProvider time, IOptions<JsonOptions> json)
    {
        _signals = signals;
        _time = time;
        _json = json.Value.SerializerOptions;
        _subscription = signals.Subscribe(Products.Signal, _ => Invalidate());
        signals.Lost += Invalidate;
    }

    /// <summary>What one question is answered with, and the read that is under way for it.</summary>
    private sealed class Slot
    {
        public volatile KeptAnswer? Answer;
        public Task<KeptAnswer?>? Running;
        public Task<KeptAnswer?>? Next;
        public long RunningVersion;
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _signals.Lost -= Invalidate;
    }

    /// <summary>Null when it is not there, or no longer right.</summary>
    public KeptAnswer? Find(string address) =>
        _slots.TryGetValue(address, out var slot) && slot.Answer is { } answer && IsFresh(answer) ? answer : null;

    /// <summary>An answer for one caller only.</summary>
    public KeptAnswer Once<T>(T view)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(view, _json);
        return new KeptAnswer(body, KeptAnswer.ETagOf(body), 0, 0);
    }

    /// <summary>Reads the answer, once for all who ask at the same time. Null is not kept.</summary>
    /// <param name="address">By which <see cref="Find"/> will know it.</param>
    /// <param name="key">The same for all addresses that mean the same.</param>
    /// <param name="read">Is run for others too, so it does not end when its caller goes away.</param>
    /// <param name="productOf">The one product that the answer shows.</param>
    public Task<KeptAnswer?> Get<T>(string address, string key, Func<Task<T?>> read, Func<T, string?>? productOf = null)
        where T : class
    {
        var slot = SlotOf(address, key);
        return slot.Answer is { } answer && IsFresh(answer)
            ? Task.FromResult<KeptAnswer?>(answer)
            : Join(slot, version => Make(slot, version, read, productOf));
    }

    private async Task<KeptAnswer?> Make<T>(Slot slot, long version, Func<Task<T?>> read, Func<T, string?>? productOf)
        where T : class
    {
        var now = _time.NowMs();
        try
        {
            if (await read() is not { } view) return null;
            var body = JsonSerializer.SerializeToUtf8Bytes(view, _json);
            var answer = new KeptAnswer(body, KeptAnswer.ETagOf(body), version, now + LifeMs) { ProductId = productOf?.Invoke(view) };
            if (body.Length <= BodyBytesMax) slot.Answer = answer;
            return answer;
        }
        catch (DatabaseUnavailableException) when (slot.Answer is { } last && now < last.FreshUntil + OutageMs)
        {
            return last;
        }
    }

    private void Invalidate() => Interlocked.Increment(ref _version);

    private bool IsFresh(KeptAnswer answer) => answer.Version == Interlocked.Read(ref _version) && _time.NowMs() < answer.FreshUntil;

    private Slot SlotOf(string address, string key)
    {
        if (_slots.TryGetValue(address, out var known)) return known;
        if (_slots.Count >= AnswersMax) Sweep();
        // Full of fresh answers: this one is read for its caller alone.
        if (_slots.Count >= AnswersMax) return new Slot();
        var slot = _slots.GetOrAdd(key, _ => new Slot());
        return address == key ? slot : _slots.GetOrAdd(address, slot);
    }

    private void Sweep()
    {
        foreach (var (address, slot) in _slots)
        {
            if (slot.Answer is not { } answer || !IsFresh(answer)) _slots.TryRemove(address, out _);
        }
    }

    private Task<KeptAnswer?> Join(Slot slot, Func<long, Task<KeptAnswer?>> make)
    {
        lock (slot)
        {
            if (slot.Running is not { IsCompleted: false } running) return Begin(slot, make);
            // A read that began before the last change may have missed it. All who came since share the one that follows.
            return slot.RunningVersion == Interlocked.Read(ref _version) ? running : slot.Next ??= Follow(slot, running, make);
        }
    }

    private async Task<KeptAnswer?> Follow(Slot slot, Task running, Func<long, Task<KeptAnswer?>> make)
    {
        // Yields, because the caller has yet to note this task as the next one.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        Task<KeptAnswer?> next;
        lock (slot)
        {
            slot.Next = null;
            // Whatever runs by now began after everybody here had come.
            next = slot.Running is { IsCompleted: false } other ? other : Begin(slot, make);
        }

        return await next;
    }

    private Task<KeptAnswer?> Begin(Slot slot, Func<long, Task<KeptAnswer?>> make)
    {
        var version = Interlocked.Read(ref _version);
        slot.RunningVersion = version;
        return slot.Running = Task.Run(() => make(version));
    }
}
