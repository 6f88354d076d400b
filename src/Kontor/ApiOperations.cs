using System.Reflection;
using System.Xml.Linq;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Kontor;

/// <summary>
/// What every operation's description has: the summary of its use case, from the documentation that the compiler wrote beside the
/// assembly; the refusals, which look the same everywhere; and the header that makes repeating it safe, where it is honoured.
/// </summary>
internal sealed class ApiOperations : IOpenApiOperationTransformer
{
    private readonly Dictionary<Assembly, Dictionary<string, string>> _summaries = [];

    public Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Summary ??= metadata.OfType<MethodInfo>().FirstOrDefault()?.DeclaringType is { } useCase ? SummaryOf(useCase) : null;
        operation.Responses ??= [];
        operation.Responses.TryAdd("4XX", new OpenApiResponse
        {
            Description = "Refused, and nothing changed; `code` says why.",
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = ProblemSchema() } },
        });
        if (metadata.OfType<IdempotentMetadata>().Any()) (operation.Parameters ??= []).Add(IdempotencyKey());
        return Task.CompletedTask;
    }

    private static OpenApiParameter IdempotencyKey() => new()
    {
        Name = IdempotentEndpoints.Header,
        In = ParameterLocation.Header,
        Description = "1 to 255 visible ASCII characters. The same key with the same body gives the same answer for 24 hours.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
    };

    private static OpenApiSchema ProblemSchema()
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        return new()
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = text,
                ["title"] = text,
                ["detail"] = text,
                ["code"] = text,
                ["traceId"] = text,
                ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
                ["errors"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = text },
                },
            },
            Required = new HashSet<string> { "type", "title", "status", "code", "traceId" },
        };
    }

    private string? SummaryOf(Type useCase)
    {
        if (!_summaries.TryGetValue(useCase.Assembly, out var summaries)) _summaries[useCase.Assembly] = summaries = Read(useCase.Assembly);
        return summaries.GetValueOrDefault($"T:{useCase.FullName}");
    }

    private static Dictionary<string, string> Read(Assembly assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (!File.Exists(file)) return [];
        return XDocument.Load(file).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => OneLine(member.Element("summary")!.Value));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
