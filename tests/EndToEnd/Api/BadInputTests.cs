using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Api;

/// <summary>Walks the API's own description, so that a new endpoint is attacked as soon as it exists.</summary>
public class BadInputTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static TheoryData<string, string> Operations()
    {
        var operations = new TheoryData<string, string>();
        foreach (var operation in ApiDescription.Snapshot().Operations) operations.Add(operation.Method, operation.Path);
        return operations;
    }

    [Fact]
    public async Task The_description_is_the_one_that_is_stored()
    {
        using var client = app.NewClient();
        var live = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("KONTOR_UPDATE_SNAPSHOTS") is not null)
            await File.WriteAllTextAsync(ApiDescription.SnapshotFile, live);
        var stored = await File.ReadAllTextAsync(ApiDescription.SnapshotFile);
        live.ShouldBe(stored, "If the change is meant, store it: KONTOR_UPDATE_SNAPSHOTS=1.");
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Bad_input_is_refused_with_a_code_and_changes_nothing(string method, string path)
    {
        var api = ApiDescription.Snapshot();
        var operation = api.Operations.Single(one => one.Method == method && one.Path == path);
        using var stranger = app.NewClient();
        var admin = await app.Admin();
        var failures = new List<string>();
        var before = await Fingerprint.OfSettled(app.Database);
        var refusedOnly = true;

        foreach (var attack in Attacks.On(api, operation))
        {
            // The strongest caller gets furthest; for the endpoints of strangers, a stranger.
            var client = path.StartsWith("/auth/", StringComparison.Ordinal) ? stranger : admin.Client;
            using var request = new HttpRequestMessage(new HttpMethod(method), attack.PathAndQuery) { Content = attack.Body };
            // What is taken may be a stream that does not end.
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var status = (int)answer.StatusCode;
            refusedOnly &= status >= 400;
            if (status >= 500 || (attack.MustRefuse && status < 400)) failures.Add($"{attack.Name}: {status}");
            else if (status >= 400 && !await IsProblem(answer)) failures.Add($"{attack.Name}: {status} without a problem");
        }

        failures.ShouldBeEmpty();
        if (refusedOnly) (await Fingerprint.Of(app.Database)).Except(before).Select(table => table.Key).ShouldBeEmpty("These changed.");
    }

    private static async Task<bool> IsProblem(HttpResponseMessage answer)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json") return false;
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return problem["code"] is not null && problem["title"] is not null && (int?)problem["status"] == (int)answer.StatusCode;
    }
}
