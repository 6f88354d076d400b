namespace Kontor.Accounts.External;

/// <summary>Somebody as another site knows them.</summary>
/// <param name="Provider">The site.</param>
/// <param name="Subject">Its own and lasting name of the person: the only thing that says who it is.</param>
/// <param name="Email">Null when it does not say, or nothing that is an address.</param>
/// <param name="EmailVerified">It has seen that the address is theirs.</param>
/// <param name="Name">May be empty.</param>
internal sealed record ExternalPerson(string Provider, string Subject, string? Email, bool EmailVerified, string Name);
