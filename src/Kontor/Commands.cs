using Kontor.Foundation.Seams;

namespace Kontor;

/// <summary>Finds the command that the words begin with.</summary>
internal static class Commands
{
    public static async Task<int> Run(IReadOnlyList<string> words, IEnumerable<ICommand> commands, TextWriter output)
    {
        var known = commands.ToList();
        foreach (var command in known)
        {
            var name = command.Name.Split(' ');
            if (words.Take(name.Length).SequenceEqual(name))
                return await command.Run([.. words.Skip(name.Length)], output, CancellationToken.None);
        }

        // The word alone, or with a wish for help, asks which there are.
        if ((words.Count == 1 || words is [_, "help" or "--help" or "-h"])
            && known.FindAll(command => command.Name.StartsWith($"{words[0]} ", StringComparison.Ordinal)) is { Count: > 0 } asked)
        {
            await List(asked, output);
            return 0;
        }

        await output.WriteLineAsync($"There is no command '{string.Join(' ', words)}'. There are:");
        await List(known, output);
        return 2;
    }

    private static async Task List(IEnumerable<ICommand> commands, TextWriter output)
    {
        foreach (var command in commands) await output.WriteLineAsync($"  ./kontor {command.Name} {command.Usage}".TrimEnd());
    }
}
