using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Home.Widgets.Types;

/// <summary>The rules of a type: its schema can be read, its examples keep to it, and its chain of fallbacks ends.</summary>
internal sealed class TypeEditor(Database database, WidgetTypes types)
{
    private const int SchemaBytesMax = 64 * 1024;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such type.");
    public static readonly Problem Taken = new(409, "type-taken", "There is a type of this name and version.");
    public static readonly Problem TooMany = new(409, "too-many-types", $"There are {WidgetTypes.TypesMax} types already.");
    public static readonly Problem InUse = new(409, "type-in-use", "Widgets or other types rely on it. Add another version.");
    public static readonly Problem BuiltIn = new(409, "type-built-in", "Its schema is what this build says.");
    public static readonly Problem SchemaInvalid = new(422, "type-schema-invalid", "The schema cannot be used.");
    public static readonly Problem ExampleInvalid = new(422, "type-example-invalid", "An example is not valid for its schema.");
    public static readonly Problem FallbackInvalid = new(422, "type-fallback-invalid", "This cannot stand in for the type.");
    public static readonly Problem LimitsInvalid = new(422, "type-limits-invalid", "The limits exclude each other.");

    public async Task<Outcome<WidgetType>> Create(ManageTypes.Request request, CancellationToken ct) =>
        await database.Write<Outcome<WidgetType>>(
        async tx =>
        {
            var all = await types.All(tx);
            if (all.Count >= WidgetTypes.TypesMax) return TooMany;
            var latest = all.Where(type => type.Name.Key == request.Key).Select(type => type.Name.Version).DefaultIfEmpty(0).Max();
            var name = new TypeName(request.Key, request.Version ?? latest + 1);
            var contract = new TypeContract
            {
                Examples = request.Examples ?? [],
                Limits = request.Limits ?? new(),
                Fallback = request.Fallback is { Type: not null } fallback ? fallback : null,
            };
            var schema = request.Schema.ValueKind == JsonValueKind.Undefined ? "" : request.Schema.GetRawText();
            var (type, problem) = Checked(name, schema, contract, all);
            if (problem is not null) return problem;
            if (!await types.Add(tx, name, type!.SchemaText, contract)) return Taken;
            tx.Signal(StoredWidgets.Signal);
            return type;
        }, ct);

    public async Task<Outcome<ListTypes.TypeView>> Change(string type, ManageTypes.ChangeRequest request, CancellationToken ct)
    {
        if (TypeName.Parse(type) is not { } name) return Unknown;
        return await database.Write<Outcome<ListTypes.TypeView>>(
            async tx =>
            {
                var all = await types.All(tx);
                if (all.Find(one => one.Name == name) is not { } before) return Unknown;
                var users = await WidgetTypes.Users(tx, name, ListTypes.UsersShown);
                var relying = all.FindAll(one => FallsBackTo(one, name));
                var isUsed = users.Count > 0 || relying.Count > 0;
                if (request.Schema is { } schema && MayReplace(before, schema, isUsed) is { } refusal) return refusal;
                var contract = new TypeContract
                {
                    Examples = request.Examples ?? before.Contract.Examples,
                    Limits = request.Limits ?? before.Contract.Limits,
                    Fallback = request.Fallback is not { } fallback ? before.Contract.Fallback : fallback.Type is null ? null : fallback,
                };
                var (after, problem) = Checked(name, request.Schema?.GetRawText() ?? before.SchemaText, contract, all);
                problem ??= Spoiled(after!, relying, all);
                if (problem is not null) return problem;
                await types.Change(tx, name, after!.SchemaText, contract);
                tx.Signal(StoredWidgets.Signal);
                return ListTypes.ViewOf(after with { IsBuiltIn = before.IsBuiltIn }, users);
            }, ct);
    }

    public async Task<Problem?> Delete(string type, CancellationToken ct)
    {
        if (TypeName.Parse(type) is not { } name) return Unknown;
        var (_, problem) = await database.Write<Outcome<bool>>(
            async tx =>
            {
                var all = await types.All(tx);
                if (all.Find(one => one.Name == name) is not { } known) return Unknown;
                if (known.IsBuiltIn) return BuiltIn;
                var isFallback = all.Exists(one => FallsBackTo(one, name));
                if (isFallback || (await WidgetTypes.Users(tx, name, 1)).Count > 0) return InUse;
                await WidgetTypes.Remove(tx, name);
                tx.Signal(StoredWidgets.Signal);
                return true;
            }, ct);
        return problem;
    }

    private static bool FallsBackTo(WidgetType type, TypeName name) =>
        type.Contract.Fallback?.Type is { } next && TypeName.Parse(next) == name;

    /// <summary>Types for which it can no longer stand in, though it could before.</summary>
    private static Problem? Spoiled(WidgetType after, IReadOnlyList<WidgetType> relying, IReadOnlyList<WidgetType> all)
    {
        List<WidgetType> changed = [.. all.Where(one => one.Name != after.Name), after];
        foreach (var one in relying.Where(one => one.Name != after.Name && FallbackProblem(one, all) is null))
        {
            if (FallbackProblem(one, changed) is { } problem)
                return InUse.Because($"It could no longer stand in for {one.Name}. {problem.Detail}");
        }

        return null;
    }

    private static Problem? MayReplace(WidgetType before, JsonElement schema, bool isUsed)
    {
        if (before.IsBuiltIn) return BuiltIn;
        var reason = isUsed ? SchemaChange.WhyNot(JsonElement.Parse(before.SchemaText), schema) : null;
        return reason is null ? null : InUse.Because($"{reason}. Only texts for people and members that may be left out can be added.");
    }

    private static Outcome<WidgetType> Checked(TypeName name, string schemaText, TypeContract contract, IReadOnlyList<WidgetType> others)
    {
        JsonSchema schema;
        try
        {
            if (schemaText.Length > SchemaBytesMax) return SchemaInvalid.Because($"It is larger than {SchemaBytesMax} bytes.");
            if (schemaText.Length > 0 && WidgetContent.Written(JsonElement.Parse(schemaText)) is null)
                return SchemaInvalid.Because("It has text that is not valid Unicode.");
            schema = JsonSchema.Parse(schemaText);
        }
        catch (FormatException exception)
        {
            return SchemaInvalid.Because(exception.Message);
        }

        var type = new WidgetType(name, schema, schemaText, contract, false);
        for (var i = 0; i < contract.Examples.Count; i++)
        {
            if (WidgetContent.Read(contract.Examples[i], type).Problem is { } broken)
                return ExampleInvalid.Because($"Example {i + 1}.").With("reasons", broken.Extensions["reasons"]);
        }

        var limits = contract.Limits;
        if (limits.TtlSecondsMin > limits.TtlSecondsMax) return LimitsInvalid.Because("`ttlSecondsMin` is more than `ttlSecondsMax`.");
        return FallbackProblem(type, others) is { } problem ? problem : type;
    }

    private static Problem? FallbackProblem(WidgetType type, IReadOnlyList<WidgetType> others)
    {
        if (type.Contract.Fallback is not { } fallback) return null;
        var byName = others.Where(one => one.Name != type.Name).Append(type).ToDictionary(one => one.Name);
        if (TypeName.Parse(fallback.Type!) is not { } next || !byName.TryGetValue(next, out var target))
            return FallbackInvalid.Because($"There is no type {fallback.Type}.");
        var names = TypeForms.Names(type.Name, fallback, byName);
        if (names.Distinct().Count() < names.Count) return FallbackInvalid.Because($"It leads in a circle: {string.Join(" -> ", names)}.");
        if (names.Count > TypeForms.StepsMax) return FallbackInvalid.Because($"A chain has at most {TypeForms.StepsMax} types.");
        try
        {
            var mapping = fallback.Mapping is { } template ? ContentMapping.Parse(template) : null;
            foreach (var example in type.Contract.Examples)
            {
                // What does not even hold for an example would hold for nobody.
                var (_, problem) = WidgetContent.Read(mapping?.Apply(example) ?? example, target);
                if (problem is not null)
                    return FallbackInvalid.Because("An example does not fit it.").With("reasons", problem.Extensions["reasons"]);
            }
        }
        catch (FormatException exception)
        {
            return FallbackInvalid.Because(exception.Message);
        }

        return null;
    }
}
