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

        await output.WriteLineAsync($"There is no command '{string.Join(' ', words)}'. There are:");
        foreach (var command in known) await output.WriteLineAsync($"  ./kontor {command.Name} {command.Usage}");
        return 2;
    }
}
