using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Ui;

namespace Kontor.Accounts;

/// <summary>What a page says when a sign-in was refused.</summary>
internal static class SignInProblem
{
    /// <param name="problem">The refusal.</param>
    /// <param name="texts">In the visitor's language.</param>
    /// <param name="again">Whether only the password was asked for.</param>
    public static string Sentence(Problem problem, Texts texts, bool again = false)
    {
        if (again && problem == Credentials.Invalid) return texts["The password is wrong."];
        return problem.RetryAfterSeconds() switch
        {
            null => texts[problem.Title],
            < 120 and var seconds => texts["There were too many tries. Try again in {0} s.", seconds],
            var seconds => texts["There were too many tries. Try again in {0} min.", (seconds + 59) / 60],
        };
    }
}
