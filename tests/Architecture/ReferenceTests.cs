using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Kontor.Foundation;
using Microsoft.AspNetCore.Components;
using Shouldly;
using Xunit;

namespace Kontor.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public partial class ReferenceTests
{
    [Fact]
    public void A_project_references_only_what_stands_below_it()
    {
        foreach (var project in Sources.Files("src", ".csproj"))
        {
            var name = project.Split('/')[1];
            var references = XDocument.Parse(Sources.Text(project)).Descendants("ProjectReference")
                .Select(reference => reference.Attribute("Include")!.Value.Split('/')[1]).Order().ToList();
            if (name == "Kontor") continue;
            references.ShouldBeSubsetOf(Allowed(name), $"{project} references more than it may.");
        }
    }

    [Fact]
    public void No_two_projects_give_a_browser_cookies_of_one_name()
    {
        // Modules cannot see each other, so a second one with the name of the first would take its cookie away.
        var owners =
            from file in Sources.Files("src", ".cs")
            from Match cookie in CookiePattern().Matches(Sources.Text(file))
            group file.Split('/')[1] by cookie.Value;
        var found = owners.ToDictionary(one => one.Key, one => one.Distinct().ToList());
        found.Count.ShouldBeGreaterThan(3);
        found.Where(one => one.Value.Count > 1).Select(one => $"{one.Key}: {string.Join(", ", one.Value)}").ShouldBeEmpty();
    }

    [Fact]
    public void The_assemblies_that_were_built_keep_to_it_too()
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "Kontor.*.dll"))
        {
            var name = Path.GetFileNameWithoutExtension(file)["Kontor.".Length..];
            if (name.EndsWith("Tests", StringComparison.Ordinal) || name == "Testing") continue;
            var references = Assembly.LoadFrom(file).GetReferencedAssemblies()
                .Where(reference => reference.Name!.StartsWith("Kontor", StringComparison.Ordinal))
                .Select(reference => reference.Name!["Kontor.".Length..]);
            references.ShouldBeSubsetOf(Allowed(name), $"{file} references more than it may.");
        }
    }

    [Fact]
    public void A_module_reads_no_other_modules_tables()
    {
        foreach (var module in Sources.Modules)
        {
            var others = Sources.Modules.Where(other => other != module).Select(other => other.ToLowerInvariant());
            var table = new Regex($@"\b(FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES)\s+({string.Join('|', others)})_[a-z]+");
            foreach (var file in Sources.Files($"src/{module}", ".cs", ".sql"))
                table.Match(Sources.Text(file)).Value.ShouldBeEmpty($"{file} knows another module's table.");
        }
    }

    [Fact]
    public void A_module_owns_tables_of_its_own_name_only()
    {
        foreach (var module in Sources.Modules)
        {
            foreach (var file in Sources.Files($"src/{module}", ".sql"))
            {
                foreach (Match created in CreatedTable().Matches(Sources.Text(file)))
                    created.Groups[1].Value.ShouldStartWith($"{module.ToLowerInvariant()}_", customMessage: file);
            }
        }
    }

    [Fact]
    public void A_module_shows_its_module_class_its_use_cases_with_their_data_and_its_components_and_nothing_else()
    {
        foreach (var module in Sources.Modules)
        {
            var surplus = Assembly.Load($"Kontor.{module}").GetExportedTypes().Where(type =>
                !typeof(IModule).IsAssignableFrom(type)
                && !typeof(IComponent).IsAssignableFrom(type)
                && type.Name != "_Imports"
                && !IsUseCase(type.DeclaringType ?? type)
                && !IsData(type));
            surplus.Select(type => type.FullName).ShouldBeEmpty($"{module} shows more than it should.");
        }
    }

    [Fact]
    public void Every_module_has_one_module_class()
    {
        foreach (var module in Sources.Modules)
        {
            Assembly.Load($"Kontor.{module}").GetExportedTypes().Where(typeof(IModule).IsAssignableFrom)
                .ShouldHaveSingleItem().Name.ShouldBe($"{module}Module");
        }
    }

    [Fact]
    public void Foundation_stays_small_and_knows_no_domain()
    {
        var files = Sources.Files("src/Foundation", ".cs").ToList();
        files.Count.ShouldBeLessThanOrEqualTo(60);
        foreach (var file in files)
        {
            Route().IsMatch(Sources.Text(file)).ShouldBeFalse($"{file} maps a route.");
            foreach (var module in Sources.Modules)
                Sources.Text(file).ShouldNotContain($"Kontor.{module}", customMessage: $"{file} knows {module}.");
        }
    }

    [Fact]
    public void The_platform_names_no_product()
    {
        foreach (var platform in new[] { "Accounts", "Mail", "Home", "Sync", "Ui", "Foundation" })
        {
            foreach (var file in Sources.Files($"src/{platform}", ".cs", ".razor", ".sql"))
                ProductName().Match(Sources.Text(file)).Value.ShouldBeEmpty($"{file} names a product.");
        }
    }

    private static string[] Allowed(string project) => project switch
    {
        "Foundation" => [],
        "Ui" => ["Foundation"],
        _ when project.StartsWith("Data.", StringComparison.Ordinal) => ["Foundation"],
        _ => ["Foundation", "Ui"],
    };

    private static bool IsUseCase(Type type) => type is { IsAbstract: true, IsSealed: true };

    /// <summary>What several use cases answer, an order for instance, is a record of its own.</summary>
    private static bool IsData(Type type) => type.IsEnum || type.GetMethod("<Clone>$") is not null;

    [GeneratedRegex(@"CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)")]
    private static partial Regex CreatedTable();

    [GeneratedRegex(@"\.Map(Get|Post|Put|Patch|Delete)\(")]
    private static partial Regex Route();

    // Words in strings and identifiers; a comment may say "such as the shop's".
    [GeneratedRegex(@"""(shop|planner)[./-]|\b(shop|planner)_[a-z]")]
    private static partial Regex ProductName();

    [GeneratedRegex("\"kontor_[a-z_]+\"")]
    private static partial Regex CookiePattern();
}
