using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Kontor.Sync.Tests.Mutants;

/// <summary>The product, with its database and its answers in the hands of a mutant.</summary>
internal sealed class MutantApp(Mutant mutant) : SyncApp
{
    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new Intruder(mutant)];

    public static async Task<MutantApp> Start(Mutant mutant)
    {
        var app = new MutantApp(mutant);
        await app.InitializeAsync();
        if (!mutant.DropsTriggers) return app;
        foreach (var table in new[] { "planner_projects", "planner_tasks" })
        {
            var on = TestDatabase.IsPostgres ? $" ON {table}" : "";
            await app.Database.Write(tx => tx.Execute($"DROP TRIGGER {table}_versioned{on}").AsTask());
        }

        return app;
    }

    private sealed class Intruder(Mutant mutant) : IModule
    {
        public string Name => "intruder";

        public void AddServices(IServiceCollection services, IConfiguration configuration)
        {
            services.PutBeforeDatabase((provider, real) => new MutantDatabase(real, NewConnection(provider), mutant));
            if (mutant.Answer is not null) services.AddSingleton<IStartupFilter>(new Rewriting(mutant.Answer));
        }

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
        }

        private static Func<System.Data.Common.DbConnection> NewConnection(IServiceProvider provider)
        {
            if (TestDatabase.IsPostgres) return () => provider.GetRequiredService<NpgsqlDataSource>().CreateConnection();
            var file = Path.Combine(provider.GetRequiredService<Settings>().DataFolder, "kontor.db");
            return () => new SqliteConnection($"Data Source={file};Pooling=false");
        }
    }

    private sealed class Rewriting(Func<string, string> answer) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (HttpContext http, RequestDelegate handle) =>
            {
                var body = http.Response.Body;
                using var kept = new MemoryStream();
                http.Response.Body = kept;
                await handle(http);
                http.Response.Body = body;
                var text = answer(System.Text.Encoding.UTF8.GetString(kept.ToArray()));
                await body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
            });
            next(app);
        };
    }
}
