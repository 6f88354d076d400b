using System.Collections.Concurrent;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;

namespace Kontor.Foundation.Data;

/// <summary>
/// Reads rows into <typeparamref name="T"/>: a scalar from the first column, or a record through its constructor, whose
/// parameters are matched to columns by name, blind to case and underscores. Compiled once per SQL text.
/// </summary>
internal static class Rows<T>
{
    private static readonly ConcurrentDictionary<string, Func<DbDataReader, T>> Known = new();

    public static Func<DbDataReader, T> ReaderOf(string sql, DbDataReader reader) =>
        Known.TryGetValue(sql, out var known) ? known : Known.GetOrAdd(sql, Compile(sql, reader));

    private static Func<DbDataReader, T> Compile(string sql, DbDataReader reader)
    {
        var row = Expression.Parameter(typeof(DbDataReader));
        if (IsScalar(typeof(T))) return Expression.Lambda<Func<DbDataReader, T>>(Column(row, 0, typeof(T)), row).Compile();

        var constructor = typeof(T).GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .OrderByDescending(candidate => candidate.GetParameters().Length).First();
        var columns = Enumerable.Range(0, reader.FieldCount)
            .ToDictionary(i => reader.GetName(i).Replace("_", "", StringComparison.Ordinal), i => i, StringComparer.OrdinalIgnoreCase);
        var values = constructor.GetParameters().Select(parameter => columns.TryGetValue(parameter.Name!, out var column)
            ? Column(row, column, parameter.ParameterType)
            : throw new InvalidOperationException($"{typeof(T).Name} needs a column for '{parameter.Name}', which this lacks: {sql}"));
        return Expression.Lambda<Func<DbDataReader, T>>(Expression.New(constructor, values), row).Compile();
    }

    private static Expression Column(ParameterExpression row, int column, Type type)
    {
        var underlying = Nullable.GetUnderlyingType(type) ?? type;
        var index = Expression.Constant(column);
        Expression value = Getter(underlying) is { } getter
            ? Expression.Call(row, getter, index)
            : Expression.Call(row, nameof(DbDataReader.GetFieldValue), [underlying], index);
        if (value.Type != type) value = Expression.Convert(value, type);
        // A null in a column that the record says is never null is a mistake; the driver's exception names it.
        return type.IsValueType && Nullable.GetUnderlyingType(type) is null
            ? value
            : Expression.Condition(
                Expression.Call(row, nameof(DbDataReader.IsDBNull), null, index), Expression.Default(type), value);
    }

    private static string? GetterName(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int64 => nameof(DbDataReader.GetInt64),
        TypeCode.Int32 => nameof(DbDataReader.GetInt32),
        TypeCode.Boolean => nameof(DbDataReader.GetBoolean),
        TypeCode.String => nameof(DbDataReader.GetString),
        _ => null,
    };

    private static MethodInfo? Getter(Type type) =>
        GetterName(type) is { } name ? typeof(DbDataReader).GetMethod(name, [typeof(int)]) : null;

    private static bool IsScalar(Type type) =>
        GetterName(Nullable.GetUnderlyingType(type) ?? type) is not null || type == typeof(byte[]);
}
