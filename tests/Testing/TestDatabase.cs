using Npgsql;

namespace Kontor.Testing;

/// <summary>
/// An empty database of the engine under test, thrown away afterwards. `KONTOR_TEST_DATABASE` is `sqlite` (the default) or the URL of a
/// PostgreSQL server on which databases may be created.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly string? Server =
        Environment.GetEnvironmentVariable("KONTOR_TEST_DATABASE") is { } url and not ("" or "sqlite") ? url : null;

    private readonly string _name = $"kontor_{Guid.NewGuid():N}";

    public static bool IsPostgres => Server is not null;

    public string DataFolder { get; } = Directory.CreateTempSubdirectory("kontor-test-").FullName;

    /// <summary>Null on SQLite, whose file is in the data folder.</summary>
    public Uri? Url { get; private set; }

    public static async Task<TestDatabase> Create()
    {
        var database = new TestDatabase();
        if (Server is null) return database;
        await Execute($"CREATE DATABASE {database._name}");
        database.Url = new UriBuilder(Server) { Path = database._name }.Uri;
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null) await Execute($"DROP DATABASE {_name} WITH (FORCE)");
        Directory.Delete(DataFolder, recursive: true);
    }

    private static async Task Execute(string sql)
    {
        var server = new Uri(Server!);
        var user = server.UserInfo.Split(':');
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = user[0],
            Password = user.ElementAtOrDefault(1),
            Database = "postgres",
            Pooling = false,
        }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
