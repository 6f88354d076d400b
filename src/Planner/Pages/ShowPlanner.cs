using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Planner;

/// <summary>A person looks at their projects and tasks.</summary>
public static class ShowPlanner
{
    private const string Address = "/planner";

    /// <summary>What is looked at. The page's forms carry it in their address, so that they lead back to it.</summary>
    public sealed record Query
    {
        /// <summary>The next part of all projects.</summary>
        public string? Cursor { get; init; }

        /// <summary>One project alone, with more of its tasks; empty for the tasks that have none.</summary>
        public string? Project { get; init; }

        public string Url => Under("");

        /// <summary>The address of what is below the page, for instance of a form: `/tasks/42/done`.</summary>
        public string Under(string path)
        {
            var query = new QueryBuilder();
            if (Cursor is not null) query.Add("cursor", Cursor);
            if (Project is not null) query.Add("project", Project);
            return Address + path + query;
        }

        /// <summary>Back to the page, where this project stands.</summary>
        public string At(string projectId) => $"{Url}#{Uri.EscapeDataString(Anchor(projectId))}";

        public static string Anchor(string projectId) => $"project-{projectId}";
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("", Handle);

    private static Task<Results<RazorComponentResult, ProblemHttpResult>> Handle(
        [AsParameters] Query query, CurrentUser user, PlannerView view, CancellationToken ct) => view.Show(user, query, ct);
}
