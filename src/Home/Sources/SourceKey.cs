using Kontor.Foundation.Data;

namespace Kontor.Home.Sources;

/// <summary>Who pushes: a source, known by a key of its own instead of by somebody who is signed in.</summary>
internal static class SourceKey
{
    private const string Scheme = "Bearer ";
    private const int LengthMax = 200;

    /// <param name="authorization">The header, `Bearer KEY`.</param>
    /// <returns>Null when it is no good key of this source.</returns>
    public static async Task<StoredSources.Key?> Authenticate(
        Database database, string source, string? authorization, CancellationToken ct)
    {
        if (authorization is not { Length: <= LengthMax }) return null;
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var secret = authorization[Scheme.Length..].Trim();
        return await database.Read(tx => StoredSources.Authenticate(tx, source, secret).AsTask(), ct);
    }
}
