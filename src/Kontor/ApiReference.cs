using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Kontor;

/// <summary>The API's description at `/openapi/v1.json`, and a page to try it at `/docs`.</summary>
internal static class ApiReference
{
    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        // Use cases nest their `Request`: the schema is called after both, or all of them would become one.
        options.CreateSchemaReferenceId = type => type.Type is { DeclaringType: { } useCase, Name: "Request" or "Response" } nested
            ? useCase.Name + nested.Name
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        // Text is read by a converter of ours, behind which the generator cannot see what it reads.
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo is { ElementType: { } element, Kind: var kind } && element == typeof(string))
            {
                var text = new OpenApiSchema { Type = JsonSchemaType.String };
                if (kind == JsonTypeInfoKind.Dictionary) schema.AdditionalProperties ??= text;
                else schema.Items ??= text;
            }

            if (context.JsonTypeInfo.Type != typeof(string)) return Task.CompletedTask;
            var nullable = context.JsonPropertyInfo is { IsGetNullable: true };
            schema.Type = nullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
            return Task.CompletedTask;
        });
        options.AddOperationTransformer<ApiOperations>();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Kontor", Version = "v1", Description = "Accounts, home feed, sync and shop." };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            };
            return Task.CompletedTask;
        });
    });

    public static void Map(WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        // Only there: it looks at every path that it is given, and has no business with the others.
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/docs"), docs => docs.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "docs";
            options.SwaggerEndpoint("/openapi/v1.json", "Kontor");
            options.DocumentTitle = "Kontor API";
        }));
    }
}
