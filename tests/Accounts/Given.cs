using System.Net.Http.Json;
using Kontor.Testing;

namespace Kontor.Accounts.Tests;

internal static class Given
{
    public const string Password = "a long enough phrase";
    public const string NewPassword = "quite another sentence";

    public static string NewEmail() => $"p-{Guid.NewGuid():N}@kontor.example";

    public static async Task<HttpResponseMessage> Post(this KontorApp app, string path, object body)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync(path, body);
    }

    public static async Task<int> Login(this KontorApp app, string email, string password)
    {
        using var answer = await app.Post("/auth/login", new { email, password });
        return (int)answer.StatusCode;
    }

    /// <summary>A fresh customer who has confirmed the address.</summary>
    public static async Task<Person> NewConfirmedPerson(this KontorApp app, string name = "Robin Example")
    {
        var person = await app.NewPerson(name);
        var mail = await app.MailTo(person.Email, "Confirm your e-mail address");
        using var answer = await app.Post("/auth/email/verify", new { token = mail.Token });
        answer.EnsureSuccessStatusCode();
        return person;
    }
}
