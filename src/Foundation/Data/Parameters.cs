using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Linq.Expressions;
using System.Reflection;

namespace Kontor.Foundation.Data;

/// <summary>Binds an object's properties to a command, and reuses the parameters of a prepared one.</summary>
internal static class Parameters
{
    private static readonly ConcurrentDictionary<Type, Property[]> Known = new();

    private sealed record Property(string Name, DbType? Type, Func<object, object?> Get);

    public static void Bind(DbCommand command, object? args, Dialect dialect) =>
        Bind(command.Parameters, command.CreateParameter, args, dialect);

    public static void Bind(DbBatchCommand command, object? args, Dialect dialect) =>
        Bind(command.Parameters, command.CreateParameter, args, dialect);

    private static void Bind(DbParameterCollection parameters, Func<DbParameter> create, object? args, Dialect dialect)
    {
        if (args is null) return;
        if (args is IReadOnlyDictionary<string, object?> named)
        {
            foreach (var (name, value) in named) Set(parameters, create, $"@{name}", null, value, dialect);
            return;
        }

        var properties = Known.GetOrAdd(args.GetType(), Describe);
        // A command that is used again has its parameters in this order, unless another type of arguments came between.
        var kept = parameters.Count == properties.Length;
        for (var i = 0; i < properties.Length; i++)
        {
            var property = properties[i];
            if (kept && parameters[i] is { } parameter && parameter.ParameterName == property.Name)
                parameter.Value = Value(property.Get(args), dialect);
            else
                Set(parameters, create, property.Name, property.Type, property.Get(args), dialect);
        }
    }

    private static void Set(
        DbParameterCollection parameters, Func<DbParameter> create, string name, DbType? type, object? value, Dialect dialect)
    {
        DbParameter parameter;
        if (parameters.Contains(name)) parameter = parameters[name];
        else
        {
            parameter = create();
            parameter.ParameterName = name;
            // Only a null needs its type said; a list's type is its value's.
            if (type is { } known && value is null) parameter.DbType = known;
            parameters.Add(parameter);
        }

        parameter.Value = Value(value, dialect);
    }

    private static object Value(object? value, Dialect dialect) => value switch
    {
        null => DBNull.Value,
        byte[] bytes => bytes,
        Array list => dialect.Bind(list),
        _ => value,
    };

    private static Property[] Describe(Type type) => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property =>
    {
        var args = Expression.Parameter(typeof(object));
        var get = Expression.Convert(Expression.Property(Expression.Convert(args, type), property), typeof(object));
        var compiled = Expression.Lambda<Func<object, object?>>(get, args).Compile();
        return new Property($"@{property.Name}", TypeOf(property.PropertyType), compiled);
    })];

    private static DbType? TypeOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => DbType.String,
        var t when t == typeof(long) => DbType.Int64,
        var t when t == typeof(int) => DbType.Int32,
        var t when t == typeof(bool) => DbType.Boolean,
        var t when t == typeof(byte[]) => DbType.Binary,
        _ => null,
    };
}
