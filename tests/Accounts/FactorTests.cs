using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class FactorTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    [Fact]
    public async Task An_app_is_a_factor_from_its_first_right_code_on()
    {
        using var robin = await app.NewPerson();
        var proposal = await (await robin.Client.PostAsync("/auth/mfa/totp", null)).Content.ReadFromJsonAsync<JsonElement>();
        var secret = proposal.GetProperty("secret").GetString()!;
        secret.Length.ShouldBe(32);
        proposal.GetProperty("uri").GetString().ShouldBe(
            $"otpauth://totp/Kontor:{Uri.EscapeDataString(robin.Email)}?secret={secret}&issuer=Kontor&algorithm=SHA1&digits=6&period=30");
        proposal.GetProperty("qrSvg").GetString().ShouldStartWith("<svg");
        (await app.Login(robin, null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        app.NextStep();

        var wrong = await Post(robin, "/auth/mfa/totp/confirm", new { code = app.CodeOf(secret, 1) });
        (await Mfa(robin)).ShouldBeFalse();
        var right = await Post(robin, "/auth/mfa/totp/confirm", new { code = app.CodeOf(secret) });

        (await wrong.Code()).ShouldBe("invalid-code");
        var codes = (await right.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("recoveryCodes").EnumerateArray().ToList();
        codes.Select(code => code.GetString()).Distinct().Count().ShouldBe(10);
        (await Mfa(robin)).ShouldBeTrue();
        var status = await robin.Client.GetFromJsonAsync<JsonElement>("/auth/mfa");
        status.ToString().ShouldBe("""{"totp":true,"passkeys":0,"recoveryCodes":10}""");
        (await (await robin.Client.PostAsync("/auth/mfa/totp", null)).Code()).ShouldBe("totp-on");
        (await (await Post(robin, "/auth/mfa/totp/confirm", new { code = app.CodeOf(secret) })).Code()).ShouldBe("totp-off");
        (await app.FactorEventsOf(robin)).ShouldBe(["totp added"]);
    }

    [Fact]
    public async Task Signing_in_takes_a_code_and_only_the_right_password_tells()
    {
        using var robin = await app.NewProtectedPerson();

        var without = await app.Login(robin.Person, null);
        var empty = await app.Login(robin.Person, " ");
        var stranger = await app.Login(robin.Person.Email, "not the right phrase", app.CodeOf(robin.Secret));
        var wrong = await app.Login(robin.Person, app.CodeOf(robin.Secret, 1));
        var right = await app.Login(robin.Person, app.CodeOf(robin.Secret).Insert(3, " "));

        without.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var problem = await without.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("mfa-required");
        problem.GetProperty("factors").EnumerateArray().Select(one => one.GetString()).ShouldBe(["totp", "recovery-codes"]);
        (await empty.Code()).ShouldBe("mfa-required");
        (await stranger.Code()).ShouldBe("invalid-credentials");
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await wrong.Code()).ShouldBe("invalid-code");
        var tokens = (await right.Content.ReadFromJsonAsync<TokenPair>())!;
        app.MethodsIn(tokens).ShouldBe(["pwd", "otp", "mfa"]);
        app.MethodsIn(robin.Person.Tokens).ShouldBe(["pwd"]);
    }

    [Fact]
    public async Task A_session_keeps_what_it_was_opened_with_and_gains_the_factor_that_was_added_in_it()
    {
        using var robin = await app.NewProtectedPerson();
        using var phone = await SignIn(robin);

        app.MethodsIn(await Refresh(phone)).ShouldBe(["pwd", "otp", "mfa"]);
        app.MethodsIn(await Refresh(robin.Person)).ShouldBe(["pwd", "otp", "mfa"]);
    }

    [Fact]
    public async Task A_code_is_taken_once_and_none_from_before_it()
    {
        using var robin = await app.NewProtectedPerson();
        var before = app.CodeOf(robin.Secret);
        var step = app.NextStep();
        var code = app.CodeOf(robin.Secret, step);

        (await app.Login(robin.Person, code)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await app.Login(robin.Person, code)).Code()).ShouldBe("invalid-code");
        (await (await app.Login(robin.Person, before)).Code()).ShouldBe("invalid-code");
        (await app.Login(robin.Person, app.CodeOf(robin.Secret, step + 1))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_code_that_turned_the_app_on_signs_nobody_in()
    {
        using var robin = await app.NewPerson();
        var proposal = await (await robin.Client.PostAsync("/auth/mfa/totp", null)).Content.ReadFromJsonAsync<JsonElement>();
        app.NextStep();
        var code = app.CodeOf(proposal.GetProperty("secret").GetString()!);
        (await Post(robin, "/auth/mfa/totp/confirm", new { code })).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await (await app.Login(robin, code)).Code()).ShouldBe("invalid-code");
    }

    [Fact]
    public async Task A_rival_that_is_quicker_with_the_same_code_is_the_only_one()
    {
        using var robin = await app.NewProtectedPerson();
        var code = app.CodeOf(robin.Secret);
        var rival = default(HttpResponseMessage);
        app.BeforeUse = async () => rival = await app.Login(robin.Person, code);

        var answer = await app.Login(robin.Person, code);

        rival!.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Code()).ShouldBe("invalid-code");
    }

    [Fact]
    public async Task One_of_many_at_once_with_the_same_code_signs_in()
    {
        using var robin = await app.NewProtectedPerson();
        var code = app.CodeOf(robin.Secret);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Login(robin.Person, code)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task A_sign_in_without_a_code_that_was_under_way_when_the_app_was_added_has_to_start_again()
    {
        using var robin = await app.NewPerson();
        var proposal = await (await robin.Client.PostAsync("/auth/mfa/totp", null)).Content.ReadFromJsonAsync<JsonElement>();
        app.NextStep();
        var code = app.CodeOf(proposal.GetProperty("secret").GetString()!);
        app.AfterFactorsRead = async () =>
            (await Post(robin, "/auth/mfa/totp/confirm", new { code })).StatusCode.ShouldBe(HttpStatusCode.OK);

        var answer = await app.Login(robin, null);

        (await answer.Code()).ShouldBe("conflict");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_however_it_is_typed()
    {
        using var robin = await app.NewProtectedPerson();
        var code = robin.RecoveryCodes[3];

        (await app.Login(robin.Person, $" {code.ToUpperInvariant().Replace("-", " ").Replace('0', 'O').Replace('1', 'l')} ")).StatusCode
            .ShouldBe(HttpStatusCode.OK);
        (await (await app.Login(robin.Person, code)).Code()).ShouldBe("invalid-code");

        (await robin.Person.Client.GetFromJsonAsync<JsonElement>("/auth/mfa")).GetProperty("recoveryCodes").GetInt32().ShouldBe(9);
        (await app.FactorEventsOf(robin.Person)).ShouldBe(["totp added", "recovery-codes used"]);
    }

    [Fact]
    public async Task A_rival_that_is_quicker_with_the_same_recovery_code_is_the_only_one()
    {
        using var robin = await app.NewProtectedPerson();
        var rival = default(HttpResponseMessage);
        app.BeforeUse = async () => rival = await app.Login(robin.Person, robin.RecoveryCodes[0]);

        var answer = await app.Login(robin.Person, robin.RecoveryCodes[0]);

        rival!.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Code()).ShouldBe("invalid-code");
        (await app.FactorEventsOf(robin.Person)).ShouldBe(["totp added", "recovery-codes used"]);
    }

    [Fact]
    public async Task New_recovery_codes_make_those_before_void_and_come_with_a_factor_only()
    {
        using var robin = await app.NewProtectedPerson();
        using var plain = await app.NewPerson();

        var answer = await robin.Person.Client.PostAsync("/auth/mfa/recovery-codes", null);
        var refused = await plain.Client.PostAsync("/auth/mfa/recovery-codes", null);

        var fresh = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("recoveryCodes")[0].GetString();
        (await (await app.Login(robin.Person, robin.RecoveryCodes[0])).Code()).ShouldBe("invalid-code");
        (await app.Login(robin.Person, fresh)).StatusCode.ShouldBe(HttpStatusCode.OK);
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Code()).ShouldBe("no-second-factor");
    }

    [Fact]
    public async Task An_app_is_removed_by_a_code_and_its_recovery_codes_with_it()
    {
        using var robin = await app.NewProtectedPerson();
        var wrong = await Delete(robin.Person, app.CodeOf(robin.Secret, 1));
        (await Mfa(robin.Person)).ShouldBeTrue();

        var right = await Delete(robin.Person, app.CodeOf(robin.Secret));
        var again = await Delete(robin.Person, robin.RecoveryCodes[0]);

        (await wrong.Code()).ShouldBe("invalid-code");
        right.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await again.Code()).ShouldBe("totp-off");
        (await robin.Person.Client.GetFromJsonAsync<JsonElement>("/auth/mfa")).ToString()
            .ShouldBe("""{"totp":false,"passkeys":0,"recoveryCodes":0}""");
        (await app.Login(robin.Person, null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.FactorEventsOf(robin.Person)).ShouldBe(["totp added", "totp removed"]);
        var trail = await app.Database.Read(tx => tx.Query<string>(
            "SELECT action FROM accounts_audit WHERE subject = @id AND actor = @id AND action LIKE 'factor-%' ORDER BY at",
            new { id = robin.Person.Id }).AsTask());
        trail.ShouldBe(["factor-added", "factor-removed"]);
    }

    [Fact]
    public async Task Neither_secrets_nor_codes_are_in_the_database_and_a_secret_is_bound_to_its_owner()
    {
        using var robin = await app.NewProtectedPerson();
        using var mallory = await app.NewProtectedPerson();
        var hashes = await app.Database.Read(tx => tx.Query<byte[]>(
            "SELECT hash FROM accounts_recovery_codes WHERE user_id = @id", new { id = robin.Person.Id }).AsTask());
        hashes.Count.ShouldBe(10);
        hashes.ShouldAllBe(hash => hash.Length == 32);
        var sealedSecret = await app.Database.Read(tx => tx.First<byte[]>(
            "SELECT sealed_secret FROM accounts_totp WHERE user_id = @id", new { id = mallory.Person.Id }).AsTask());

        await app.Database.Write(tx => tx.Execute(
            "UPDATE accounts_totp SET sealed_secret = @secret WHERE user_id = @id",
            new { id = robin.Person.Id, secret = sealedSecret }).AsTask());

        (await (await app.Login(robin.Person, app.CodeOf(mallory.Secret))).Code()).ShouldBe("invalid-code");
        (await app.Login(mallory.Person, app.CodeOf(mallory.Secret))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("POST", "/auth/mfa/totp")]
    [InlineData("POST", "/auth/mfa/totp/confirm")]
    [InlineData("DELETE", "/auth/mfa/totp")]
    [InlineData("POST", "/auth/mfa/recovery-codes")]
    public async Task Changing_factors_wants_a_fresh_sign_in(string method, string path)
    {
        using var robin = await app.NewProtectedPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = JsonContent.Create(new { code = app.CodeOf(robin.Secret) }),
        };

        var answer = await robin.Person.Client.SendAsync(request);

        (await answer.Code()).ShouldBe("sign-in-again");
        (await Mfa(robin.Person)).ShouldBeTrue();
        (await app.FactorEventsOf(robin.Person)).ShouldBe(["totp added"]);
    }

    [Fact]
    public async Task Signing_in_again_takes_what_signing_in_takes()
    {
        using var robin = await app.NewProtectedPerson();
        using var phone = await SignIn(robin);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var without = await Post(phone, "/auth/step-up", new { password = phone.Password });
        app.NextStep();

        var with = await Post(phone, "/auth/step-up", new { password = phone.Password, code = app.CodeOf(robin.Secret) });

        (await without.Code()).ShouldBe("mfa-required");
        with.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await phone.Client.PostAsync("/auth/mfa/recovery-codes", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> Post(Person person, string path, object body) => person.Client.PostAsJsonAsync(path, body);

    private static Task<HttpResponseMessage> Delete(Person person, string code) => person.Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Delete, "/auth/mfa/totp") { Content = JsonContent.Create(new { code }) });

    private static async Task<bool> Mfa(Person person) =>
        (await person.Client.GetFromJsonAsync<JsonElement>("/users/me")).GetProperty("mfa").GetBoolean();

    private async Task<Person> SignIn(FactorsApp.Protected robin)
    {
        var answer = await app.Login(robin.Person, app.CodeOf(robin.Secret));
        return app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!, robin.Person.Password);
    }

    private async Task<TokenPair> Refresh(Person person)
    {
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken });
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }
}
