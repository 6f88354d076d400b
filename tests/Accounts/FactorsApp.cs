using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Factors;
using Kontor.Foundation;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Accounts.Tests;

/// <summary>A server whose sign-ins can be interrupted at a named step, to let a rival in.</summary>
public class FactorsApp : KontorApp
{
    private InterruptedFactors? _factors;

    /// <summary>Runs once, after a code was found right and before it is taken.</summary>
    public Func<Task>? BeforeUse
    {
        set => _factors!.BeforeUse = value;
    }

    /// <summary>Runs once, after a sign-in was told which factors there are.</summary>
    public Func<Task>? AfterFactorsRead
    {
        set => _factors!.AfterRead = value;
    }

    /// <summary>Moves the clock to the begin of a step, so that a test knows for half a minute which it is.</summary>
    public long NextStep()
    {
        var now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var step = Totp.StepAt(now) + 1;
        Clock.Advance(TimeSpan.FromMilliseconds(step * 30_000 - now));
        return step;
    }

    /// <summary>The code that an app with this secret shows at a step, the present one by default.</summary>
    public string CodeOf(string secret, long? step = null) =>
        Totp.CodeOf(FromBase32(secret), step ?? Totp.StepAt(Clock.GetUtcNow().ToUnixTimeMilliseconds()));

    /// <summary>Somebody with an authenticator app; its next code is good.</summary>
    public async Task<Protected> NewProtectedPerson()
    {
        var person = await this.NewPerson();
        NextStep();
        var proposal = await (await person.Client.PostAsync("/auth/mfa/totp", null)).Content.ReadFromJsonAsync<JsonElement>();
        var secret = proposal.GetProperty("secret").GetString()!;
        var answer = await person.Client.PostAsJsonAsync("/auth/mfa/totp/confirm", new { code = CodeOf(secret) });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var codes = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("recoveryCodes");
        NextStep();
        return new(person, secret, [.. codes.EnumerateArray().Select(code => code.GetString()!)]);
    }

    public Task<HttpResponseMessage> Login(Person person, string? code) => Login(person.Email, person.Password, code);

    public async Task<HttpResponseMessage> Login(string email, string password, string? code)
    {
        using var client = NewClient();
        return await client.PostAsJsonAsync("/auth/login", new { email, password, code });
    }

    /// <summary>The factor, the change and nothing else of each event about a person.</summary>
    public async Task<List<string>> FactorEventsOf(Person person)
    {
        var payloads = await Database.Read(tx => tx.Query<string>(
            "SELECT payload FROM foundation_events WHERE name = 'accounts.factor-changed' AND payload LIKE @user ORDER BY id",
            new { user = $"%{person.Id}%" }).AsTask());
        return payloads.ConvertAll(payload => JsonSerializer.Deserialize<JsonElement>(payload))
            .ConvertAll(happened => $"{happened.GetProperty("factor").GetString()} {happened.GetProperty("change").GetString()}");
    }

    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IFactors>(
        services => _factors = new(ActivatorUtilities.CreateInstance<SqlFactors>(services)));

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }

    public sealed record Protected(Person Person, string Secret, string[] RecoveryCodes) : IDisposable
    {
        public void Dispose() => Person.Dispose();
    }

    private sealed class InterruptedFactors(IFactors inner) : IFactors
    {
        public Func<Task>? BeforeUse { get; set; }

        public Func<Task>? AfterRead { get; set; }

        public async Task<OwnFactors> Of(string userId, CancellationToken ct)
        {
            var own = await inner.Of(userId, ct);
            var rival = AfterRead;
            AfterRead = null;
            if (rival is not null) await rival();
            return own;
        }

        public Task<Problem?> ProposeTotp(string userId, byte[] sealedSecret, CancellationToken ct) =>
            inner.ProposeTotp(userId, sealedSecret, ct);

        public Task<StoredTotp?> TotpOf(string userId, CancellationToken ct) => inner.TotpOf(userId, ct);

        public async Task<Problem?> ConfirmTotp(
            string userId, StoredTotp proposed, long step, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct)
        {
            await LetRivalIn();
            return await inner.ConfirmTotp(userId, proposed, step, codes, by, ct);
        }

        public Task<Problem?> RemoveTotp(string userId, Actor by, CancellationToken ct) => inner.RemoveTotp(userId, by, ct);

        public Task<long> Try(string userId, CancellationToken ct) => inner.Try(userId, ct);

        public async Task<bool> UseStep(string userId, long step, CancellationToken ct)
        {
            await LetRivalIn();
            return await inner.UseStep(userId, step, ct);
        }

        public Task<IReadOnlyList<RecoveryCodeHash>> RecoveryCodesOf(string userId, CancellationToken ct) =>
            inner.RecoveryCodesOf(userId, ct);

        public async Task<bool> UseRecoveryCode(string userId, byte[] hash, Actor by, CancellationToken ct)
        {
            await LetRivalIn();
            return await inner.UseRecoveryCode(userId, hash, by, ct);
        }

        public Task<Problem?> ReplaceRecoveryCodes(
            string userId, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct) =>
            inner.ReplaceRecoveryCodes(userId, codes, by, ct);

        private async Task LetRivalIn()
        {
            var rival = BeforeUse;
            BeforeUse = null;
            if (rival is not null) await rival();
        }
    }
}
