namespace Kontor.Foundation.Seams;

/// <summary>
/// A command, run beside or without a server. What works on the data begins with `admin`, `./kontor admin create EMAIL`; any other tells of
/// the program, `./kontor sync schema`, and finds a database that is empty and goes with it. Beside a server on SQLite, which keeps in
/// memory what it alone writes, a command writes accounts, keys and letters and nothing else.
/// </summary>
public interface ICommand
{
    /// <summary>The words that select it, for instance `admin create`.</summary>
    string Name { get; }

    /// <summary>What follows the words, for the usage message: `EMAIL`.</summary>
    string Usage { get; }

    /// <returns>The process's exit code.</returns>
    Task<int> Run(string[] args, TextWriter output, CancellationToken ct);
}
