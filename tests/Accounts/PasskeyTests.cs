using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class PasskeyTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    [Fact]
    public async Task A_passkey_signs_in_by_itself_and_counts_as_two_factors()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        var added = await app.AddPasskey(robin, key, "  My phone ");

        var tokens = await app.SignIn(key);

        tokens.User.Id.ShouldBe(robin.Id);
        app.MethodsIn(tokens).ShouldBe(["pop", "mfa"]);
        added.GetProperty("passkey").GetProperty("name").GetString().ShouldBe("My phone");
        added.GetProperty("recoveryCodes").GetArrayLength().ShouldBe(10);
        (await robin.Client.GetFromJsonAsync<JsonElement>("/users/me")).GetProperty("mfa").GetBoolean().ShouldBeTrue();
        var passkey = (await PasskeysOf(robin)).ShouldHaveSingleItem();
        passkey.GetProperty("isBackedUp").GetBoolean().ShouldBeTrue();
        passkey.GetProperty("lastUsedAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        (await app.FactorEventsOf(robin)).ShouldBe(["passkey added"]);
    }

    [Fact]
    public async Task The_offers_say_what_browsers_need()
    {
        using var robin = await app.NewPerson(name: "Robin");
        using var key = app.NewAuthenticator();

        var create = (await app.OfferToAdd(robin)).GetProperty("publicKey");
        await app.AddPasskey(robin, key);
        var again = (await app.OfferToAdd(robin)).GetProperty("publicKey");
        var get = (await app.OfferToSignIn()).GetProperty("publicKey");

        create.GetProperty("rp").GetProperty("id").GetString().ShouldBe("localhost");
        create.GetProperty("user").GetProperty("name").GetString().ShouldBe(robin.Email);
        create.GetProperty("user").GetProperty("displayName").GetString().ShouldBe("Robin");
        var selection = create.GetProperty("authenticatorSelection");
        selection.GetProperty("residentKey").GetString().ShouldBe("required");
        selection.GetProperty("userVerification").GetString().ShouldBe("required");
        again.GetProperty("excludeCredentials").GetArrayLength().ShouldBe(1);
        get.GetProperty("rpId").GetString().ShouldBe("localhost");
        get.GetProperty("userVerification").GetString().ShouldBe("required");
        get.TryGetProperty("allowCredentials", out var allowed).ShouldBe(allowed.ValueKind == JsonValueKind.Array);
        (allowed.ValueKind == JsonValueKind.Array ? allowed.GetArrayLength() : 0).ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_has_a_passkey_needs_more_than_the_password()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        var added = await app.AddPasskey(robin, key);

        var password = await app.Login(robin, null);

        (await password.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("factors").EnumerateArray()
            .Select(factor => factor.GetString()).ShouldBe(["passkey", "recovery-codes"]);
        (await app.Login(robin, added.GetProperty("recoveryCodes")[0].GetString())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Recovery_codes_come_with_the_first_factor_and_go_with_the_last()
    {
        using var robin = await app.NewPerson();
        using var phone = app.NewAuthenticator();
        using var stick = app.NewAuthenticator();

        (await app.AddPasskey(robin, phone)).GetProperty("recoveryCodes").GetArrayLength().ShouldBe(10);
        (await app.AddPasskey(robin, stick)).GetProperty("recoveryCodes").GetArrayLength().ShouldBe(0);

        var ids = (await PasskeysOf(robin)).ConvertAll(passkey => passkey.GetProperty("id").GetString());
        (await robin.Client.DeleteAsync($"/auth/passkeys/{ids[0]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Codes(10);
        (await robin.Client.DeleteAsync($"/auth/passkeys/{ids[1]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Codes(0);
        (await app.Login(robin, null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Answer(phone)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await app.FactorEventsOf(robin)).ShouldBe(["passkey added", "passkey added", "passkey removed", "passkey removed"]);

        async Task Codes(int left) => (await robin.Client.GetFromJsonAsync<JsonElement>("/auth/mfa"))
            .GetProperty("recoveryCodes").GetInt32().ShouldBe(left);
    }

    [Fact]
    public async Task A_passkey_is_renamed_and_removed_by_its_owner_only()
    {
        using var robin = await app.NewPerson();
        using var stranger = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        var path = $"/auth/passkeys/{(await PasskeysOf(robin)).Single().GetProperty("id").GetString()}";

        (await stranger.Client.PatchAsJsonAsync(path, new { name = "Mine" })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Client.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await robin.Client.PatchAsJsonAsync(path, new { name = new string('x', 61) })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var renamed = await robin.Client.PatchAsJsonAsync(path, new { name = "Stick" });

        (await renamed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString().ShouldBe("Stick");
        (await PasskeysOf(stranger)).ShouldBeEmpty();
        (await app.FactorEventsOf(stranger)).ShouldBeEmpty();
        (await app.SignIn(key)).User.Id.ShouldBe(robin.Id);
    }

    [Fact]
    public async Task A_passkey_steps_up_the_session_that_asked_and_no_other()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        using var phone = app.As(await app.SignIn(key));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await (await robin.Client.PostAsync("/auth/mfa/recovery-codes", null)).Code()).ShouldBe("sign-in-again");
        var offer = await Offer(robin, "/auth/passkeys/step-up/options");
        var answer = new { state = offer.GetProperty("state").GetString(), credential = key.Get(offer.GetProperty("publicKey")) };

        var elsewhere = await phone.Client.PostAsJsonAsync("/auth/passkeys/step-up", answer);
        var here = await robin.Client.PostAsJsonAsync("/auth/passkeys/step-up", answer);
        var twice = await robin.Client.PostAsJsonAsync("/auth/passkeys/step-up", answer);

        (await elsewhere.Code()).ShouldBe("challenge-over");
        here.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        twice.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await robin.Client.PostAsync("/auth/mfa/recovery-codes", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await phone.Client.PostAsync("/auth/mfa/recovery-codes", null)).Code()).ShouldBe("sign-in-again");
    }

    [Fact]
    public async Task Somebody_elses_passkey_does_not_step_up()
    {
        using var robin = await app.NewPerson();
        using var mallory = await app.NewPerson();
        using var key = app.NewAuthenticator();
        using var other = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        await app.AddPasskey(mallory, other);
        var offer = await Offer(robin, "/auth/passkeys/step-up/options");

        var answer = await robin.Client.PostAsJsonAsync("/auth/passkeys/step-up", new
        {
            state = offer.GetProperty("state").GetString(),
            credential = other.Get(offer.GetProperty("publicKey")),
        });

        (await answer.Code()).ShouldBe("passkey-refused");
    }

    [Fact]
    public async Task Adding_and_removing_want_a_fresh_sign_in()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        var id = (await PasskeysOf(robin)).Single().GetProperty("id").GetString();
        app.Clock.Advance(TimeSpan.FromMinutes(11));

        (await (await robin.Client.PostAsync("/auth/passkeys/options", null)).Code()).ShouldBe("sign-in-again");
        (await (await robin.Client.PostAsJsonAsync("/auth/passkeys", new { state = "x", credential = new { } })).Code())
            .ShouldBe("sign-in-again");
        (await (await robin.Client.DeleteAsync($"/auth/passkeys/{id}")).Code()).ShouldBe("sign-in-again");
        (await PasskeysOf(robin)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_last_way_to_sign_in_stays_also_when_two_are_removed_at_once()
    {
        for (var round = 0; round < 8; round++)
        {
            using var robin = await app.NewPerson();
            using var phone = app.NewAuthenticator();
            using var stick = app.NewAuthenticator();
            await app.AddPasskey(robin, phone);
            await app.AddPasskey(robin, stick);
            // Somebody who came from another service, say, and has no password.
            await app.Database.Write(tx => tx.Execute(
                "UPDATE accounts_users SET password_hash = '' WHERE id = @id", new { id = robin.Id }).AsTask());
            var ids = (await PasskeysOf(robin)).ConvertAll(passkey => passkey.GetProperty("id").GetString());

            var answers = await Task.WhenAll(ids.Select(id => robin.Client.DeleteAsync($"/auth/passkeys/{id}")));

            answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
            (await answers.Single(answer => answer.StatusCode == HttpStatusCode.Conflict).Code()).ShouldBe("last-way-in");
            (await PasskeysOf(robin)).ShouldHaveSingleItem();
            (await app.FactorEventsOf(robin)).Count(happened => happened == "passkey removed").ShouldBe(1);
        }
    }

    [Fact]
    public async Task An_account_has_at_most_twenty()
    {
        using var robin = await app.NewPerson();
        for (var i = 0; i < 20; i++)
        {
            using var key = app.NewAuthenticator();
            await app.AddPasskey(robin, key);
        }

        using var surplus = app.NewAuthenticator();
        (await (await app.AnswerToAdd(robin, surplus, await app.OfferToAdd(robin))).Code()).ShouldBe("too-many-passkeys");
        (await PasskeysOf(robin)).Count.ShouldBe(20);
    }

    private static async Task<JsonElement> Offer(Person person, string path) =>
        await (await person.Client.PostAsync(path, null)).Content.ReadFromJsonAsync<JsonElement>();

    private static async Task<List<JsonElement>> PasskeysOf(Person person) =>
        [.. (await person.Client.GetFromJsonAsync<JsonElement>("/auth/passkeys")).GetProperty("passkeys").EnumerateArray()];
}
