using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Kontor.Home.Sources;

namespace Kontor.Home.Widgets.Types;

/// <summary>One of the types as which content of a type can be shown: its own, or one further down its chain of fallbacks.</summary>
internal sealed class TypeForm
{
    // Content lives as long as somebody shows it, and what was made of it no longer.
    private readonly ConditionalWeakTable<Snapshot, Snapshot> _made = [];
    private readonly TypeForm? _before;
    private readonly ContentMapping? _mapping;
    private readonly WidgetType? _type;

    public TypeForm(TypeName name) => Name = name;

    public TypeForm(TypeForm before, ContentMapping? mapping, WidgetType type) =>
        (_before, _mapping, _type, Name) = (before, mapping, type, type.Name);

    public TypeName Name { get; }

    /// <summary>The content as this type; without content where it does not fit.</summary>
    public Snapshot Of(Snapshot content)
    {
        if (_before is null || content.Content is null) return content;
        return _made.GetValue(content, Make);
    }

    /// <summary>Why it does not fit; null when it does.</summary>
    public string? WhyNot(Snapshot content)
    {
        if (_before is null || content.Content is null) return null;
        if (_before.WhyNot(content) is { } earlier) return earlier;
        var reasons = _type!.Schema.Validate(Mapped(_before.Of(content)));
        return reasons.Count == 0 ? null : $"{Name}: {reasons[0].Pointer} {reasons[0].Reason}";
    }

    private Snapshot Make(Snapshot content)
    {
        var before = _before!.Of(content);
        if (before.Content is null) return Snapshot.Of(null, content.AsOf);
        var (json, problem) = WidgetContent.Read(Mapped(before), _type!);
        return Snapshot.Of(problem is null ? json : null, content.AsOf);
    }

    private JsonElement Mapped(Snapshot before)
    {
        var content = JsonElement.Parse(before.Content!);
        return _mapping?.Apply(content) ?? content;
    }
}

/// <summary>The chain of each type: `product-grid@3 -> product-grid@2 -> card-list -> nothing`.</summary>
internal sealed class TypeForms
{
    /// <summary>Longer chains are cut; a circle is one that never ends.</summary>
    public const int StepsMax = 5;

    private readonly FrozenDictionary<TypeName, IReadOnlyList<TypeForm>> _chains;

    public TypeForms(IReadOnlyList<WidgetType> types)
    {
        var byName = types.ToDictionary(type => type.Name);
        _chains = types.ToFrozenDictionary(type => type.Name, type => Chain(type, byName));
    }

    /// <summary>Itself first.</summary>
    public IReadOnlyList<TypeForm> Of(TypeName type) => _chains.TryGetValue(type, out var chain) ? chain : [new TypeForm(type)];

    /// <summary>The names of a type's chain, itself first, as far as it would go if the fallback were this.</summary>
    public static IReadOnlyList<TypeName> Names(TypeName type, TypeFallback? fallback, IReadOnlyDictionary<TypeName, WidgetType> types)
    {
        var names = new List<TypeName> { type };
        while (fallback?.Type is { } next && TypeName.Parse(next) is { } name && names.Count <= StepsMax)
        {
            names.Add(name);
            fallback = types.GetValueOrDefault(name)?.Contract.Fallback;
        }

        return names;
    }

    private static IReadOnlyList<TypeForm> Chain(WidgetType type, Dictionary<TypeName, WidgetType> types)
    {
        var chain = new List<TypeForm> { new(type.Name) };
        while (type.Contract.Fallback is { Type: { } next } fallback && chain.Count <= StepsMax
            && TypeName.Parse(next) is { } name && types.TryGetValue(name, out var known) && chain.TrueForAll(form => form.Name != name))
        {
            chain.Add(new(chain[^1], fallback.Mapping is { } mapping ? ContentMapping.Parse(mapping) : null, known));
            type = known;
        }

        return chain;
    }
}
