using FsCheck;
using FsCheck.Fluent;

namespace Kontor.Accounts.Tests.Model;

public enum Who
{
    Victim,
    Thief,
}

public enum Loss
{
    Nothing,
    Request,
    Answer,
}

/// <summary>One thing that happens to a session.</summary>
public abstract record Operation
{
    /// <param name="Who">Presents the newest token that they have.</param>
    /// <param name="Lost">What of it does not arrive.</param>
    /// <param name="IsOneBehind">A thief presents the token before that instead.</param>
    public sealed record Refresh(Who Who, Loss Lost, bool IsOneBehind = false) : Operation;

    /// <summary>Several requests of one client find their access token expired at the same moment.</summary>
    public sealed record RefreshAtOnce(int Requests) : Operation;

    public sealed record Use(Who Who) : Operation;

    /// <summary>The thief reads everything that the victim's device has stored, or its tokens only.</summary>
    /// <param name="HasAttempts">The thief's client sends attempts.</param>
    /// <param name="WithAttempt">An attempt that waits for its answer is stolen too.</param>
    public sealed record Steal(bool HasAttempts, bool WithAttempt) : Operation;

    public sealed record SignOut : Operation;

    public sealed record Restart : Operation;

    public sealed record NewPepper : Operation;

    public sealed record Wait(int Seconds) : Operation;

    /// <summary>The server's clock is set forward or back, and no time passes.</summary>
    public sealed record SetClock(int Seconds) : Operation;
}

/// <param name="HasAttempts">The victim's client sends attempts, as it should.</param>
/// <param name="Operations">What happens after the sign-in.</param>
public sealed record Story(bool HasAttempts, Operation[] Operations)
{
    private const int Minute = 60, Hour = 60 * Minute, Day = 24 * Hour;

    /// <param name="restarts">About how many there are among 1,000 operations.</param>
    public static Arbitrary<Story> Any(int restarts) => Arb.From(
        from hasAttempts in Gen.Elements(true, true, true, false)
        from operations in Gen.Sized(size => Gen.ArrayOf(One(restarts), 5 + (size / 3)))
        select new Story(hasAttempts, operations),
        Shorter);

    private static Gen<Operation> One(int restarts) => Gen.Frequency(
        (200, Refreshes),
        (50, Gen.Choose(2, 4).Select(requests => (Operation)new Operation.RefreshAtOnce(requests))),
        (200, Gen.Elements(Who.Victim, Who.Victim, Who.Thief).Select(who => (Operation)new Operation.Use(who))),
        (80, Thefts),
        (10, Gen.Constant<Operation>(new Operation.SignOut())),
        (restarts, Gen.Constant<Operation>(new Operation.Restart())),
        (restarts, Gen.Constant<Operation>(new Operation.NewPepper())),
        (300, Gen.Elements(1, 9, 10, 11, 12, 5 * Minute, 14 * Minute, 16 * Minute, 2 * Hour, Day)
            .Select(seconds => (Operation)new Operation.Wait(seconds))),
        (80, Gen.Elements(-3 * Hour, -11, -1, 1, 11, 3 * Hour).Select(seconds => (Operation)new Operation.SetClock(seconds))));

    private static Gen<Operation> Refreshes =>
        from who in Gen.Elements(Who.Victim, Who.Victim, Who.Thief)
        from lost in Gen.Elements(Loss.Nothing, Loss.Nothing, Loss.Nothing, Loss.Request, Loss.Answer)
        from isOneBehind in Gen.Elements(false, false, true)
        select (Operation)new Operation.Refresh(who, lost, who == Who.Thief && isOneBehind);

    private static Gen<Operation> Thefts =>
        from hasAttempts in Gen.Elements(true, false)
        from withAttempt in Gen.Elements(true, false)
        select (Operation)new Operation.Steal(hasAttempts, withAttempt);

    /// <summary>A story that fails is told again without one of its operations.</summary>
    private static IEnumerable<Story> Shorter(Story story)
    {
        for (var i = 0; i < story.Operations.Length; i++)
            yield return story with { Operations = [.. story.Operations[..i], .. story.Operations[(i + 1)..]] };
    }

    public override string ToString() =>
        $"{(HasAttempts ? "with" : "without")} attempts: {string.Join(", ", Operations.Select(operation => operation.ToString()))}";
}
