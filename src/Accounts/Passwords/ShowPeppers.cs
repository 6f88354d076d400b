using System.Globalization;
using Kontor.Accounts.Keys;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts.Passwords;

/// <summary>Says with which pepper how many passwords were made, so that whoever replaced one knows when the old one may go.</summary>
internal sealed class ShowPeppers(Database database, KeyRing ring) : ICommand
{
    private sealed record Use(string PepperId, long Passwords);

    public string Name => "admin peppers";

    public string Usage => "";

    public async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        var uses = await database.Read(
            async tx => await tx.Query<Use>("""
                SELECT pepper_id, count(*) AS passwords
                FROM accounts_users
                WHERE pepper_id <> ''
                GROUP BY pepper_id
                ORDER BY pepper_id
                LIMIT 1000
                """), ct);
        foreach (var use in uses.Where(use => use.PepperId != ring.Pepper.Id).Append(OfCurrent(uses)))
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{use.PepperId,-24}{use.Passwords,10}  {Remark(use)}");
            await output.WriteLineAsync(line);
        }

        return 0;
    }

    private Use OfCurrent(List<Use> uses) => uses.Find(use => use.PepperId == ring.Pepper.Id) ?? new(ring.Pepper.Id, 0);

    private string Remark(Use use) => use.PepperId == ring.Pepper.Id ? "in use"
        : ForeignHash.OfKind(use.PepperId) is not null ? "imported, without a pepper"
        : ring.PepperOf(use.PepperId) is not null ? "older: keep it"
        : "missing: these people cannot sign in";
}
