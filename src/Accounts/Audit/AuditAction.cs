namespace Kontor.Accounts;

/// <summary>What can be done to an account, as the audit trail calls it; stored, so a name is never changed.</summary>
internal static class AuditAction
{
    public const string AccountCreated = "account-created";
    public const string AccountLocked = "account-locked";
    public const string AccountUnlocked = "account-unlocked";
    public const string RoleGranted = "role-granted";
    public const string RoleTaken = "role-taken";
    public const string SessionEnded = "session-ended";
    public const string SessionsEnded = "sessions-ended";
    public const string FactorAdded = "factor-added";
    public const string FactorRemoved = "factor-removed";
    public const string FactorUsed = "factor-used";
}
