using System.Globalization;

namespace Kontor;

/// <summary>What the person at the terminal sees when the server is ready.</summary>
internal static class Welcome
{
    public static void Print(WebApplication app, Settings settings, TimeSpan needed, TextWriter output)
    {
        var address = settings.LocalAddress(new Uri(app.Urls.First()).Port).GetLeftPart(UriPartial.Authority);
        output.WriteLine();
        output.WriteLine($"  Kontor    {address}");
        output.WriteLine($"  Admin     {address}/admin");
        output.WriteLine($"  API       {address}/docs");
        foreach (var place in Places(settings)) output.WriteLine(place);
        if (settings.Demo)
        {
            output.WriteLine();
            output.WriteLine("  Sign in as an administrator   admin@kontor.example   kontor-demo-admin");
            output.WriteLine("  Sign in as a customer         ada@kontor.example     kontor-demo-ada");
        }

        else
        {
            output.WriteLine();
            output.WriteLine("  The first administrator       ./kontor admin create EMAIL");
        }

        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  Ready after {needed.TotalMilliseconds:0} ms. Ctrl+C ends it."));
        output.WriteLine();
        output.Flush();
    }

    /// <summary>Where what is written goes, without the database's secrets.</summary>
    public static IEnumerable<string> Places(Settings settings)
    {
        yield return $"  Data      {settings.DataFolder}";
        if (settings.Postgres is { } url) yield return $"  Database  PostgreSQL at {url.Host}:{url.Port}{url.AbsolutePath}";
    }
}
