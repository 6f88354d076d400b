using System.Reflection;
using Kontor.Foundation.Data;

namespace Kontor.Home.Tests.Sources;

/// <summary>What a transaction is made of, for tests that stand between it and its engine.</summary>
internal static class TxParts
{
    private const BindingFlags Inside = BindingFlags.Instance | BindingFlags.NonPublic;

    public static T Of<T>(Tx tx) => (T)typeof(Tx).GetFields(Inside).Single(field => field.FieldType == typeof(T)).GetValue(tx)!;
}
