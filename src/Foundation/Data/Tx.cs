using System.Data.Common;

namespace Kontor.Foundation.Data;

/// <summary>
/// A transaction, or a connection that only reads. Parameters are the properties of an anonymous object (`@name`), or a
/// dictionary; rows become records by the names of their constructor's parameters (`created_at` is `createdAt`).
/// </summary>
public sealed class Tx(DbConnection connection, Dialect dialect, ICommands commands)
{
    private List<(string Channel, string Payload)>? _signals;
    private bool _ended;

    public Dialect Dialect => dialect;

    /// <summary>What to tell the other parts and nodes once this is committed.</summary>
    public IReadOnlyList<(string Channel, string Payload)> Signals => _signals ?? [];

    /// <summary>The number of rows that were written.</summary>
    public async ValueTask<int> Execute(string sql, object? args = null)
    {
        var command = Prepare(sql, args);
        try
        {
            return await command.ExecuteNonQueryAsync();
        }
        finally
        {
            commands.Return(command);
        }
    }

    /// <summary>The first row, or the type's default when there is none.</summary>
    public async ValueTask<T?> First<T>(string sql, object? args = null)
    {
        var command = Prepare(sql, args);
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            return await reader.ReadAsync() ? Rows<T>.ReaderOf(sql, reader)(reader) : default;
        }
        finally
        {
            commands.Return(command);
        }
    }

    public async ValueTask<List<T>> Query<T>(string sql, object? args = null)
    {
        var command = Prepare(sql, args);
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<T>();
            if (!await reader.ReadAsync()) return rows;
            var read = Rows<T>.ReaderOf(sql, reader);
            do rows.Add(read(reader));
            while (await reader.ReadAsync());
            return rows;
        }
        finally
        {
            commands.Return(command);
        }
    }

    /// <summary>
    /// The statement once for each row of arguments, in one round trip where the engine has one. The number of rows that were written.
    /// </summary>
    public async ValueTask<int> ExecuteEach<TArgs>(string sql, IReadOnlyList<TArgs> rows)
        where TArgs : class
    {
        if (rows.Count > 1 && Batch(rows.Select(args => (sql, (object?)args))) is { } all)
        {
            await using var batch = all;
            return await batch.ExecuteNonQueryAsync();
        }

        var written = 0;
        foreach (var args in rows) written += await Execute(sql, args);
        return written;
    }

    /// <summary>As <see cref="ExecuteEach"/>; the first row that each gives, or the type's default where there is none.</summary>
    public async ValueTask<T?[]> FirstOfEach<T, TArgs>(string sql, IReadOnlyList<TArgs> rows)
        where TArgs : class
    {
        var found = new T?[rows.Count];
        if (rows.Count > 1 && Batch(rows.Select(args => (sql, (object?)args))) is { } all)
        {
            await using var batch = all;
            await using var reader = await batch.ExecuteReaderAsync();
            for (var i = 0; i < found.Length; i++)
            {
                if (await reader.ReadAsync()) found[i] = Rows<T>.ReaderOf(sql, reader)(reader);
                await reader.NextResultAsync();
            }
        }
        else
        {
            for (var i = 0; i < found.Length; i++) found[i] = await First<T>(sql, rows[i]);
        }

        return found;
    }

    /// <summary>Hands each row to <paramref name="row"/> as it arrives, for results that are not held in memory.</summary>
    public async ValueTask Scan(string sql, object? args, Action<DbDataReader> row)
    {
        var command = Prepare(sql, args);
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) row(reader);
        }
        finally
        {
            commands.Return(command);
        }
    }

    /// <summary>
    /// As <see cref="Scan"/>, of several statements in one round trip where the engine has one; each row with its statement's place.
    /// </summary>
    /// <param name="statements">Each with its arguments.</param>
    /// <param name="row">Takes a row.</param>
    /// <param name="isLast">Nothing is read after it, so that the transaction may end in the same round trip.</param>
    public async ValueTask ScanEach(
        IReadOnlyList<(string Sql, object? Args)> statements, Action<int, DbDataReader> row, bool isLast = false)
    {
        if (statements.Count > 1 && Batch(statements, isLast) is { } all)
        {
            await using var batch = all;
            await using var reader = await batch.ExecuteReaderAsync();
            for (var i = 0; i < statements.Count; i++)
            {
                while (await reader.ReadAsync()) row(i, reader);
                await reader.NextResultAsync();
            }
        }
        else
        {
            for (var i = 0; i < statements.Count; i++)
            {
                var place = i;
                await Scan(statements[i].Sql, statements[i].Args, read => row(place, read));
            }
        }
    }

    /// <summary>Tells every subscriber on every node, after the commit; a lost message is made up for by their polling.</summary>
    public void Signal(string channel, string payload = "") => (_signals ??= []).Add((channel, payload));

    /// <summary>For engines: what is still running of the work may not touch the connection any more.</summary>
    public void End() => _ended = true;

    private DbBatch? Batch(IEnumerable<(string Sql, object? Args)> statements, bool isLast = false)
    {
        ThrowIfEnded();
        if (commands.NewBatch(connection) is not { } batch) return null;
        foreach (var (sql, args) in statements) Add(sql, args);
        if (isLast && commands.TakeEnd() is { } end)
        {
            Add(end, null);
            _ended = true;
        }

        return batch;

        void Add(string sql, object? args)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = sql;
            Parameters.Bind(command, args, dialect);
            batch.BatchCommands.Add(command);
        }
    }

    private DbCommand Prepare(string sql, object? args)
    {
        ThrowIfEnded();
        var command = commands.Rent(connection, sql);
        Parameters.Bind(command, args, dialect);
        return command;
    }

    private void ThrowIfEnded()
    {
        if (_ended) throw new InvalidOperationException("This transaction has ended; its work awaited something else than its Tx.");
    }
}

/// <summary>Where a transaction's commands come from; an engine that gains from it keeps prepared ones by their SQL text.</summary>
public interface ICommands
{
    DbCommand Rent(DbConnection connection, string sql);

    void Return(DbCommand command);

    /// <summary>Null where a statement is not a round trip, and many at once gain nothing.</summary>
    DbBatch? NewBatch(DbConnection connection) => null;

    /// <summary>What has yet to be sent, once, to end the transaction; null where that is not a statement, or not theirs to send.</summary>
    string? TakeEnd() => null;
}
