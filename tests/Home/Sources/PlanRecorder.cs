using System.Data.Common;
using Kontor.Foundation.Data;

namespace Kontor.Home.Tests.Sources;

/// <summary>Asks the engine for the plan of each statement that a product's own code runs, with the arguments that it gives.</summary>
internal sealed class PlanRecorder : ICommands
{
    private readonly ICommands _inner;

    private PlanRecorder(Tx tx)
    {
        Connection = TxParts.Of<DbConnection>(tx);
        _inner = TxParts.Of<ICommands>(tx);
        Tx = new(Connection, tx.Dialect, this);
    }

    /// <summary>What the code is given instead.</summary>
    public Tx Tx { get; }

    public List<(string Sql, List<string> Steps)> Plans { get; } = [];

    private DbConnection Connection { get; }

    public static async Task<List<(string Sql, List<string> Steps)>> Of(Tx tx, Func<Tx, Task> code)
    {
        var recorder = new PlanRecorder(tx);
        await code(recorder.Tx);
        return recorder.Plans;
    }

    public DbCommand Rent(DbConnection connection, string sql) => _inner.Rent(connection, sql);

    public void Return(DbCommand command)
    {
        using var explain = Connection.CreateCommand();
        explain.Transaction = command.Transaction;
        explain.CommandText = $"EXPLAIN QUERY PLAN {command.CommandText}";
        foreach (DbParameter given in command.Parameters)
        {
            var parameter = explain.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (given.ParameterName, given.Value);
            explain.Parameters.Add(parameter);
        }

        var steps = new List<string>();
        using (var reader = explain.ExecuteReader())
        {
            while (reader.Read()) steps.Add(reader.GetString(3));
        }

        Plans.Add((command.CommandText, steps));
        _inner.Return(command);
    }
}
