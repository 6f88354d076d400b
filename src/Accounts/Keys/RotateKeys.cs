using System.Globalization;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Keys;

/// <summary>Begins with the next signing key, or makes a new pepper; servers that run on the folder follow within a second.</summary>
internal sealed class RotateKeys(KeySchedule schedule, KeyRing ring, TimeProvider time) : ICommand
{
    public string Name => "admin keys rotate";

    public string Usage => "[pepper]";

    public async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        switch (args)
        {
            case []:
                var from = schedule.Rotate();
                await output.WriteLineAsync(from <= time.NowMs()
                    ? $"Access tokens are signed with key {ring.SigningKey.Kid} from now on."
                    : $"The next key signs from {Text(from)} on: until then, other systems fetch its public half.");
                await output.WriteLineAsync("Tokens of the previous key stay good until they end. Its file goes an hour later.");
                return 0;
            case ["pepper"]:
                await output.WriteLineAsync($"A new pepper is used from {Text(schedule.RotatePepper())} on. Back the keys up now,");
                await output.WriteLineAsync("and keep the old pepper: passwords are made anew only when their owners sign in.");
                return 0;
            default:
                await output.WriteLineAsync("Say nothing more for the signing key, or 'pepper': ./kontor admin keys rotate [pepper]");
                return 2;
        }
    }

    private static string Text(long time) => time.ToTime().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
