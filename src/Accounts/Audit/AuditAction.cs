namespace Kontor.Accounts;

/// <summary>What can be done to an account, as the audit trail calls it; stored, so a name is never changed.</summary>
internal static class AuditAction
{
    public const string AccountCreated = "account-created";
    public const string AccountLocked = "account-locked";
    public const string AccountUnlocked = "account-unlocked";
    public const string EmailVerified = "email-verified";
    public const string EmailChanged = "email-changed";
    public const string EmailRecovered = "email-recovered";
    public const string IdentityLinked = "identity-linked";
    public const string IdentityUnlinked = "identity-unlinked";
    public const string PasswordChanged = "password-changed";
    public const string PasswordReset = "password-reset";
    public const string PasswordResetSent = "password-reset-sent";
    public const string AccountErased = "account-erased";
    public const string DataExported = "data-exported";
    public const string RoleGranted = "role-granted";
    public const string RoleTaken = "role-taken";
    public const string SessionEnded = "session-ended";
    public const string SessionsEnded = "sessions-ended";
    public const string FactorAdded = "factor-added";
    public const string FactorRemoved = "factor-removed";
    public const string FactorUsed = "factor-used";

    public static readonly IReadOnlyList<string> All =
        [.. typeof(AuditAction).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];

    /// <summary>In English, for pages; the name itself when another version noted it.</summary>
    public static string TextOf(string action) => action switch
    {
        AccountCreated => "Account created",
        AccountErased => "Account erased",
        DataExported => "Data exported",
        AccountLocked => "Account locked",
        AccountUnlocked => "Account unlocked",
        FactorAdded => "Second factor added",
        FactorRemoved => "Second factor removed",
        FactorUsed => "Second factor used",
        RoleGranted => "Role given",
        RoleTaken => "Role taken",
        EmailVerified => "E-mail address confirmed",
        EmailChanged => "E-mail address changed",
        EmailRecovered => "Account taken back",
        IdentityLinked => "Other site linked",
        IdentityUnlinked => "Other site removed",
        PasswordChanged => "Password changed",
        PasswordReset => "Password replaced by e-mail",
        PasswordResetSent => "Link for a new password sent",
        SessionEnded => "Session ended",
        SessionsEnded => "All sessions ended",
        _ => action,
    };
}
