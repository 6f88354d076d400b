using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Answers that are not what they claim to be; each differs from a right one by one thing.</summary>
public class PasskeyForgeryTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    public static TheoryData<string> Lies => [.. Liars.Keys];

    private static readonly Dictionary<string, Action<Authenticator>> Liars = new()
    {
        ["another origin"] = key => key.Origin = "https://evil.example",
        ["another port"] = key => key.Origin += "1",
        ["another scheme"] = key => key.Origin = key.Origin.Replace("http:", "https:"),
        ["a frame on another site"] = key => key.CrossOrigin = true,
        ["another relying party"] = key => key.RpId = "evil.example",
        ["a holder who was not verified"] = key => key.Verifies = false,
        ["nobody present"] = key => key.IsPresent = false,
    };

    public static TheoryData<string> Changes => [.. Changers.Keys];

    private static readonly Dictionary<string, Action<JsonObject>> Changers = new()
    {
        ["another signature"] = answer => Flip(answer, "signature"),
        ["another authenticator data"] = answer => Flip(answer, "authenticatorData"),
        ["another client data"] = answer => Replace(answer, "clientDataJSON", text => text + " "),
        ["another type of ceremony"] = answer => Replace(answer, "clientDataJSON", text => text.Replace("webauthn.get", "webauthn.create")),
        ["no signature"] = answer => answer["response"]!["signature"] = "",
        ["no user handle"] = answer => answer["response"]!["userHandle"] = null,
        ["another user handle"] = answer => answer["response"]!["userHandle"] = Base64Url.EncodeToString("somebody"u8),
        ["another credential id"] = answer => Rename(answer, Base64Url.EncodeToString(new byte[32])),
        ["an empty credential id"] = answer => Rename(answer, ""),
        ["another type"] = answer => answer["type"] = "password",
        ["no response"] = answer => answer.Remove("response"),
        ["a response that is a text"] = answer => answer["response"] = "x",
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_signs_nobody_in(string lie)
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        Liars[lie](key);

        await IsRefused(await app.Answer(key));
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_lie_adds_no_passkey(string lie)
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        Liars[lie](key);

        var answer = await app.AnswerToAdd(robin, key, await app.OfferToAdd(robin));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Code()).ShouldBe("passkey-invalid");
        (await app.Login(robin, null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.FactorEventsOf(robin)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_changed_answer_signs_nobody_in(string change)
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);

        await IsRefused(await app.Answer(key, Changers[change]));
    }

    [Fact]
    public async Task A_key_of_the_forgers_signs_nobody_in()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        using var forged = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        (forged.CredentialId, forged.UserHandle, forged.Counter) = (key.CredentialId, key.UserHandle, 100);

        await IsRefused(await app.Answer(forged));
    }

    [Fact]
    public async Task A_passkey_in_the_name_of_another_signs_nobody_in()
    {
        using var robin = await app.NewPerson();
        using var mallory = await app.NewPerson();
        using var key = app.NewAuthenticator();
        using var other = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        await app.AddPasskey(mallory, other);
        other.UserHandle = key.UserHandle;

        await IsRefused(await app.Answer(other));
    }

    [Fact]
    public async Task An_answer_is_good_once()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        key.Counter = null;
        await app.AddPasskey(robin, key);
        var offer = await app.OfferToSignIn();
        var credential = key.Get(offer.GetProperty("publicKey"));

        (await app.Send(offer, credential)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var again = await app.Send(offer, credential);
        var atOnce = await app.OfferToSignIn();
        var fresh = key.Get(atOnce.GetProperty("publicKey"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Send(atOnce, fresh)));

        (await again.Code()).ShouldBe("challenge-over");
        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_has_five_minutes_and_outlives_a_restart()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        var late = await app.OfferToSignIn();
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var early = await app.OfferToSignIn();
        app.Clock.Advance(TimeSpan.FromMinutes(4));

        (await (await app.Send(late, key.Get(late.GetProperty("publicKey")))).Code()).ShouldBe("challenge-over");
        (await app.Send(early, key.Get(early.GetProperty("publicKey")))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_challenge_for_one_thing_is_none_for_another()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        var stepUp = await (await robin.Client.PostAsync("/auth/passkeys/step-up/options", null)).Content.ReadFromJsonAsync<JsonElement>();
        var signIn = await app.OfferToSignIn();
        var add = await app.OfferToAdd(robin);

        (await (await app.Send(stepUp, key.Get(stepUp.GetProperty("publicKey")))).Code()).ShouldBe("challenge-over");
        foreach (var other in new[] { signIn, add })
        {
            var answer = await robin.Client.PostAsJsonAsync("/auth/passkeys/step-up", new
            {
                state = other.GetProperty("state").GetString(),
                credential = key.Get(other.GetProperty("publicKey")),
            });
            (await answer.Code()).ShouldBe("challenge-over");
        }
    }

    [Fact]
    public async Task A_passkey_is_added_by_whoever_asked_in_the_session_that_asked()
    {
        using var robin = await app.NewPerson();
        using var again = await app.SignIn(robin.Email, robin.Password);
        using var mallory = await app.NewPerson();
        using var key = app.NewAuthenticator();
        var offer = await app.OfferToAdd(robin);

        (await (await app.AnswerToAdd(mallory, key, offer)).Code()).ShouldBe("challenge-over");
        (await (await app.AnswerToAdd(again, key, offer)).Code()).ShouldBe("challenge-over");
        (await app.AnswerToAdd(robin, key, offer)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await app.AnswerToAdd(robin, key, offer)).StatusCode.ShouldNotBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_passkey_that_somebody_has_is_nobody_elses()
    {
        using var robin = await app.NewPerson();
        using var mallory = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        using var copy = app.NewAuthenticator();
        copy.CredentialId = key.CredentialId;

        (await (await app.AnswerToAdd(mallory, copy, await app.OfferToAdd(mallory))).Code()).ShouldBe("passkey-invalid");
        (await app.SignIn(key)).User.Id.ShouldBe(robin.Id);
    }

    [Fact]
    public async Task A_copy_that_counts_for_itself_is_refused()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        using var copy = key.Clone();
        await app.SignIn(key);
        await app.SignIn(key);

        await IsRefused(await app.Answer(copy));
        (await app.SignIn(key)).User.Id.ShouldBe(robin.Id);
    }

    [Fact]
    public async Task Of_two_copies_at_once_one_signs_in()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        using var copy = key.Clone();
        var offers = new[] { await app.OfferToSignIn(), await app.OfferToSignIn() };

        var answers = await Task.WhenAll(
            app.Send(offers[0], key.Get(offers[0].GetProperty("publicKey"))),
            app.Send(offers[1], copy.Get(offers[1].GetProperty("publicKey"))));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
    }

    [Fact]
    public async Task A_passkey_of_a_locked_account_signs_nobody_in()
    {
        using var robin = await app.NewPerson();
        using var admin = await app.Admin();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);

        var locked = await admin.Client.PostAsJsonAsync($"/api/admin/users/{robin.Id}/lock", new { reason = "test" });
        locked.IsSuccessStatusCode.ShouldBeTrue();

        var answer = await app.Answer(key);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Code()).ShouldBe("account-locked");
    }

    [Theory]
    [InlineData("""{"state":"x","credential":{}}""")]
    [InlineData("""{"state":"","credential":null}""")]
    [InlineData("""{"state":"AAAA","credential":[]}""")]
    [InlineData("""{"state":"AAAA"}""")]
    public async Task What_is_no_answer_at_all_is_refused(string body)
    {
        using var client = app.NewClient();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        ((int)(await client.PostAsync("/auth/passkeys/sign-in", content)).StatusCode).ShouldBeInRange(400, 499);
    }

    private static void Rename(JsonObject answer, string id) => (answer["id"], answer["rawId"]) = (id, id);

    private static void Flip(JsonObject answer, string member)
    {
        var bytes = Base64Url.DecodeFromChars((string)answer["response"]![member]!);
        bytes[^1] ^= 1;
        answer["response"]![member] = Base64Url.EncodeToString(bytes);
    }

    private static void Replace(JsonObject answer, string member, Func<string, string> change) =>
        answer["response"]![member] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            change(Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)answer["response"]![member]!)))));

    private static async Task IsRefused(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Code()).ShouldBe("passkey-refused");
    }
}
