using Kontor.Foundation;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts.Import;

/// <summary>
/// Takes people over from another system, with the passwords as that system hashed them. What is wrong with a record is said, and the
/// others are taken; whoever is there already is left as they are, so the same file may be given again.
/// </summary>
internal sealed class ImportUsers(IUsers users, IEnumerable<Role> roles, TimeProvider time) : ICommand
{
    private const string DryRun = "--dry-run";

    /// <summary>So many are written at once, which the database then commits together.</summary>
    private const int AtOnce = 32;

    private readonly HashSet<string> _roles = [.. roles.Select(role => role.Name)];

    /// <summary>How it went so far.</summary>
    private sealed class Tally
    {
        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public HashSet<string> LeftOut { get; } = new(StringComparer.Ordinal);

        public long Taken { get; set; }

        public long Refused { get; set; }
    }

    public string Name => "admin import users";

    public string Usage => $"FILE [{DryRun}]";

    public async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        var isDry = args.Contains(DryRun);
        if (args.Where(arg => arg != DryRun).ToArray() is not [var path])
        {
            await output.WriteLineAsync($"Name one file of CSV or JSON lines: ./kontor {Name} {Usage}");
            return 2;
        }

        if (!File.Exists(path))
        {
            await output.WriteLineAsync($"There is no file {path}.");
            return 2;
        }

        var tally = new Tally();
        await foreach (var records in UserFile.Read(path, ct).Chunk(AtOnce).WithCancellation(ct))
        {
            var results = await Task.WhenAll(records.Select(record => Take(record, isDry, tally, ct)));
            foreach (var (record, errors) in records.Zip(results))
            {
                if (errors.Count == 0) tally.Taken++;
                else tally.Refused++;
                foreach (var error in errors) await output.WriteLineAsync($"line {record.Line}: {error}");
            }
        }

        if (tally.LeftOut.Count > 0) await output.WriteLineAsync($"Left out: {string.Join(", ", tally.LeftOut.Order())}.");
        await output.WriteLineAsync(isDry
            ? $"{tally.Taken} people would be imported, {tally.Refused} refused. Nothing was written."
            : $"{tally.Taken} people were imported, {tally.Refused} refused.");
        return tally.Refused == 0 ? 0 : 1;
    }

    /// <returns>What is wrong; nothing when the person was taken, or would be.</returns>
    private async Task<IReadOnlyList<string>> Take(UserRecord record, bool isDry, Tally tally, CancellationToken ct)
    {
        if (record.Error is not null) return [record.Error];
        tally.LeftOut.UnionWith(record.Fields.Keys.Except(ImportedUser.Columns));
        var (user, errors) = ImportedUser.Read(record.Fields, Ids.New(time), _roles, time.GetUtcNow());
        if (user is null) return errors;
        if (!tally.Seen.Add(user.Email.Key)) return ["email: It is in the file twice."];
        var isTaken = isDry
            ? await users.FindByEmail(user.Email, ct) is not null
            : (await users.Register(user, Actor.Command, ct)).Problem == User.EmailTaken;
        return isTaken ? ["email: There is an account with this address."] : [];
    }
}
