namespace Kontor.Foundation.Seams;

/// <summary>An administrative command, run beside or without a server: `./kontor admin create EMAIL`.</summary>
public interface ICommand
{
    /// <summary>The words that select it, for instance `admin create`.</summary>
    string Name { get; }

    /// <summary>What follows the words, for the usage message: `EMAIL`.</summary>
    string Usage { get; }

    /// <returns>The process's exit code.</returns>
    Task<int> Run(string[] args, TextWriter output, CancellationToken ct);
}
