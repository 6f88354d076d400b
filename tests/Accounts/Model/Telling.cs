namespace Kontor.Accounts.Tests.Model;

/// <param name="ExpiresAt">The access token's `exp`, in milliseconds.</param>
internal sealed record Held(int Generation, string Refresh, string Access, long ExpiresAt);

/// <summary>Something that keeps one session: the rules over a row in memory, or the running server.</summary>
internal interface ISessionKeeper
{
    long Now { get; }

    Task<Held> SignIn();

    Task<(Held? Held, string? Code)> Refresh(string token, string? attempt);

    Task<bool> Use(string access);

    Task SignOut(string access);

    Task Restart();

    Task NewPepper();

    void SetClock(TimeSpan by);
}

/// <summary>
/// Tells a story to a keeper and to the model. Every answer must be the model's; and whatever the model says, no honest client may be
/// signed out, and a thief and the victim may not both go on.
/// </summary>
internal sealed class Telling(ISessionKeeper keeper)
{
    private sealed class Client(bool hasAttempts, List<Held> held, string? pending)
    {
        public List<Held> Held { get; } = held;

        /// <summary>Stored before the client asks, and kept until it has an answer.</summary>
        public string? Pending { get; set; } = pending;

        /// <summary>The generations that came in answers since the last theft.</summary>
        public HashSet<int> Gained { get; } = [];

        public bool HasAttempts => hasAttempts;
    }

    private const long ParallelMs = 10_000;

    private readonly Dictionary<int, string> _tokens = [];
    private readonly Dictionary<int, (Client By, long At)> _made = [];
    private readonly Dictionary<int, long> _used = [];
    private SessionModel _model = null!;
    private Client _victim = null!;
    private Client? _thief;
    private bool _hasSignedOut, _hasLostAnswer;
    private long _signedInAt, _lastReplacedAt;
    private int _attempts;

    /// <summary>The two went side by side: one was within ten seconds of the other, which nobody can tell from parallel requests.</summary>
    public bool IsSideBySide { get; private set; }

    public bool HasThief => _thief is not null;

    /// <exception cref="InvalidOperationException">What is wrong.</exception>
    public async Task Tell(Story story)
    {
        _signedInAt = _lastReplacedAt = keeper.Now;
        var first = await keeper.SignIn();
        _model = new(_signedInAt);
        _victim = new(story.HasAttempts, [first], null);
        foreach (var operation in story.Operations) await Do(operation);
    }

    private async Task Do(Operation operation)
    {
        switch (operation)
        {
            case Operation.Refresh { Who: var who } refresh when ClientOf(who) is { } client:
                await Refresh(client, refresh);
                break;
            case Operation.RefreshAtOnce { Requests: var requests }:
                await RefreshAtOnce(requests);
                break;
            case Operation.Use { Who: var who } when ClientOf(who) is { } client:
                await Use(client);
                break;
            case Operation.Steal { HasAttempts: var hasAttempts, WithAttempt: var withAttempt }:
                _thief = new(hasAttempts, [.. _victim.Held], withAttempt ? _victim.Pending : null);
                _victim.Gained.Clear();
                break;
            case Operation.SignOut when !_hasSignedOut && await Use(_victim):
                await keeper.SignOut(_victim.Held[^1].Access);
                _model.SignOut();
                _hasSignedOut = true;
                break;
            case Operation.Restart:
                await keeper.Restart();
                break;
            case Operation.NewPepper:
                await keeper.NewPepper();
                break;
            case Operation.Wait { Seconds: var seconds }:
                keeper.SetClock(TimeSpan.FromSeconds(seconds));
                break;
            case Operation.SetClock { Seconds: var seconds }:
                keeper.SetClock(TimeSpan.FromSeconds(seconds));
                break;
        }
    }

    private Client? ClientOf(Who who) => who == Who.Victim ? _victim : _thief;

    private async Task Refresh(Client client, Operation.Refresh refresh)
    {
        var presented = client.Held[refresh.IsOneBehind && client.Held.Count > 1 ? ^2 : ^1];
        var attempt = AttemptOf(client);
        if (refresh.Lost == Loss.Request) return;
        var answer = await keeper.Refresh(presented.Refresh, attempt);
        Check(client, presented, attempt, answer);
        if (refresh.Lost == Loss.Answer)
        {
            _hasLostAnswer = true;
            return;
        }

        Take(client, answer.Held);
    }

    private async Task RefreshAtOnce(int requests)
    {
        var presented = _victim.Held[^1];
        var attempt = AttemptOf(_victim);
        var answers = await Task.WhenAll(Enumerable.Range(0, requests).Select(_ => keeper.Refresh(presented.Refresh, attempt)));
        foreach (var answer in answers) Check(_victim, presented, attempt, answer);
        Take(_victim, answers[^1].Held);
    }

    private string? AttemptOf(Client client) => client.HasAttempts || client.Pending is not null
        ? client.Pending ??= $"attempt-{_attempts++}"
        : null;

    private static void Take(Client client, Held? held)
    {
        if (held is null) return;
        client.Held.Add(held);
        client.Pending = null;
        client.Gained.Add(held.Generation);
    }

    private async Task<bool> Use(Client client)
    {
        var held = client.Held[^1];
        var isTaken = await keeper.Use(held.Access);
        var expected = _model.Use(held.Generation, held.ExpiresAt, keeper.Now);
        Require(isTaken == expected, $"an access token was {(isTaken ? "taken" : "refused")}");
        if (isTaken) _used.TryAdd(held.Generation, keeper.Now);
        return isTaken;
    }

    private void Check(Client client, Held presented, string? attempt, (Held? Held, string? Code) answer)
    {
        var expected = _model.Refresh(presented.Generation, attempt, keeper.Now);
        var given = (answer.Held?.Generation ?? 0, answer.Code);
        Require(given == expected, $"generation {presented.Generation} was answered {given}, not {expected}");
        if (answer.Held is { } held)
        {
            var isTheSame = _tokens.TryAdd(held.Generation, held.Refresh) || _tokens[held.Generation] == held.Refresh;
            Require(isTheSame, "a repeat gave another token");
            if (_made.TryAdd(held.Generation, (client, keeper.Now))) _lastReplacedAt = keeper.Now;
            NoteSideBySide(client, held.Generation);
        }

        IsHonestClientSignedIn(client, answer.Code);
        Require(IsSideBySide || _thief is null || Math.Min(_victim.Gained.Count, _thief.Gained.Count) < 2, "thief and victim both go on");
    }

    private void NoteSideBySide(Client client, int generation)
    {
        var (by, at) = _made[generation];
        if (by == client) return;
        IsSideBySide |= IsNear(at) || (_used.TryGetValue(generation, out var used) && IsNear(used));
    }

    private bool IsNear(long at) => Math.Abs(keeper.Now - at) <= ParallelMs;

    private void IsHonestClientSignedIn(Client client, string? code)
    {
        if (code is null || client != _victim || _thief is not null || _hasSignedOut) return;
        // Without attempts a lost answer is lost after ten seconds.
        if (!_victim.HasAttempts && _hasLostAnswer) return;
        var days = TimeSpan.FromMilliseconds(Math.Max(keeper.Now - _lastReplacedAt, 0)).TotalDays;
        var age = TimeSpan.FromMilliseconds(keeper.Now - _signedInAt).TotalDays;
        Require(days >= 7 || age >= 90, $"an honest client was signed out: {code}");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvalidOperationException(otherwise);
    }
}
